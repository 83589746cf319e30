// Entries, signature blocks and what lies beside an entry: whatever is accepted is written back byte for byte, so that
// no two byte strings mean the same leaf.
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/check.h"
#include "core/entry.h"

namespace {

using besa::base::ByteView;

void fuzz(ByteView input) {
  if (const auto entry = besa::core::decode_entry(input)) {
    BESA_CHECK(besa::base::equal(besa::core::encode_entry(*entry), input));
  }
  if (const auto beside = besa::core::decode_beside(input)) {
    BESA_CHECK(besa::base::equal(besa::core::encode_beside(*beside), input));
  }
  if (const auto blocks = besa::core::decode_blocks(input)) {
    BESA_CHECK(besa::base::equal(besa::core::encode_blocks(*blocks), input));
  }
  if (const auto type = besa::core::parse_media_type(besa::base::as_text(input))) {
    BESA_CHECK(besa::core::media_type(*type) == besa::base::as_text(input));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz({data, size});
  return 0;
}
