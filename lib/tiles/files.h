// Inside of lib/tiles: whole files in and out. Not for other layers.
#pragma once

#include <filesystem>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace besa::tiles {

// A regular file of at most `max_bytes`. `name` stands for it in errors: not_found, malformed (larger, or no regular
// file), io.
[[nodiscard]] base::Result<base::Bytes> read_whole(const std::filesystem::path& path, const std::string& name,
                                                   std::size_t max_bytes);

// Makes a new file (mode 0600) and the folders above it (mode 0700). Errors: already_exists, full, io.
[[nodiscard]] base::Status write_new(const std::filesystem::path& path, base::ByteView bytes);

// Makes an empty folder, or takes one that is empty. Errors: already_exists, io.
[[nodiscard]] base::Status make_empty(const std::filesystem::path& folder);

// Everything below `folder` is on the disk when it returns.
[[nodiscard]] base::Status flush_all(const std::filesystem::path& folder);

}  // namespace besa::tiles
