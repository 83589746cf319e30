#include "journal/segments.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>

#include "base/check.h"
#include "journal/file.h"
#include "kv/checksum.h"

namespace besa::journal {
namespace {

using base::ByteReader;
using base::ByteWriter;
using base::ErrorKind;

constexpr std::uint8_t kCiphertextFrame = 1;
constexpr std::size_t kBlock = std::size_t{1} << 20;
constexpr std::size_t kNameDigits = 10;

std::string name_of(std::uint64_t segment) {
  const std::string digits = std::to_string(segment);
  return std::string(digits.size() < kNameDigits ? kNameDigits - digits.size() : 0, '0') + digits;
}

std::uint64_t frame_sum(const Place& place, ByteView payload) {
  const Bytes around = ByteWriter()
                           .u64(place.segment)
                           .u64(place.offset)
                           .u32(static_cast<std::uint32_t>(payload.size()))
                           .u8(kCiphertextFrame)
                           .take();
  return kv::checksum(kv::checksum(0, around), payload);
}

Bytes encode_frame(const Frame& frame) {
  return ByteWriter()
      .u32(static_cast<std::uint32_t>(frame.payload.size()))
      .u8(kCiphertextFrame)
      .u64(frame_sum(frame.place, frame.payload))
      .raw(frame.payload)
      .take();
}

Result<Bytes> decode_frame(const Place& place, ByteView bytes) {
  ByteReader reader(bytes);
  const std::uint32_t length = reader.u32();
  const std::uint8_t kind = reader.u8();
  const std::uint64_t sum = reader.u64();
  const ByteView payload = reader.raw(length);
  if (!reader.done() || kind != kCiphertextFrame || sum != frame_sum(place, payload)) {
    return base::fail(ErrorKind::damaged, "stored ciphertext is not what was written: check the disk");
  }
  return base::to_bytes(payload);
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

}  // namespace

Bytes encode_place(const Place& place) {
  return ByteWriter().u64(place.segment).u64(place.offset).u32(place.length).take();
}

Result<Place> decode_place(ByteView bytes) {
  ByteReader reader(bytes);
  Place place;
  place.segment = reader.u64();
  place.offset = reader.u64();
  place.length = reader.u32();
  if (!reader.done()) return base::fail(ErrorKind::damaged, "a stored place is cut: restore the store from a backup");
  return place;
}

Segments::Segments(std::filesystem::path folder, std::uint64_t segment_bytes)
    : folder_(std::move(folder)), segment_bytes_(segment_bytes) {
  BESA_CHECK(segment_bytes_ > kFrameHeaderBytes);
}

Segments::~Segments() = default;

std::filesystem::path Segments::path_of(std::uint64_t segment) const { return folder_ / name_of(segment); }

Status Segments::flush_folder() const {
  BESA_ASSIGN(const File folder, File::open(folder_, O_RDONLY | O_DIRECTORY));
  return folder.flush();
}

Status Segments::open(const Position& end) {
  if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) return system_failure("cannot make the segments' folder");
  std::error_code failed;
  std::vector<std::filesystem::path> behind;
  const std::scoped_lock lock(mutex_);
  for (const auto& file : std::filesystem::directory_iterator(folder_, failed)) {
    const std::string name = file.path().filename();
    std::uint64_t number = 0;
    const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc() || *stop != '\0' || name != name_of(number)) continue;
    if (number <= end.segment) {
      there_.insert(number);
    } else {
      behind.push_back(file.path());
    }
  }
  if (failed) return base::fail(ErrorKind::io, "cannot list the segments: " + failed.message());
  for (const auto& path : behind) {
    if (::unlink(path.c_str()) != 0) return system_failure("cannot remove an unused segment");
  }
  current_ = end.segment;
  if (there_.contains(current_)) return clean_behind(end);
  if (end.offset == 0) return make(current_);
  return base::fail(ErrorKind::damaged, "segment " + name_of(current_) + " is missing: restore it from a backup");
}

Status Segments::clean_behind(const Position& end) {
  BESA_ASSIGN(const File file, File::open(path_of(end.segment), O_RDWR));
  BESA_ASSIGN(const std::uint64_t size, file.size());
  if (size < end.offset) {
    return base::fail(ErrorKind::damaged,
                      "segment " + name_of(end.segment) + " is too short: restore it from a backup");
  }
  for (std::uint64_t offset = end.offset; offset < size; offset += kBlock) {
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, size - offset));
    BESA_ASSIGN(const Bytes bytes, file.read_at(offset, piece));
    if (!all_zeros(bytes)) BESA_TRY(write_zeros(file, offset, piece));
  }
  // Made by a program that was stopped, or with another size.
  if (size < segment_bytes_) BESA_TRY(write_zeros(file, size, segment_bytes_ - size));
  return file.flush();
}

Place Segments::reserve(Position& end, std::size_t payload_bytes) const {
  BESA_CHECK(payload_bytes <= largest_payload());
  const std::size_t length = kFrameHeaderBytes + payload_bytes;
  if (end.offset + length > segment_bytes_) end = {end.segment + 1, 0};
  const Place place{end.segment, end.offset, static_cast<std::uint32_t>(length)};
  end.offset += length;
  return place;
}

Status Segments::make(std::uint64_t segment) {
  const auto path = path_of(segment);
  const auto fill = [&]() -> Status {
    BESA_ASSIGN(const File file, File::open(path, O_WRONLY | O_CREAT | O_TRUNC));
    BESA_TRY(write_zeros(file, 0, segment_bytes_));
    BESA_TRY(file.flush());
    return flush_folder();
  };
  if (auto filled = fill(); !filled) {
    ::unlink(path.c_str());
    return filled;
  }
  there_.insert(segment);
  return {};
}

Status Segments::make_current(std::uint64_t segment) {
  const std::scoped_lock lock(mutex_);
  if (!there_.contains(segment)) BESA_TRY(make(segment));
  current_ = std::max(current_, segment);
  return {};
}

Status Segments::prepare_next() {
  const std::scoped_lock lock(mutex_);
  if (there_.contains(current_ + 1)) return {};
  return make(current_ + 1);
}

Status Segments::write(std::span<const Frame> frames) {
  auto next = frames.begin();
  while (next != frames.end()) {
    const std::uint64_t segment = next->place.segment;
    BESA_TRY(make_current(segment));
    BESA_ASSIGN(const File file, File::open(path_of(segment), O_WRONLY));
    for (; next != frames.end() && next->place.segment == segment; ++next) {
      BESA_TRY(file.write_at(encode_frame(*next), next->place.offset));
    }
    BESA_TRY(file.flush());
  }
  return {};
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

Result<Bytes> Segments::read(const Place& place) const {
  BESA_ASSIGN(const File file, File::open(path_of(place.segment), O_RDONLY));
  BESA_ASSIGN(const Bytes bytes, file.read_at(place.offset, place.length));
  return decode_frame(place, bytes);
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
  return there_;
}

}  // namespace besa::journal
