// A folder of mode 0700 that goes away with the test, on a file system that a store may lie on.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/bytes.h"
#include "base/check.h"

namespace besa::support {

class TemporaryFolder {
 public:
  TemporaryFolder() : path_(make()) {}
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  static std::filesystem::path make() {
    // BESA_TEST_FOLDER says where, for machines whose usual place is an overlay.
    const char* chosen = std::getenv("BESA_TEST_FOLDER");
    std::string name = (chosen != nullptr ? std::filesystem::path(chosen) : usual()) / "besa-XXXXXX";
    BESA_CHECK(::mkdtemp(name.data()) != nullptr);
    return name;
  }
  // The memory file system takes flushes for nothing; fall back to the system's temporary folder.
  static std::filesystem::path usual() {
    return ::access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : std::filesystem::temp_directory_path();
  }
  std::filesystem::path path_;
};

inline base::Bytes read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline void write_file(const std::filesystem::path& path, base::ByteView bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace besa::support
