// Segments: the files that hold ciphertext, and nothing else does.
//
// A segment is a file of zeros, written and flushed ahead, then filled in place: its size never changes, so that a
// flush is cheap and an overwrite really overwrites. Names are numbers from 0. Frames follow each other:
//
//   length of payload (4), kind (1), checksum (8), payload        kind 1: a chunk of ciphertext
//
// The checksum covers length and kind, the place of the frame (segment, offset) and the payload. Where a frame lies is
// known from the database alone; nobody walks through a segment.
//
// Threads: one writer calls everything; `read`, `prepare_next` and `count` may be called by any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace besa::journal {

using base::Bytes;
using base::ByteView;
using base::Result;
using base::Status;

inline constexpr std::size_t kFrameHeaderBytes = 4 + 1 + 8;

// Where the next frame goes.
struct Position {
  std::uint64_t segment = 0;
  std::uint64_t offset = 0;
  friend auto operator<=>(const Position&, const Position&) = default;
};

// Where a frame lies.
struct Place {
  std::uint64_t segment = 0;
  std::uint64_t offset = 0;
  std::uint32_t length = 0;  // header and payload
  friend auto operator<=>(const Place&, const Place&) = default;
};

Bytes encode_place(const Place& place);
[[nodiscard]] Result<Place> decode_place(ByteView bytes);

struct Frame {
  Place place;
  Bytes payload;
};

class Segments {
 public:
  Segments(std::filesystem::path folder, std::uint64_t segment_bytes);
  ~Segments();

  // Makes the folder ready for writing at `end`: bytes behind it, which nothing names, become zeros; files behind its
  // segment are removed; its own segment is made if it is not there.
  // Errors: damaged (the segment of `end` is gone or too short), full, io.
  [[nodiscard]] Status open(const Position& end);

  // The place of a frame with this payload, and moves `end` behind it; the next segment if it does not fit. Writes
  // nothing. A payload of `largest_payload` at most (a contract).
  Place reserve(Position& end, std::size_t payload_bytes) const;
  std::uint64_t segment_bytes() const { return segment_bytes_; }
  std::size_t largest_payload() const { return segment_bytes_ - kFrameHeaderBytes; }

  // Writes frames at their places and flushes them. Errors: full, io.
  [[nodiscard]] Status write(std::span<const Frame> frames);
  // Overwrites with zeros and flushes. A file that is not there is no error.
  [[nodiscard]] Status overwrite(std::span<const Place> places);
  // The payload. Errors: not_found (the file is gone), damaged.
  [[nodiscard]] Result<Bytes> read(const Place& place) const;

  // Makes the segment after the current one, if it is not there.
  [[nodiscard]] Status prepare_next();
  [[nodiscard]] Status remove(std::uint64_t segment);
  // Numbers of the segments that are there.
  std::set<std::uint64_t> numbers() const;

 private:
  std::filesystem::path path_of(std::uint64_t segment) const;
  [[nodiscard]] Status make(std::uint64_t segment);          // mutex_ held
  [[nodiscard]] Status make_current(std::uint64_t segment);  // and what lies before it
  [[nodiscard]] Status clean_behind(const Position& end);
  [[nodiscard]] Status flush_folder() const;

  std::filesystem::path folder_;
  std::uint64_t segment_bytes_;
  mutable std::mutex mutex_;
  std::set<std::uint64_t> there_;
  std::uint64_t current_ = 0;
};

}  // namespace besa::journal
