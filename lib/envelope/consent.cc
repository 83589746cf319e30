#include "envelope/consent.h"

#include "base/limits.h"
#include "core/statement.h"
#include "wire/statement.h"

namespace besa::envelope {
namespace {

constexpr std::size_t kLeastRows = 16;

std::uint64_t draw_number(const RandomSource& random) {
  std::array<std::uint8_t, 8> bytes{};
  random(bytes);
  return base::ByteReader(bytes).u64();
}

// Fisher and Yates. The bias of the remainder is below 2^-57 for so few rows.
void shuffle(std::vector<core::ConsentRow>& rows, const RandomSource& random) {
  for (std::size_t left = rows.size(); left > 1; --left) {
    std::swap(rows[left - 1], rows[static_cast<std::size_t>(draw_number(random) % left)]);
  }
}

}  // namespace

base::Result<ConsentParts> build_consent(core::Consent consent, const std::vector<core::ConsentRow>& rows,
                                         const RandomSource& random) {
  if (rows.size() > base::limits::kConsentRows) {
    return base::fail(base::ErrorKind::full, "a consent has at most 64 rows: name sectors instead of members");
  }
  std::size_t padded = kLeastRows;
  while (padded < rows.size()) padded *= 2;
  std::vector<core::ConsentRow> all = rows;
  all.resize(padded);
  shuffle(all, random);
  ConsentParts out;
  for (const core::ConsentRow& row : all) out.rows.push_back(wire::encode_consent_row(row, draw<base::Salt>(random)));
  consent.header.salt = draw<base::Salt>(random);
  consent.rows_root = wire::rows_root(out.rows);
  out.body = wire::encode_consent(consent);
  out.id = core::statement_id(core::StatementType::consent, out.body);
  return out;
}

}  // namespace besa::envelope
