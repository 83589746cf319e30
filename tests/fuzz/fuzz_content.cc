// The content of sections, which only its recipient sees: bytes and JSON. The first byte picks the category. Whatever
// is accepted can be shown as JSON, and that JSON makes the same content again.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "base/limits.h"
#include "wire/content.h"

namespace {

using besa::base::ByteView;
using besa::core::Category;

void show_and_read(Category category, ByteView content) {
  const auto json = besa::wire::content_to_json(category, content);
  BESA_CHECK(json.has_value());
  const auto again = besa::wire::content_from_json(category, *json);
  if (!again) return;  // JSON may be larger than the input of a desk may be
  const auto twice = besa::wire::content_to_json(category, *again);
  BESA_CHECK(twice && *twice == *json);
}

void fuzz(Category category, ByteView input) {
  if (besa::wire::check_content(category, input)) show_and_read(category, input);
  if (const auto content = besa::wire::content_from_json(category, besa::base::as_text(input))) {
    BESA_CHECK(besa::wire::check_content(category, *content).has_value());
    show_and_read(category, *content);
  }
  static_cast<void>(besa::wire::decode_attachment(category, input));
  static_cast<void>(besa::wire::category_in(input));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto last = static_cast<std::uint16_t>(Category::counts);
  fuzz(static_cast<Category>(1 + data[0] % last), ByteView(data + 1, size - 1));
  return 0;
}
