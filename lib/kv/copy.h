// A copy of a store that another process may have open: a reader among others, on the state as of its beginning.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace besa::kv {

// Copies the store in `folder` to `target`, an existing empty folder, without the pages that nothing uses any more. On
// the disk when it returns (mode 0600). While it runs the store cannot use freed pages again.
// Errors: not_found (no store there), damaged, full, io.
[[nodiscard]] base::Status copy_store(const std::filesystem::path& folder, const std::filesystem::path& target);

}  // namespace besa::kv
