// Invites, join requests and approvals: a decoded one, written and read again, is the same value.
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/check.h"
#include "wire/ceremony.h"

namespace {

namespace wire = besa::wire;

template <class Decode, class Encode>
void both_ways(std::string_view text, Decode decode, Encode encode) {
  const auto read = decode(text);
  if (!read) return;
  BESA_CHECK(encode(*read) == text || decode(encode(*read)).value() == *read);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const besa::base::ByteView input(data, size);
  const std::string_view text = besa::base::as_text(input);
  both_ways(text, wire::decode_invite, wire::encode_invite);
  both_ways(text, wire::decode_join_request, wire::encode_join_request);
  both_ways(text, wire::decode_approval, wire::encode_approval);
  const auto terms = wire::decode_terms(input);
  if (terms) BESA_CHECK(wire::decode_terms(wire::encode_terms(*terms)).value() == *terms);
  return 0;
}
