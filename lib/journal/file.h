// A file by its descriptor: whole reads and writes at a place, and a flush that tells the truth.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "base/bytes.h"
#include "base/descriptor.h"
#include "base/result.h"

namespace besa::journal {

// errno as an error: full for a lack of room, not_found for a missing file, otherwise io.
tl::unexpected<base::Error> system_failure(std::string_view doing);

class File {
 public:
  // Flags of open(2), without O_CLOEXEC, which is always set; mode 0600.
  [[nodiscard]] static base::Result<File> open(const std::filesystem::path& path, int flags);

  // All of it, or an error.
  [[nodiscard]] base::Status write_at(base::ByteView bytes, std::uint64_t offset) const;
  // Exactly this many bytes; damaged if the file ends before.
  [[nodiscard]] base::Result<base::Bytes> read_at(std::uint64_t offset, std::size_t size) const;
  [[nodiscard]] base::Result<std::uint64_t> size() const;
  // On the disk when it returns. An error means that nobody knows what is there.
  [[nodiscard]] base::Status flush() const;

 private:
  explicit File(base::Descriptor file) : file_(std::move(file)) {}
  base::Descriptor file_;
};

}  // namespace besa::journal
