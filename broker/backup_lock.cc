#include "broker/backup_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "program/file.h"

namespace besa::broker {
namespace {

constexpr int kTries = 200;
constexpr std::chrono::milliseconds kPause{50};

base::Descriptor open_file(const std::string& path) {
  return base::Descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
}

}  // namespace

base::Result<BackupLock> BackupLock::take(const std::string& path) {
  BackupLock lock(open_file(path));
  if (!lock.file_) return tl::unexpected(program::file_error(errno, "open", path));
  for (int i = 0; ::flock(lock.file_.number(), LOCK_EX | LOCK_NB) != 0; ++i) {
    if (errno != EWOULDBLOCK) return tl::unexpected(program::file_error(errno, "lock", path));
    if (i == kTries) return base::fail(base::ErrorKind::busy, "another backup of this broker runs: wait for its end");
    std::this_thread::sleep_for(kPause);
  }
  return lock;
}

std::optional<BackupLock> BackupLock::share(const std::string& path) {
  BackupLock lock(open_file(path));
  if (!lock.file_ || ::flock(lock.file_.number(), LOCK_SH | LOCK_NB) != 0) return std::nullopt;
  return lock;
}

}  // namespace besa::broker
