#include "tests/support/faulty_disk.h"

#include <fcntl.h>

#include <cerrno>

namespace besa::support {

FaultyDisk::FaultyDisk(const std::filesystem::path& below) { watch(below); }

FaultyDisk::~FaultyDisk() { look_away(); }

// What becomes of a call; sets errno when it fails.
DiskFate FaultyDisk::meet(const std::string& path, bool is_flush) {
  if (!armed_ || path.find(only_) == std::string::npos) return DiskFate::goes;
  if (skip_ > 0) {
    --skip_;
    return DiskFate::goes;
  }
  if (error_ == 0 && is_flush) return DiskFate::goes;
  failed_ = true;
  armed_ = for_good_;
  if (error_ == 0) return DiskFate::halved;
  errno = error_;
  return DiskFate::fails;
}

DiskFate FaultyDisk::on_write(int file, const std::string& path) {
  const std::scoped_lock lock(mutex_);
  DiskCalls& calls = calls_[path];
  ++calls.writes;
  if ((::fcntl(file, F_GETFL) & O_DSYNC) != 0) ++calls.synchronous_writes;
  return meet(path, false);
}

DiskFate FaultyDisk::on_flush(int, const std::string& path) {
  const std::scoped_lock lock(mutex_);
  ++calls_[path].flushes;
  return meet(path, true);
}

void FaultyDisk::fail_after(std::size_t skip, int error, bool for_good, const std::string& only) {
  const std::scoped_lock lock(mutex_);
  armed_ = true;
  failed_ = false;
  skip_ = skip;
  error_ = error;
  for_good_ = for_good;
  only_ = only;
}

bool FaultyDisk::has_failed() const {
  const std::scoped_lock lock(mutex_);
  return failed_;
}

void FaultyDisk::mend() {
  const std::scoped_lock lock(mutex_);
  armed_ = false;
}

DiskCalls FaultyDisk::calls(const std::string& path_end) const {
  const std::scoped_lock lock(mutex_);
  DiskCalls sum;
  for (const auto& [path, calls] : calls_) {
    if (path.size() < path_end.size() || path.substr(path.size() - path_end.size()) != path_end) continue;
    sum.writes += calls.writes;
    sum.synchronous_writes += calls.synchronous_writes;
    sum.flushes += calls.flushes;
  }
  return sum;
}

}  // namespace besa::support
