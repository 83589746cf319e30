#include "tests/support/disk_calls.h"

#include <dlfcn.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <mutex>
#include <string>

#include "base/check.h"

namespace besa::support {
namespace {

struct Watched {
  DiskWatcher* by = nullptr;
  std::string below;
};

std::mutex& mutex() {
  static std::mutex one;
  return one;
}

Watched& watched() {
  static Watched one;
  return one;
}

// One call: while it lives nobody else's goes, if its file is watched.
class Call {
 public:
  explicit Call(int file) : file_(file) {
    const int before = errno;
    lock_ = std::unique_lock(mutex());
    if (watched().by != nullptr) find_path();
    if (path_.empty()) lock_.unlock();
    errno = before;
  }
  DiskFate write() const { return path_.empty() ? DiskFate::goes : watched().by->on_write(file_, path_); }
  DiskFate flush() const { return path_.empty() ? DiskFate::goes : watched().by->on_flush(file_, path_); }
  // `done`: what the system answered.
  ssize_t written(off_t offset, const iovec* pieces, int count, ssize_t done) const {
    if (done <= 0 || path_.empty()) return done;
    base::Bytes all;
    for (int i = 0; i < count; ++i) {
      const auto* const first = static_cast<const std::uint8_t*>(pieces[i].iov_base);
      all.insert(all.end(), first, first + pieces[i].iov_len);
    }
    all.resize(static_cast<std::size_t>(done));
    watched().by->written(file_, path_, static_cast<std::uint64_t>(offset), all);
    return done;
  }
  int flushed(int done) const {
    if (done == 0 && !path_.empty()) watched().by->flushed(path_);
    return done;
  }
  // Where a write without an offset goes.
  off_t place() const { return path_.empty() ? 0 : ::lseek(file_, 0, SEEK_CUR); }

 private:
  void find_path() {
    std::array<char, 4096> name{};
    const ssize_t size = ::readlink(("/proc/self/fd/" + std::to_string(file_)).c_str(), name.data(), name.size());
    const std::string path = size > 0 ? std::string(name.data(), static_cast<std::size_t>(size)) : std::string{};
    if ((path + "/").rfind(watched().below, 0) == 0) path_ = path;
  }

  int file_;
  std::unique_lock<std::mutex> lock_;
  std::string path_;  // empty: nobody watches this file
};

class Removal {
 public:
  explicit Removal(const char* path) : lock_(mutex()) {
    if (watched().by != nullptr && std::string(path).rfind(watched().below, 0) == 0) path_ = path;
    if (path_.empty()) lock_.unlock();
  }
  bool may_go() const { return path_.empty() || watched().by->on_remove(path_) == DiskFate::goes; }
  int gone(int done) const {
    if (done == 0 && !path_.empty()) watched().by->removed(path_);
    return done;
  }

 private:
  std::unique_lock<std::mutex> lock_;
  std::string path_;
};

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

ssize_t write_one(int file, const void* bytes, std::size_t size, off_t offset) {
  static auto* const real = next<ssize_t(int, const void*, std::size_t, off_t)>("pwrite64");
  const Call call(file);
  const DiskFate fate = call.write();
  if (fate == DiskFate::fails) return -1;
  const iovec piece{const_cast<void*>(bytes), size};
  return call.written(offset, &piece, 1, real(file, bytes, fate == DiskFate::halved ? size / 2 : size, offset));
}

ssize_t write_pieces(int file, const iovec* pieces, int count, off_t offset) {
  static auto* const real = next<ssize_t(int, const iovec*, int, off_t)>("pwritev64");
  const Call call(file);
  const DiskFate fate = call.write();
  if (fate == DiskFate::fails) return -1;
  return call.written(offset, pieces, count,
                      real(file, pieces, fate == DiskFate::halved ? (count + 1) / 2 : count, offset));
}

int flush(int file, int (*real)(int)) {
  const Call call(file);
  if (call.flush() == DiskFate::fails) return -1;
  return call.flushed(real(file));
}

}  // namespace

void DiskWatcher::watch(const std::filesystem::path& folder) {
  const std::scoped_lock lock(mutex());
  BESA_CHECK(watched().by == nullptr);
  watched() = {this, std::filesystem::canonical(folder).string() + "/"};
}

void DiskWatcher::look_away() {
  const std::scoped_lock lock(mutex());
  watched() = {};
}

DiskFate DiskWatcher::on_remove(const std::string&) { return DiskFate::goes; }
void DiskWatcher::written(int, const std::string&, std::uint64_t, base::ByteView) {}
void DiskWatcher::flushed(const std::string&) {}
void DiskWatcher::removed(const std::string&) {}

}  // namespace besa::support

// The C library's functions, as this program and the libraries that it loads find them.
extern "C" {

ssize_t pwrite(int file, const void* bytes, size_t size, off_t offset) {
  return besa::support::write_one(file, bytes, size, offset);
}

ssize_t pwrite64(int file, const void* bytes, size_t size, off_t offset) {
  return besa::support::write_one(file, bytes, size, offset);
}

ssize_t pwritev(int file, const iovec* pieces, int count, off_t offset) {
  return besa::support::write_pieces(file, pieces, count, offset);
}

ssize_t pwritev64(int file, const iovec* pieces, int count, off_t offset) {
  return besa::support::write_pieces(file, pieces, count, offset);
}

ssize_t writev(int file, const iovec* pieces, int count) {
  static auto* const real = besa::support::next<ssize_t(int, const iovec*, int)>("writev");
  const besa::support::Call call(file);
  const auto fate = call.write();
  if (fate == besa::support::DiskFate::fails) return -1;
  const off_t place = call.place();
  return call.written(place, pieces, count,
                      real(file, pieces, fate == besa::support::DiskFate::halved ? (count + 1) / 2 : count));
}

ssize_t write(int file, const void* bytes, size_t size) {
  static auto* const real = besa::support::next<ssize_t(int, const void*, size_t)>("write");
  const besa::support::Call call(file);
  const auto fate = call.write();
  if (fate == besa::support::DiskFate::fails) return -1;
  const off_t place = call.place();
  const iovec piece{const_cast<void*>(bytes), size};
  return call.written(place, &piece, 1, real(file, bytes, fate == besa::support::DiskFate::halved ? size / 2 : size));
}

int unlink(const char* path) {
  static auto* const real = besa::support::next<int(const char*)>("unlink");
  const besa::support::Removal removal(path);
  return removal.may_go() ? removal.gone(real(path)) : -1;
}

int fdatasync(int file) {
  static auto* const real = besa::support::next<int(int)>("fdatasync");
  return besa::support::flush(file, real);
}

int fsync(int file) {
  static auto* const real = besa::support::next<int(int)>("fsync");
  return besa::support::flush(file, real);
}

}  // extern "C"
