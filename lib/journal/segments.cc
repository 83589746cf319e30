#include "journal/segments.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <string>

#include "base/check.h"
#include "base/fail_point.h"
#include "journal/file.h"
#include "kv/folder.h"

namespace besa::journal {
namespace {

using base::ErrorKind;

constexpr std::size_t kBlock = std::size_t{1} << 20;
constexpr std::size_t kNameDigits = 10;

std::string name_of(std::uint64_t segment) {
  const std::string digits = std::to_string(segment);
  return std::string(digits.size() < kNameDigits ? kNameDigits - digits.size() : 0, '0') + digits;
}

bool all_zeros(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
}

Status write_zeros(const File& file, std::uint64_t offset, std::uint64_t length) {
  const Bytes zeros(static_cast<std::size_t>(std::min<std::uint64_t>(length, kBlock)), 0);
  while (length > 0) {
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(length, zeros.size()));
    BESA_TRY(file.write_at(ByteView(zeros).first(piece), offset));
    offset += piece;
    length -= piece;
  }
  return {};
}

// Zeros from `begin` to the end of the file.
Status clean(const File& file, std::uint64_t begin, std::uint64_t size) {
  for (std::uint64_t offset = begin; offset < size; offset += kBlock) {
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, size - offset));
    BESA_ASSIGN(const Bytes bytes, file.read_at(offset, piece));
    if (!all_zeros(bytes)) BESA_TRY(write_zeros(file, offset, piece));
  }
  return {};
}

tl::unexpected<base::Error> missing(std::uint64_t segment) {
  return base::fail(ErrorKind::damaged, "segment " + name_of(segment) + " is missing: restore it from a backup");
}

tl::unexpected<base::Error> too_short(std::uint64_t segment) {
  return base::fail(ErrorKind::damaged, "segment " + name_of(segment) + " is too short: restore it from a backup");
}

}  // namespace

Segments::Segments(std::filesystem::path folder, std::uint64_t segment_bytes)
    : folder_(std::move(folder)), segment_bytes_(segment_bytes) {
  BESA_CHECK(segment_bytes_ > kFrameHeaderBytes);
}

std::filesystem::path Segments::path_of(std::uint64_t segment) const { return folder_ / name_of(segment); }

Status Segments::find() {
  if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) return system_failure("cannot make the segments' folder");
  BESA_TRY(kv::flush_folder(folder_.parent_path()));  // also if it was made, and not flushed, before a crash
  std::error_code failed;
  const std::scoped_lock lock(mutex_);
  there_.clear();
  for (const auto& file : std::filesystem::directory_iterator(folder_, failed)) {
    const std::string name = file.path().filename();
    std::uint64_t number = 0;
    const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc() || *stop != '\0' || name != name_of(number)) continue;
    BESA_ASSIGN(const File opened, File::open(file.path(), O_RDONLY));
    BESA_ASSIGN(there_[number], opened.size());
  }
  if (failed) return base::fail(ErrorKind::io, "cannot list the segments: " + failed.message());
  return {};
}

bool Segments::has(std::uint64_t segment) const {
  const std::scoped_lock lock(mutex_);
  return there_.contains(segment);
}

std::uint64_t Segments::room_of(std::uint64_t segment) const {
  const std::scoped_lock lock(mutex_);
  const auto found = there_.find(segment);
  return found == there_.end() ? segment_bytes_ : found->second;
}

Result<Bytes> Segments::content(std::uint64_t segment, std::uint64_t offset) const {
  BESA_ASSIGN(const File file, File::open(path_of(segment), O_RDONLY));
  BESA_ASSIGN(const std::uint64_t size, file.size());
  if (size < offset) return too_short(segment);
  return file.read_at(offset, static_cast<std::size_t>(size - offset));
}

Status Segments::write_again(const Position& from, const Position& end) {
  for (std::uint64_t segment = from.segment; segment <= end.segment; ++segment) {
    const std::uint64_t begin = segment == from.segment ? from.offset : 0;
    const std::uint64_t stop = segment == end.segment ? end.offset : room_of(segment);
    BESA_ASSIGN(const File file, File::open(path_of(segment), O_RDWR));
    for (std::uint64_t offset = begin; offset < stop; offset += kBlock) {
      const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, stop - offset));
      BESA_ASSIGN(const Bytes bytes, file.read_at(offset, piece));
      BESA_TRY(file.write_at(bytes, offset));
    }
    BESA_TRY(file.flush());
  }
  return {};
}

// The batch that a crash cut off may have reached into them: its ciphertext must not stay behind in free blocks, where
// a file of the same name may find its frames again.
Status Segments::remove_behind(std::uint64_t segment) {
  const std::scoped_lock lock(mutex_);
  for (auto behind = there_.upper_bound(segment); behind != there_.end(); behind = there_.erase(behind)) {
    BESA_ASSIGN(const File file, File::open(path_of(behind->first), O_RDWR));
    BESA_TRY(clean(file, 0, behind->second));
    BESA_TRY(file.flush());
    if (::unlink(path_of(behind->first).c_str()) != 0) return system_failure("cannot remove an unused segment");
  }
  return {};
}

