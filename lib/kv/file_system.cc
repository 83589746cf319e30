#include "kv/file_system.h"

#include <sys/vfs.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>

namespace besa::kv {
namespace {

using base::ErrorKind;

struct Unfit {
  std::uint64_t type;
  std::string_view name;
  std::string_view why;
};

constexpr std::string_view kKeeps = "it keeps overwritten blocks, so that purged ciphertext would stay on the disk";
constexpr std::string_view kShared = "the store is not safe on a shared or layered file system";

// Numbers: statfs(2) and linux/magic.h; zfs and bcachefs from their own sources.
constexpr std::array kUnfit = {
    Unfit{0x9123683E, "btrfs", kKeeps}, Unfit{0x2FC12FC1, "zfs", kKeeps},   Unfit{0xCA451A4E, "bcachefs", kKeeps},
    Unfit{0xF2F52010, "f2fs", kKeeps},  Unfit{0x3434, "nilfs", kKeeps},     Unfit{0x794C7630, "overlay", kShared},
    Unfit{0x6969, "nfs", kShared},      Unfit{0xFF534D42, "cifs", kShared}, Unfit{0xFE534D42, "smb2", kShared},
    Unfit{0x517B, "smb", kShared},      Unfit{0x01021997, "9p", kShared},
};

}  // namespace

base::Status file_system_type_fit(std::uint64_t type) {
  for (const Unfit& unfit : kUnfit) {
    if (unfit.type != type) continue;
    return base::fail(ErrorKind::configuration, "the folder lies on " + std::string(unfit.name) + ": " +
                                                    std::string(unfit.why) + "; choose a folder on ext4 or xfs");
  }
  return {};
}

base::Status file_system_fit(const std::filesystem::path& path) {
  std::error_code failed;
  std::filesystem::path existing = std::filesystem::absolute(path, failed);
  while (!failed && !std::filesystem::exists(existing, failed) && existing != existing.parent_path()) {
    existing = existing.parent_path();
  }
  struct statfs about{};
  if (::statfs(existing.c_str(), &about) != 0) {
    return base::fail(ErrorKind::io, std::string("cannot ask for the file system of the folder: ") + strerror(errno));
  }
  // f_type is signed and may be 32 bits wide on some machines.
  return file_system_type_fit(static_cast<std::uint32_t>(about.f_type));
}

}  // namespace besa::kv
