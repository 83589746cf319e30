// Which file systems may hold a broker's folder.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"

namespace besa::kv {

// Refuses a file system that keeps overwritten blocks (purged ciphertext would stay on the disk) or on which LMDB is
// not safe (shared or layered ones): btrfs, zfs, bcachefs, f2fs, nilfs, overlay, NFS, SMB, 9p. tmpfs and ext4, xfs fit.
// `path` may not exist yet: its nearest existing parent is looked at.
// Errors: configuration, naming the file system; io.
[[nodiscard]] base::Status file_system_fit(const std::filesystem::path& path);

// The same decision for the type number that statfs(2) gives. Pure.
[[nodiscard]] base::Status file_system_type_fit(std::uint64_t type);

}  // namespace besa::kv
