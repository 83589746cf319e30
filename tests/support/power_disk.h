// A disk that loses power: it knows what was flushed. When the power is back, every write that was not flushed is
// there, or not, or in part, each sector of 512 bytes for itself and in any order; a file whose folder was not flushed
// is there or not; one that was removed may be back; a file that had grown is short, or where nothing arrived it has
// zeros, anything, or what an earlier file of its name left there. A test adds tests/support/power_disk.cc and
// disk_calls.cc to its sources. One at a time.
#pragma once

#include <list>
#include <map>
#include <random>
#include <vector>

#include "tests/support/disk_calls.h"

namespace besa::support {

class PowerDisk final : public DiskWatcher {
 public:
  // What lies below `folder` is on the disk.
  explicit PowerDisk(const std::filesystem::path& folder);
  ~PowerDisk() override;

  // The power goes after so many more writes, flushes and removals: all later ones fail.
  void cut_after(std::size_t calls);
  bool is_cut() const { return cut_; }
  // Until now.
  std::size_t calls() const { return calls_; }
  // It was only the program that died: what it wrote is there, and what was not flushed still is not.
  void stay_on();
  // The power went. Makes the folder as it may be found. The program that used it has no file open any more.
  void come_back(std::mt19937& random);

 private:
  struct Write {
    std::uint64_t offset;
    base::Bytes bytes;
  };
  struct File {
    std::string path;
    base::Bytes content;  // flushed
    std::vector<Write> unflushed = {};
    bool named = false;  // its folder was flushed since it was made
    bool removed = false;
  };
  enum class Survives { nothing, all, writes, sectors };
  enum class Grown { is_short, zeros, anything, former };

  DiskFate on_write(int file, const std::string& path) override;
  DiskFate on_flush(int file, const std::string& path) override;
  DiskFate on_remove(const std::string& path) override;
  void written(int file, const std::string& path, std::uint64_t offset, base::ByteView bytes) override;
  void flushed(const std::string& path) override;
  void removed(const std::string& path) override;

  DiskFate pass();
  void look();
  File& current(const std::string& path);
  static void apply(base::Bytes& content, std::uint64_t offset, base::ByteView bytes);
  void fill(const File& file, base::Bytes& content, std::size_t size, Grown grown, std::mt19937& random) const;
  base::Bytes found(const File& file, Survives survives, Grown grown, std::mt19937& random) const;

  std::filesystem::path folder_;
  std::list<File> files_;
  std::map<std::string, base::Bytes> former_;  // what a removed file of this name left in its blocks
  std::map<std::string, bool> folders_;        // whether its own folder was flushed since it was made
  std::size_t calls_ = 0;
  std::size_t left_ = SIZE_MAX;
  bool cut_ = false;
};

}  // namespace besa::support
