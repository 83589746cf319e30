#include "journal/backup_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "journal/file.h"

namespace besa::journal {
namespace {

constexpr int kTries = 200;
constexpr std::chrono::milliseconds kPause{50};

base::Result<base::Descriptor> open_file(const std::filesystem::path& folder) {
  const std::string path = folder / "backup.lock";
  base::Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return system_failure("cannot open " + path);
  return file;
}

// False: somebody else holds it.
base::Result<bool> lock(const base::Descriptor& file, int how) {
  while (::flock(file.number(), how | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return false;
    if (errno != EINTR) return system_failure("cannot lock against backups");
  }
  return true;
}

}  // namespace

base::Result<BackupLock> BackupLock::take(const std::filesystem::path& folder) {
  BESA_ASSIGN(base::Descriptor file, open_file(folder));
  for (int i = 0; i < kTries; ++i) {
    BESA_ASSIGN(const bool ours, lock(file, LOCK_EX));
    if (ours) return BackupLock(std::move(file));
    std::this_thread::sleep_for(kPause);
  }
  return base::fail(base::ErrorKind::busy, "another backup of this broker runs: wait for its end");
}

base::Result<std::optional<BackupLock>> BackupLock::share(const std::filesystem::path& folder) {
  BESA_ASSIGN(base::Descriptor file, open_file(folder));
  BESA_ASSIGN(const bool ours, lock(file, LOCK_SH));
  if (!ours) return std::nullopt;
  return BackupLock(std::move(file));
}

}  // namespace besa::journal
