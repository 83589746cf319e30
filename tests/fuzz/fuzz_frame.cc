// Requests and replies: a decoded one, written and read again, is the same value.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "base/limits.h"
#include "wire/messages.h"
#include "wire/statement_file.h"

namespace {

using besa::base::ByteView;

void fuzz_request(ByteView input) {
  const auto request = besa::wire::decode_request(input);
  if (!request) return;
  const auto frame = besa::wire::encode_request(*request);
  BESA_CHECK(frame.has_value());
  const auto again = besa::wire::decode_request(*frame);
  BESA_CHECK(again && *again == *request);
}

void fuzz_reply(ByteView input) {
  const auto reply = besa::wire::decode_reply(input);
  if (!reply) return;
  const auto frame = besa::wire::encode_reply(*reply);
  BESA_CHECK(frame.has_value());
  const auto again = besa::wire::decode_reply(*frame);
  BESA_CHECK(again && *again == *reply);
}

void fuzz_file(ByteView input) {
  const auto parts = besa::wire::decode_statement_file(besa::base::as_text(input));
  if (!parts) return;
  const auto text = besa::wire::encode_statement_file(*parts);
  BESA_CHECK(text.has_value());
  const auto again = besa::wire::decode_statement_file(*text);
  BESA_CHECK(again && *again == *parts);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  fuzz_request(input);
  fuzz_reply(input);
  fuzz_file(input);
  return 0;
}