Status Segments::open(const Position& settled, const Position& end, bool fresh) {
  BESA_CHECK(settled <= end);
  current_ = end.segment;
  const bool is_there = has(end.segment);
  if (!is_there && !fresh) return missing(end.segment);
  if (is_there && room_of(end.segment) < end.offset) return too_short(end.segment);
  if (settled != end) BESA_TRY(write_again(settled, end));
  BESA_TRY(remove_behind(end.segment));
  if (is_there) return clean_behind(end);
  const std::scoped_lock lock(making_);
  return make(end.segment);
}

Status Segments::clean_behind(const Position& end) {
  BESA_ASSIGN(const File file, File::open(path_of(end.segment), O_RDWR));
  const std::uint64_t size = room_of(end.segment);
  BESA_TRY(clean(file, end.offset, size));
  // Made by a program that was stopped, or with another size.
  if (size < segment_bytes_) BESA_TRY(write_zeros(file, size, segment_bytes_ - size));
  BESA_TRY(file.flush());
  BESA_TRY(kv::flush_folder(folder_));
  const std::scoped_lock lock(mutex_);
  there_[end.segment] = std::max(size, segment_bytes_);
  return {};
}

// making_ held.
Status Segments::make(std::uint64_t segment) {
  if (has(segment)) return {};
  const auto path = path_of(segment);
  const auto fill = [&]() -> Status {
    BESA_ASSIGN(const File file, File::open(path, O_WRONLY | O_CREAT | O_TRUNC));
    BESA_TRY(write_zeros(file, 0, segment_bytes_));
    BESA_FAIL_POINT("segment_before_flush");
    BESA_TRY(file.flush());
    return kv::flush_folder(folder_);
  };
  if (auto filled = fill(); !filled) {
    ::unlink(path.c_str());
    return filled;
  }
  BESA_FAIL_POINT("segment_made");
  const std::scoped_lock lock(mutex_);
  there_[segment] = segment_bytes_;
  return {};
}

Status Segments::prepare_next() {
  const std::scoped_lock making(making_);
  std::uint64_t next = 0;
  {
    const std::scoped_lock lock(mutex_);
    next = current_ + 1;
  }
  return make(next);
}

Status Segments::make_room(std::span<const Run> runs) {
  for (const Run& run : runs) {
    if (has(run.at.segment)) continue;
    const std::scoped_lock making(making_);
    BESA_TRY(make(run.at.segment));
  }
  return {};
}

Status Segments::write(std::span<const Run> runs) {
  std::vector<File> files;
  for (const Run& run : runs) {
    BESA_ASSIGN(File file, File::open(path_of(run.at.segment), O_WRONLY));
    files.push_back(std::move(file));
  }
  for (std::size_t i = 0; i < runs.size(); ++i) BESA_TRY(files[i].write_at(runs[i].bytes, runs[i].at.offset));
  BESA_FAIL_POINT("batch_before_flush");
  for (const File& file : files) BESA_TRY(file.flush());
  if (runs.empty()) return {};
  const std::scoped_lock lock(mutex_);
  current_ = runs.back().at.segment;
  return {};
}

Status Segments::take_back(std::span<const Run> runs) {
  std::vector<Place> places;
  for (const Run& run : runs) {
    places.push_back({run.at.segment, run.at.offset, static_cast<std::uint32_t>(run.bytes.size())});
  }
  return overwrite(places);
}

Status Segments::overwrite(std::span<const Place> places) {
  auto next = places.begin();
  while (next != places.end()) {
    const std::uint64_t segment = next->segment;
    auto file = File::open(path_of(segment), O_WRONLY);
    if (!file && file.error().kind != ErrorKind::not_found) return tl::unexpected(file.error());
    for (; next != places.end() && next->segment == segment; ++next) {
      if (file) BESA_TRY(write_zeros(*file, next->offset, next->length));
    }
    if (file) BESA_TRY(file->flush());
  }
  return {};
}

Result<Bytes> Segments::read(const Place& place, Opened& opened) const {
  if (!opened.file || opened.segment != place.segment) {
    BESA_ASSIGN(File file, File::open(path_of(place.segment), O_RDONLY));
    opened = {place.segment, std::move(file)};
  }
  BESA_ASSIGN(const Bytes bytes, opened.file->read_at(place.offset, place.length));
  const auto frame = find_frame({place.segment, place.offset}, bytes);
  if (!frame || frame->place != place) {
    return base::fail(ErrorKind::damaged, "stored ciphertext is not what was written: check the disk");
  }
  return base::to_bytes(frame->payload);
}

Status Segments::remove(std::uint64_t segment) {
  const std::scoped_lock lock(mutex_);
  BESA_CHECK(segment < current_);
  if (::unlink(path_of(segment).c_str()) != 0 && errno != ENOENT) return system_failure("cannot remove a segment");
  there_.erase(segment);
  return {};
}

std::set<std::uint64_t> Segments::numbers() const {
  const std::scoped_lock lock(mutex_);
  std::set<std::uint64_t> out;
  for (const auto& [number, bytes] : there_) out.insert(number);
  return out;
}

}  // namespace besa::journal
