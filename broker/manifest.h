// What a backup holds: its files with size and SHA-256, as `backup.json` beside them.
//
//   backup.json
//   journal/db/data.mdb             the log, its tree and the view, as of one moment
//   journal/segments/NUMBER         from a later moment: batches behind that of the database, and ciphertext
//   rollback-seen                   if a client has shown a later state of the log
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace besa::broker {

struct BackupFile {
  std::string path;  // below the backup's folder
  std::uint64_t size = 0;
  base::Digest digest;
};

struct Manifest {
  base::Timestamp made;
  std::vector<BackupFile> files;
};

// Errors: io, not_found. Reads the whole file.
[[nodiscard]] base::Result<BackupFile> describe(const std::string& folder, const std::string& path);

[[nodiscard]] base::Status write_manifest(const std::string& folder, const Manifest& manifest);
// Names nothing but files of the list above. Errors: not_found (no backup), malformed.
[[nodiscard]] base::Result<Manifest> read_manifest(const std::string& folder);
// Every file is there and is the one that was written. Errors: damaged, which names the file; io.
[[nodiscard]] base::Status check_files(const std::string& folder, const Manifest& manifest);

}  // namespace besa::broker
