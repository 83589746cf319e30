// Folders that a store lies in.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace besa::kv {

// Makes the folder (mode 0700) if it is not there, and its name durable.
// Errors: configuration (not a folder, or others may read or write it), full, io.
[[nodiscard]] base::Status make_private_folder(const std::filesystem::path& folder);

// The names in it are on the disk when it returns. Errors: io.
[[nodiscard]] base::Status flush_folder(const std::filesystem::path& folder);

}  // namespace besa::kv
