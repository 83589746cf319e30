// One entry of an export in words. Pseudonymous ids and codes only: that is all an auditor ever sees.
#pragma once

#include <string>

#include "agents/auditor/audit.h"
#include "program/json_fwd.h"

namespace besa::auditor {

struct Shown {
  program::Json* json = nullptr;  // filled when given
  std::string text;               // lines for people
};

// Only what the signed root and the entry bind is shown. Errors: not_found (no such entry, no export), bad_signature
// (an entry or what lies beside it was changed), damaged (a file of the export is missing or cut), io.
[[nodiscard]] base::Status show(const std::string& folder, const Anchor& anchor, base::Sequence sequence, Shown& out);

}  // namespace besa::auditor
