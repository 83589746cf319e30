#include "tiles/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/descriptor.h"

namespace besa::tiles {
namespace {

using base::Bytes;
using base::ByteView;
using base::Descriptor;
using base::ErrorKind;

tl::unexpected<base::Error> system_failure(const std::string& doing) {
  const bool no_room = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
  return base::fail(no_room ? ErrorKind::full : ErrorKind::io, doing + ": " + strerror(errno));
}

base::Status read_into(int number, Bytes& out, const std::string& name) {
  std::size_t there = 0;
  while (there < out.size()) {
    const ssize_t done = ::read(number, out.data() + there, out.size() - there);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return system_failure("cannot read " + name);
    if (done == 0) return base::fail(ErrorKind::io, name + " became shorter while it was read");
    there += static_cast<std::size_t>(done);
  }
  return {};
}

base::Status make_folders(const std::filesystem::path& folder) {
  if (::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST) return {};
  if (errno != ENOENT) return system_failure("cannot make a folder of the export");
  BESA_TRY(make_folders(folder.parent_path()));
  if (::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return system_failure("cannot make a folder of the export");
}

}  // namespace

base::Result<Bytes> read_whole(const std::filesystem::path& path, const std::string& name, std::size_t max_bytes) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file && (errno == ENOENT || errno == ENOTDIR)) {
    return base::fail(ErrorKind::not_found, name + " is missing");
  }
  if (!file) return system_failure("cannot open " + name);
  struct stat about{};
  if (::fstat(file.number(), &about) != 0) return system_failure("cannot look at " + name);
  if (!S_ISREG(about.st_mode)) return base::fail(ErrorKind::malformed, name + " is no regular file");
  const auto size = static_cast<std::uint64_t>(about.st_size);
  if (size > max_bytes) return base::fail(ErrorKind::malformed, name + " is larger than it may be");
  Bytes out(static_cast<std::size_t>(size));
  BESA_TRY(read_into(file.number(), out, name));
  return out;
}

base::Status write_new(const std::filesystem::path& path, ByteView bytes) {
  BESA_TRY(make_folders(path.parent_path()));
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file && errno == EEXIST) {
    return base::fail(ErrorKind::already_exists, "a file of the export is there already: choose an empty folder");
  }
  if (!file) return system_failure("cannot make a file of the export");
  while (!bytes.empty()) {
    const ssize_t done = ::write(file.number(), bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return system_failure("cannot write a file of the export");
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
  return {};
}

base::Status make_empty(const std::filesystem::path& folder) {
  BESA_TRY(make_folders(folder));
  std::error_code failed;
  const bool empty = std::filesystem::is_empty(folder, failed);
  if (failed) return base::fail(ErrorKind::io, "cannot look into the export's folder: " + failed.message());
  if (!empty) return base::fail(ErrorKind::already_exists, "the export's folder is not empty: choose another one");
  return {};
}

base::Status flush_all(const std::filesystem::path& folder) {
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened || ::syncfs(opened.number()) != 0) return system_failure("cannot flush the export");
  return {};
}

}  // namespace besa::tiles
