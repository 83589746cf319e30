// A backup and the overwriting of purged ciphertext take turns: while files are copied none of them is overwritten or
// removed. A lock on a file of the state folder, freed when its process ends.
#pragma once

#include <optional>
#include <string>

#include "base/descriptor.h"
#include "base/result.h"

namespace besa::broker {

class BackupLock {
 public:
  // For the backup; waits up to ten seconds. Errors: busy (another backup runs), io.
  [[nodiscard]] static base::Result<BackupLock> take(const std::string& path);
  // For whoever overwrites: nothing while a backup runs. Does not wait.
  static std::optional<BackupLock> share(const std::string& path);

 private:
  explicit BackupLock(base::Descriptor file) : file_(std::move(file)) {}
  base::Descriptor file_;
};

}  // namespace besa::broker
