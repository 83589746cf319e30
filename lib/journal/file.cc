#include "journal/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace besa::journal {
namespace {

using base::ErrorKind;

ErrorKind kind_of(int number) {
  switch (number) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return ErrorKind::full;
    case ENOENT: return ErrorKind::not_found;
    default: return ErrorKind::io;
  }
}

}  // namespace

tl::unexpected<base::Error> system_failure(std::string_view doing) {
  return base::fail(kind_of(errno), std::string(doing) + ": " + strerror(errno));
}

base::Result<File> File::open(const std::filesystem::path& path, int flags) {
  base::Descriptor file(::open(path.c_str(), flags | O_CLOEXEC, 0600));
  if (!file) return system_failure("cannot open a segment");
  return File(std::move(file));
}

base::Status File::write_at(base::ByteView bytes, std::uint64_t offset) const {
  while (!bytes.empty()) {
    const ssize_t done = ::pwrite(file_.number(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return system_failure("cannot write a segment");
    bytes = bytes.subspan(static_cast<std::size_t>(done));
    offset += static_cast<std::uint64_t>(done);
  }
  return {};
}

base::Result<base::Bytes> File::read_at(std::uint64_t offset, std::size_t size) const {
  base::Bytes out(size);
  std::size_t there = 0;
  while (there < size) {
    const ssize_t done = ::pread(file_.number(), out.data() + there, size - there, static_cast<off_t>(offset + there));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return system_failure("cannot read a segment");
    if (done == 0) return base::fail(ErrorKind::damaged, "a segment ends too early: restore it from a backup");
    there += static_cast<std::size_t>(done);
  }
  return out;
}

base::Result<std::uint64_t> File::size() const {
  struct stat about{};
  if (::fstat(file_.number(), &about) != 0) return system_failure("cannot look at a segment");
  return static_cast<std::uint64_t>(about.st_size);
}

base::Status File::flush() const {
  if (::fdatasync(file_.number()) != 0) return system_failure("cannot flush a segment");
  return {};
}

}  // namespace besa::journal
