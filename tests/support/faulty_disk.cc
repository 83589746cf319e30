#include "tests/support/faulty_disk.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <map>
#include <mutex>
#include <optional>

#include "base/check.h"

namespace besa::support {
namespace {

enum class Call { write, flush };
enum class Fate { goes, fails, halved };

struct Disk {
  std::string below;
  std::map<std::string, DiskCalls> calls;
  bool armed = false;
  bool failed = false;
  bool for_good = false;
  std::size_t skip = 0;
  int error = 0;
  std::string only;
};

std::mutex& mutex() {
  static std::mutex one;
  return one;
}

std::optional<Disk>& disk() {
  static std::optional<Disk> one;
  return one;
}

std::string path_of(int file) {
  std::array<char, 4096> path{};
  const ssize_t size = ::readlink(("/proc/self/fd/" + std::to_string(file)).c_str(), path.data(), path.size());
  return size > 0 ? std::string(path.data(), static_cast<std::size_t>(size)) : std::string{};
}

// What becomes of a call; sets errno when it fails.
Fate meet(int file, Call call) {
  const int before = errno;
  const std::scoped_lock lock(mutex());
  if (!disk()) return Fate::goes;
  const std::string path = path_of(file);
  errno = before;
  if (path.rfind(disk()->below, 0) != 0) return Fate::goes;
  DiskCalls& calls = disk()->calls[path];
  if (call == Call::flush) ++calls.flushes;
  if (call == Call::write) ++calls.writes;
  if (call == Call::write && (::fcntl(file, F_GETFL) & O_DSYNC) != 0) ++calls.synchronous_writes;
  if (!disk()->armed || path.find(disk()->only) == std::string::npos) return Fate::goes;
  if (disk()->skip > 0) {
    --disk()->skip;
    return Fate::goes;
  }
  if (disk()->error == 0 && call == Call::flush) return Fate::goes;
  disk()->failed = true;
  disk()->armed = disk()->for_good;
  if (disk()->error == 0) return Fate::halved;
  errno = disk()->error;
  return Fate::fails;
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

ssize_t write_through(int file, const void* bytes, std::size_t size, off_t offset) {
  static auto* const real = next<ssize_t(int, const void*, std::size_t, off_t)>("pwrite64");
  switch (meet(file, Call::write)) {
    case Fate::goes: return real(file, bytes, size, offset);
    case Fate::halved: return real(file, bytes, size / 2, offset);
    case Fate::fails: break;
  }
  return -1;
}

}  // namespace

FaultyDisk::FaultyDisk(const std::filesystem::path& below) {
  const std::scoped_lock lock(mutex());
  BESA_CHECK(!disk());
  disk().emplace();
  disk()->below = std::filesystem::canonical(below).string() + "/";
}

FaultyDisk::~FaultyDisk() {
  const std::scoped_lock lock(mutex());
  disk().reset();
}

void FaultyDisk::fail_after(std::size_t skip, int error, bool for_good, const std::string& only) {
  const std::scoped_lock lock(mutex());
  disk()->armed = true;
  disk()->failed = false;
  disk()->skip = skip;
  disk()->error = error;
  disk()->for_good = for_good;
  disk()->only = only;
}

bool FaultyDisk::has_failed() const {
  const std::scoped_lock lock(mutex());
  return disk()->failed;
}

void FaultyDisk::mend() {
  const std::scoped_lock lock(mutex());
  disk()->armed = false;
}

DiskCalls FaultyDisk::calls(const std::string& path_end) const {
  const std::scoped_lock lock(mutex());
  DiskCalls sum;
  for (const auto& [path, calls] : disk()->calls) {
    if (path.size() < path_end.size() || path.substr(path.size() - path_end.size()) != path_end) continue;
    sum.writes += calls.writes;
    sum.synchronous_writes += calls.synchronous_writes;
    sum.flushes += calls.flushes;
  }
  return sum;
}

}  // namespace besa::support

// The C library's functions, as this program and the libraries that it loads find them.
extern "C" {

ssize_t pwrite(int file, const void* bytes, size_t size, off_t offset) {
  return besa::support::write_through(file, bytes, size, offset);
}

ssize_t pwrite64(int file, const void* bytes, size_t size, off_t offset) {
  return besa::support::write_through(file, bytes, size, offset);
}

ssize_t pwritev(int file, const iovec* pieces, int count, off_t offset) {
  static auto* const real = besa::support::next<ssize_t(int, const iovec*, int, off_t)>("pwritev64");
  const auto fate = besa::support::meet(file, besa::support::Call::write);
  if (fate == besa::support::Fate::fails) return -1;
  return real(file, pieces, fate == besa::support::Fate::halved ? (count + 1) / 2 : count, offset);
}

ssize_t pwritev64(int file, const iovec* pieces, int count, off_t offset) {
  return pwritev(file, pieces, count, offset);
}

ssize_t writev(int file, const iovec* pieces, int count) {
  static auto* const real = besa::support::next<ssize_t(int, const iovec*, int)>("writev");
  const auto fate = besa::support::meet(file, besa::support::Call::write);
  if (fate == besa::support::Fate::fails) return -1;
  return real(file, pieces, fate == besa::support::Fate::halved ? (count + 1) / 2 : count);
}

ssize_t write(int file, const void* bytes, size_t size) {
  static auto* const real = besa::support::next<ssize_t(int, const void*, size_t)>("write");
  const auto fate = besa::support::meet(file, besa::support::Call::write);
  if (fate == besa::support::Fate::fails) return -1;
  return real(file, bytes, fate == besa::support::Fate::halved ? size / 2 : size);
}

int fdatasync(int file) {
  static auto* const real = besa::support::next<int(int)>("fdatasync");
  return besa::support::meet(file, besa::support::Call::flush) == besa::support::Fate::fails ? -1 : real(file);
}

int fsync(int file) {
  static auto* const real = besa::support::next<int(int)>("fsync");
  return besa::support::meet(file, besa::support::Call::flush) == besa::support::Fate::fails ? -1 : real(file);
}

}  // extern "C"
