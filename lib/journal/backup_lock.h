// A backup and the overwriting of purged ciphertext take turns: while files are copied none of them is overwritten or
// removed. A lock on a file of the journal's folder, freed when its process ends.
#pragma once

#include <filesystem>
#include <optional>

#include "base/descriptor.h"
#include "base/result.h"

namespace besa::journal {

class BackupLock {
 public:
  // For the backup of the journal in this folder; waits up to ten seconds. Errors: busy (another backup runs), io.
  [[nodiscard]] static base::Result<BackupLock> take(const std::filesystem::path& folder);
  // For whoever overwrites: nothing while a backup runs. Does not wait. Errors: full, io.
  [[nodiscard]] static base::Result<std::optional<BackupLock>> share(const std::filesystem::path& folder);

 private:
  explicit BackupLock(base::Descriptor file) : file_(std::move(file)) {}
  base::Descriptor file_;
};

}  // namespace besa::journal
