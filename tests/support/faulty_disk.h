// A disk that fails when told to: while one exists, every write and flush of a file below a folder goes through it,
// also those of LMDB. A test adds tests/support/faulty_disk.cc and disk_calls.cc to its sources. One at a time.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>

#include "tests/support/disk_calls.h"

namespace besa::support {

struct DiskCalls {
  std::size_t writes = 0;
  std::size_t synchronous_writes = 0;  // of files opened with O_DSYNC
  std::size_t flushes = 0;
};

class FaultyDisk final : public DiskWatcher {
 public:
  explicit FaultyDisk(const std::filesystem::path& below);
  ~FaultyDisk() override;

  // The call after `skip` more fails with `error`; with `for_good` all after it, too. `error` 0: a write is cut in
  // half. `only`: of files whose path holds this.
  void fail_after(std::size_t skip, int error, bool for_good, const std::string& only = "");
  // Whether a call has failed since.
  bool has_failed() const;
  void mend();
  // Of files whose path ends so, since the making.
  DiskCalls calls(const std::string& path_end) const;

 private:
  DiskFate on_write(int file, const std::string& path) override;
  DiskFate on_flush(int file, const std::string& path) override;
  DiskFate meet(const std::string& path, bool is_flush);

  mutable std::mutex mutex_;
  std::map<std::string, DiskCalls> calls_;
  bool armed_ = false;
  bool failed_ = false;
  bool for_good_ = false;
  std::size_t skip_ = 0;
  int error_ = 0;
  std::string only_;
};

}  // namespace besa::support
