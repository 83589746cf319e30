#include "tests/support/power_disk.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "tests/support/temporary_folder.h"

namespace besa::support {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSector = 512;

bool coin(std::mt19937& random) { return random() % 2 == 0; }

// Nothing in them counts after a start.
bool is_lock(const fs::path& path) { return path.filename().string().find("lock") != std::string::npos; }

}  // namespace

PowerDisk::PowerDisk(const fs::path& folder) : folder_(fs::canonical(folder)) {
  look();
  watch(folder_);
}

PowerDisk::~PowerDisk() { look_away(); }

void PowerDisk::look() {
  files_.clear();
  folders_.clear();
  for (const auto& file : fs::recursive_directory_iterator(folder_)) {
    if (file.is_directory()) folders_[file.path()] = true;
    if (file.is_regular_file() && !is_lock(file.path())) {
      files_.push_back({.path = file.path(), .content = read_file(file.path()), .named = true});
    }
  }
}

void PowerDisk::cut_after(std::size_t calls) { left_ = calls; }

DiskFate PowerDisk::pass() {
  if (left_ == 0) cut_ = true;
  if (cut_) {
    errno = EIO;
    return DiskFate::fails;
  }
  --left_;
  ++calls_;
  return DiskFate::goes;
}

DiskFate PowerDisk::on_write(int, const std::string&) { return pass(); }
DiskFate PowerDisk::on_flush(int, const std::string&) { return pass(); }
DiskFate PowerDisk::on_remove(const std::string&) { return pass(); }

PowerDisk::File& PowerDisk::current(const std::string& path) {
  const auto there =
      std::find_if(files_.begin(), files_.end(), [&](const File& file) { return !file.removed && file.path == path; });
  if (there != files_.end()) return *there;
  folders_.try_emplace(fs::path(path).parent_path().string(), false);
  files_.push_back({.path = path, .content = {}});
  return files_.back();
}

void PowerDisk::apply(base::Bytes& content, std::uint64_t offset, base::ByteView bytes) {
  const auto begin = static_cast<std::size_t>(offset);
  content.resize(std::max(content.size(), begin + bytes.size()));
  std::copy(bytes.begin(), bytes.end(), content.begin() + static_cast<std::ptrdiff_t>(begin));
}

void PowerDisk::written(int file, const std::string& path, std::uint64_t offset, base::ByteView bytes) {
  File& one = current(path);
  if ((::fcntl(file, F_GETFL) & O_DSYNC) != 0) {
    apply(one.content, offset, bytes);
  } else {
    one.unflushed.push_back({offset, base::to_bytes(bytes)});
  }
}

void PowerDisk::flushed(const std::string& path) {
  if (fs::is_directory(path)) {
    const auto lies_here = [&](const std::string& below) { return fs::path(below).parent_path() == path; };
    files_.remove_if([&](const File& file) { return file.removed && lies_here(file.path); });
    for (File& file : files_) file.named = file.named || lies_here(file.path);
    for (const auto& below : fs::directory_iterator(path)) {
      if (below.is_directory()) folders_[below.path()] = true;
    }
    return;
  }
  File& one = current(path);
  for (const Write& write : one.unflushed) apply(one.content, write.offset, write.bytes);
  one.unflushed.clear();
}

void PowerDisk::removed(const std::string& path) {
  File& one = current(path);
  base::Bytes& blocks = former_[path];
  blocks = one.content;
  for (const Write& write : one.unflushed) apply(blocks, write.offset, write.bytes);
  one.removed = true;
}

// What lies in blocks that a file got and nothing has arrived in.
void PowerDisk::fill(const File& file, base::Bytes& content, std::size_t size, Grown grown,
                     std::mt19937& random) const {
  const std::size_t begin = content.size();
  if (grown == Grown::is_short || size <= begin) return;
  content.resize(size);
  if (grown == Grown::anything) {
    std::generate(content.begin() + static_cast<std::ptrdiff_t>(begin), content.end(),
                  [&] { return static_cast<std::uint8_t>(random()); });
  }
  const auto former = former_.find(file.path);
  if (grown != Grown::former || former == former_.end()) return;
  for (std::size_t i = begin; i < std::min(size, former->second.size()); ++i) content[i] = former->second[i];
}

base::Bytes PowerDisk::found(const File& file, Survives survives, Grown grown, std::mt19937& random) const {
  std::size_t whole = file.content.size();
  for (const Write& write : file.unflushed) {
    whole = std::max(whole, static_cast<std::size_t>(write.offset) + write.bytes.size());
  }
  base::Bytes out = file.content;
  fill(file, out, whole, grown, random);
  for (const Write& write : file.unflushed) {
    const bool goes = survives == Survives::all || (survives == Survives::writes && coin(random));
    const std::uint64_t end = write.offset + write.bytes.size();
    for (std::uint64_t at = write.offset; at < end;) {
      const std::uint64_t stop = std::min<std::uint64_t>(end, (at / kSector + 1) * kSector);
      const auto sector =
          base::ByteView(write.bytes)
              .subspan(static_cast<std::size_t>(at - write.offset), static_cast<std::size_t>(stop - at));
      if (goes || (survives == Survives::sectors && coin(random))) apply(out, at, sector);
      at = stop;
    }
  }
  return out;
}

void PowerDisk::stay_on() {
  left_ = SIZE_MAX;
  cut_ = false;
}

void PowerDisk::come_back(std::mt19937& random) {
  const auto survives = static_cast<Survives>(random() % 4);
  const auto grown = static_cast<Grown>(random() % 4);
  std::map<std::string, base::Bytes> image;
  for (const File& file : files_) {
    const bool is_there = file.removed || !file.named ? coin(random) : true;
    if (is_there) image[file.path] = found(file, survives, grown, random);
  }
  std::set<std::string> lost;
  for (const auto& [folder, named] : folders_) {
    if (!named && coin(random)) lost.insert(folder);
  }
  look_away();
  for (const auto& file : fs::recursive_directory_iterator(folder_)) {
    if (file.is_regular_file() && !is_lock(file.path())) fs::remove(file.path());
  }
  for (const auto& [path, content] : image) write_file(path, content);
  for (const std::string& folder : lost) fs::remove_all(folder);
  stay_on();
  look();
  watch(folder_);
}

}  // namespace besa::support
