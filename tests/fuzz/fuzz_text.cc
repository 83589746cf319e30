// What people write: JSON, TOML, times, a person's code. JSON that is accepted is written and read again to the same
// value, a code in both its writings.
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/check.h"
#include "envelope/person_code.h"
#include "program/json.h"
#include "program/time_text.h"
#include "program/toml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = besa::base::as_text({data, size});
  if (const auto json = besa::program::parse_json(text)) {
    const auto again = besa::program::parse_json(besa::program::to_line(*json));
    BESA_CHECK(again && *again == *json);
  }
  static_cast<void>(besa::program::TomlFile::parse(text, "input"));
  static_cast<void>(besa::program::parse_time(text));
  static_cast<void>(besa::program::parse_duration(text));
  if (const auto code = besa::envelope::PersonCode::parse(text)) {
    const auto again = besa::envelope::PersonCode::parse(besa::base::as_text(code->words().view()));
    BESA_CHECK(again && besa::base::equal(again->digits().view(), code->digits().view()));
  }
  return 0;
}
