// Statements as a stranger would send them. The first byte picks the type, the rest is the body. Whatever is accepted
// keeps its exact bytes, its id is that of those bytes, and it respects the limits.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "base/limits.h"
#include "wire/statement.h"

namespace {

namespace limits = besa::base::limits;
using besa::base::ByteView;
using besa::core::StatementType;

void check_parsed(const besa::core::ParsedStatement& statement, ByteView body) {
  BESA_CHECK(besa::base::equal(statement.body_bytes, body));
  BESA_CHECK(statement.id == besa::core::statement_id(statement.type, body));
  BESA_CHECK(body.size() <= limits::kBodyBytes);
  BESA_CHECK(statement.envelope_rows.size() <= limits::kEnvelopeRows);
  BESA_CHECK(statement.consent_rows.size() <= limits::kConsentRows);
}

void fuzz(StatementType type, ByteView body) {
  const std::string name = besa::core::media_type(type);
  if (const auto shown = besa::wire::parse_shown(name, body, {})) check_parsed(*shown, body);
  if (const auto whole = besa::wire::parse_statement(name, body, {}, {}, {})) check_parsed(*whole, body);
}

void fuzz_parts(ByteView input) {
  static_cast<void>(besa::wire::parse_consent_row(input));
  static_cast<void>(besa::wire::parse_envelope_row(input));
  static_cast<void>(besa::wire::parse_context(input));
  if (const auto list = besa::wire::parse_section_list(input)) {
    BESA_CHECK(list->sections.size() <= limits::kSections);
    BESA_CHECK(list->sections.empty() || list->listed.empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView input(data, size);
  const auto last = static_cast<std::uint8_t>(StatementType::clock_confirmed);
  fuzz(static_cast<StatementType>(1 + input[0] % last), input.subspan(1));
  fuzz_parts(input.subspan(1));
  return 0;
}
