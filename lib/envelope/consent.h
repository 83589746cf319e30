// Making a consent: its rows salted, shuffled and padded, its body with their root.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "core/bodies.h"
#include "envelope/random.h"

namespace besa::envelope {

struct ConsentParts {
  base::StatementId id;
  base::Bytes body;
  std::vector<base::Bytes> rows;  // 16, 32 or 64, in the order of the root
};

// Rows are shuffled and filled with empty ones up to 16, 32 or 64, so that a path tells nothing. The header's salt and
// rows_root are filled in. Errors: full (over 64 rows). Cost: one hash a row.
[[nodiscard]] base::Result<ConsentParts> build_consent(core::Consent consent, const std::vector<core::ConsentRow>& rows,
                                                       const RandomSource& random);

}  // namespace besa::envelope
