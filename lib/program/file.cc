#include "program/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/descriptor.h"

namespace besa::program {
namespace {

constexpr std::size_t kDeepestFolder = 64;

bool write_all(int fd, base::ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

// The complete content beside `path`, on disk; gives the temporary name.
base::Result<std::string> write_beside(const std::string& path, base::ByteView content, unsigned mode) {
  std::string name = path + ".new-XXXXXX";
  const base::Descriptor file(::mkostemp(name.data(), O_CLOEXEC));
  if (!file) return tl::unexpected(file_error(errno, "create", path));
  if (::fchmod(file.number(), mode) == 0 && write_all(file.number(), content) && ::fsync(file.number()) == 0)
    return name;
  const int error_number = errno;
  ::unlink(name.c_str());
  return tl::unexpected(file_error(error_number, "write", path));
}

}  // namespace

base::Error file_error(int error_number, std::string_view tried, const std::string& path) {
  base::ErrorKind kind = base::ErrorKind::io;
  if (error_number == ENOENT || error_number == ENOTDIR) kind = base::ErrorKind::not_found;
  if (error_number == EACCES || error_number == EPERM || error_number == EROFS) kind = base::ErrorKind::denied;
  if (error_number == EEXIST) kind = base::ErrorKind::already_exists;
  if (error_number == ENOSPC || error_number == EDQUOT) kind = base::ErrorKind::full;
  return {kind, "cannot " + std::string{tried} + " " + path + ": " + std::strerror(error_number)};
}

base::Result<base::Bytes> read_file(const std::string& path, std::size_t most) {
  // O_NONBLOCK: a named pipe in the place of a file must not hold us up.
  const base::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return tl::unexpected(file_error(errno, "open", path));
  struct stat about{};
  if (::fstat(file.number(), &about) != 0) return tl::unexpected(file_error(errno, "look at", path));
  if (!S_ISREG(about.st_mode)) return base::fail(base::ErrorKind::malformed, path + " is not a file");
  const auto too_big = [&] {
    return base::fail(base::ErrorKind::malformed, path + " is over " + std::to_string(most) + " bytes");
  };
  if (static_cast<std::uint64_t>(about.st_size) > most) return too_big();
  base::Bytes content(static_cast<std::size_t>(about.st_size) + 1);  // one more shows a file that grew
  std::size_t got = 0;
  while (got < content.size()) {
    const ssize_t n = ::read(file.number(), content.data() + got, content.size() - got);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return tl::unexpected(file_error(errno, "read", path));
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  if (got > most) return too_big();
  content.resize(got);
  return content;
}

base::Result<std::string> read_text_file(const std::string& path, std::size_t most) {
  BESA_ASSIGN(const base::Bytes content, read_file(path, most));
  return std::string{base::as_text(content)};
}

base::Status write_file(const std::string& path, base::ByteView content, unsigned mode) {
  BESA_ASSIGN(const std::string beside, write_beside(path, content, mode));
  if (::rename(beside.c_str(), path.c_str()) != 0) {
    const int error_number = errno;
    ::unlink(beside.c_str());
    return tl::unexpected(file_error(error_number, "replace", path));
  }
  return sync_directory(folder_of(path));
}

base::Status write_new_file(const std::string& path, base::ByteView content, unsigned mode) {
  BESA_ASSIGN(const std::string beside, write_beside(path, content, mode));
  const int linked = ::link(beside.c_str(), path.c_str());
  const int error_number = errno;
  ::unlink(beside.c_str());
  if (linked != 0) return tl::unexpected(file_error(error_number, "create", path));
  return sync_directory(folder_of(path));
}

base::Status make_directory(const std::string& path) {
  std::vector<std::string> missing;
  std::string at = path;
  while (missing.size() < kDeepestFolder && ::mkdir(at.c_str(), 0700) != 0) {
    if (errno == EEXIST) {
      struct stat about{};
      if (::stat(at.c_str(), &about) == 0 && S_ISDIR(about.st_mode)) break;
      return base::fail(base::ErrorKind::already_exists, at + " is not a folder");
    }
    if (errno != ENOENT || folder_of(at) == at) return tl::unexpected(file_error(errno, "make the folder", path));
    missing.push_back(at);
    at = folder_of(at);
  }
  for (auto next = missing.rbegin(); next != missing.rend(); ++next) {
    if (::mkdir(next->c_str(), 0700) != 0 && errno != EEXIST) {
      return tl::unexpected(file_error(errno, "make the folder", *next));
    }
  }
  return {};
}

base::Status sync_directory(const std::string& path) {
  const base::Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return tl::unexpected(file_error(errno, "open", path));
  if (::fsync(folder.number()) != 0) return tl::unexpected(file_error(errno, "flush", path));
  return {};
}

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

std::string folder_of(const std::string& path) {
  const std::size_t end = path.find_last_not_of('/');
  const std::size_t slash = end == std::string::npos ? std::string::npos : path.rfind('/', end);
  if (slash == std::string::npos) return path.rfind('/', 0) == 0 ? "/" : ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace besa::program
