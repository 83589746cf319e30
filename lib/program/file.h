// Files, whole: read with a bound, written so that after a crash the old or the new content stands there.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace besa::program {

// Errors: not_found, denied, io, malformed (over `most` bytes, or not a regular file).
[[nodiscard]] base::Result<base::Bytes> read_file(const std::string& path, std::size_t most);
[[nodiscard]] base::Result<std::string> read_text_file(const std::string& path, std::size_t most);

// Temporary file beside it, fsync, rename, fsync of the folder. `mode` e.g. 0600. Cost: two flushes.
// Errors: denied, full, io, not_found (no such folder).
[[nodiscard]] base::Status write_file(const std::string& path, base::ByteView content, unsigned mode = 0600);
// The same, but never over an existing file. Errors: already_exists as well.
[[nodiscard]] base::Status write_new_file(const std::string& path, base::ByteView content, unsigned mode = 0600);

// Makes the folder (0700) and missing parents; an existing one is fine. Errors: denied, full, io.
[[nodiscard]] base::Status make_directory(const std::string& path);
[[nodiscard]] base::Status sync_directory(const std::string& path);
bool exists(const std::string& path);
// The path's folder ("." if it has none).
std::string folder_of(const std::string& path);

// What errno means, with the path and what was tried: "cannot open a/b: Permission denied".
base::Error file_error(int error_number, std::string_view tried, const std::string& path);

}  // namespace besa::program
