// A disk that fails when told to: while one exists, every write and flush of a file below a folder goes through it,
// also those of LMDB. A test adds tests/support/faulty_disk.cc to its sources; the functions of the C library that it
// stands before are then the program's own. One at a time.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace besa::support {

struct DiskCalls {
  std::size_t writes = 0;
  std::size_t synchronous_writes = 0;  // of files opened with O_DSYNC
  std::size_t flushes = 0;
};

class FaultyDisk {
 public:
  explicit FaultyDisk(const std::filesystem::path& below);
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  // The call after `skip` more fails with `error`; with `for_good` all after it, too. `error` 0: a write is cut in
  // half. `only`: of files whose path holds this.
  void fail_after(std::size_t skip, int error, bool for_good, const std::string& only = "");
  // Whether a call has failed since.
  bool has_failed() const;
  void mend();
  // Of files whose path ends so, since the making.
  DiskCalls calls(const std::string& path_end) const;
};

}  // namespace besa::support
