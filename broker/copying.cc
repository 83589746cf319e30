#include "broker/copying.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/bytes.h"
#include "base/descriptor.h"
#include "program/file.h"

namespace besa::broker {
namespace {

constexpr std::uint64_t kBlock = std::uint64_t{1} << 20;

// Calls `call(bytes done so far)` until all is done; a call that moves nothing is an error.
template <class Call>
bool in_pieces(std::size_t size, Call call) {
  for (std::size_t done = 0; done < size;) {
    const ssize_t moved = call(done);
    if (moved < 0 && errno == EINTR) continue;
    if (moved == 0) errno = EIO;
    if (moved <= 0) return false;
    done += static_cast<std::size_t>(moved);
  }
  return true;
}

base::Status read_block(const base::Descriptor& file, std::uint64_t begin, std::size_t size, base::Bytes& block,
                        const std::string& name) {
  block.resize(size);
  const bool read = in_pieces(size, [&](std::size_t done) {
    return ::pread(file.number(), block.data() + done, size - done, static_cast<off_t>(begin + done));
  });
  if (!read) return tl::unexpected(program::file_error(errno, "read", name));
  return {};
}

// Read until two reads agree: what is written from front to back beside one read is never there without what lies
// before it.
base::Status read_settled(const base::Descriptor& file, std::uint64_t begin, std::size_t size, base::Bytes& block,
                          const std::string& name) {
  base::Bytes before;
  BESA_TRY(read_block(file, begin, size, block, name));
  do {
    before.swap(block);
    BESA_TRY(read_block(file, begin, size, block, name));
  } while (before != block);
  return {};
}

}  // namespace

base::Status copy_backwards(const std::string& from, const std::string& to,
                            const std::function<void(std::uint64_t)>& copied) {
  const base::Descriptor in(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (!in) return tl::unexpected(program::file_error(errno, "open", from));
  struct stat about{};
  if (::fstat(in.number(), &about) != 0) return tl::unexpected(program::file_error(errno, "look at", from));
  const base::Descriptor out(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!out) return tl::unexpected(program::file_error(errno, "make", to));
  base::Bytes block;
  for (auto end = static_cast<std::uint64_t>(about.st_size); end > 0;) {
    const std::uint64_t begin = (end - 1) / kBlock * kBlock;
    const auto size = static_cast<std::size_t>(end - begin);
    BESA_TRY(read_settled(in, begin, size, block, from));
    const bool written = in_pieces(size, [&](std::size_t done) {
      return ::pwrite(out.number(), block.data() + done, size - done, static_cast<off_t>(begin + done));
    });
    if (!written) return tl::unexpected(program::file_error(errno, "write", to));
    copied(size);
    end = begin;
  }
  if (::fsync(out.number()) != 0) return tl::unexpected(program::file_error(errno, "flush", to));
  return {};
}

}  // namespace besa::broker
