// The C library's calls that change files, for a test that stands between a program and its disk, also under LMDB. Such
// a test adds tests/support/disk_calls.cc to its sources; the functions are then the program's own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/bytes.h"

namespace besa::support {

enum class DiskFate { goes, fails, halved };  // of a call; where it fails, errno is set

// One at a time. Calls come from any thread, one after the other.
class DiskWatcher {
 public:
  DiskWatcher() = default;
  virtual ~DiskWatcher() = default;
  DiskWatcher(const DiskWatcher&) = delete;
  DiskWatcher& operator=(const DiskWatcher&) = delete;

  virtual DiskFate on_write(int file, const std::string& path) = 0;
  virtual DiskFate on_flush(int file, const std::string& path) = 0;
  virtual DiskFate on_remove(const std::string& path);
  // What went.
  virtual void written(int file, const std::string& path, std::uint64_t offset, base::ByteView bytes);
  virtual void flushed(const std::string& path);
  virtual void removed(const std::string& path);

 protected:
  // From the end of the constructor on, of files below `folder`, an existing one.
  void watch(const std::filesystem::path& folder);
  // The first thing of a destructor.
  void look_away();
};

}  // namespace besa::support
