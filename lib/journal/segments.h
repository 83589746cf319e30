// Segments: the files that batches are written to, and the only ones that hold ciphertext.
//
// A segment is a file of zeros, written and flushed ahead, then filled in place: its size never changes, so that a
// flush is cheap and an overwrite really overwrites. Names are numbers from 0. What lies in it is said in frame.h.
// Behind the end of the last batch there are zeros, flushed, before anything is written: what is found there after a
// crash is of the batch that was being written.
//
// Threads: `write` and `take_back` are the writer's; `overwrite` and `remove` the settling thread's; `read`,
// `prepare_next` and `numbers` any thread's. `find`, `content` and `open` come first, at start, from one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <span>

#include "journal/file.h"
#include "journal/frame.h"

namespace besa::journal {

class Segments {
 public:
  Segments(std::filesystem::path folder, std::uint64_t segment_bytes);

  // Makes the folder if it is not there, and looks what lies in it.
  [[nodiscard]] Status find();
  bool has(std::uint64_t segment) const;
  // Bytes of a segment from `offset` to its end. Errors: damaged (shorter than that), io.
  [[nodiscard]] Result<Bytes> content(std::uint64_t segment, std::uint64_t offset) const;

  // Makes everything ready for writing at `end`. What lies between `settled` and it is written once more and flushed:
  // nobody knows whether a flush before the crash reached the disk. What lies behind it becomes zeros; files behind its
  // segment become zeros and are removed; its own is made if it is not there.
  // Only a fresh journal may have no segment yet. Errors: damaged (a segment is gone or too short), full, io.
  [[nodiscard]] Status open(const Position& settled, const Position& end, bool fresh);

  // Bytes that the segment which `open` began with has, and every other.
  std::uint64_t room_of(std::uint64_t segment) const;
  std::uint64_t segment_bytes() const { return segment_bytes_; }

  // Makes the segments that the runs lie in, if they are not there. Errors: full, io.
  [[nodiscard]] Status make_room(std::span<const Run> runs);
  // On the disk when it returns: one flush for each segment that the runs lie in. Errors: full, io.
  [[nodiscard]] Status write(std::span<const Run> runs);
  // Zeros where these runs were to be, flushed.
  [[nodiscard]] Status take_back(std::span<const Run> runs);

  // Overwrites with zeros and flushes. A file that is not there is no error.
  [[nodiscard]] Status overwrite(std::span<const Place> places);
  // The payload of a frame. Errors: not_found (the file is gone), damaged.
  // `opened`: the file that was read last, for reading on in it.
  struct Opened {
    std::uint64_t segment = 0;
    std::optional<File> file;
  };
  [[nodiscard]] Result<Bytes> read(const Place& place, Opened& opened) const;

  // Makes the segment after the one that is written to, if it is not there.
  [[nodiscard]] Status prepare_next();
  // One before that which is written to.
  [[nodiscard]] Status remove(std::uint64_t segment);
  // Of the segments that are there.
  std::set<std::uint64_t> numbers() const;

 private:
  std::filesystem::path path_of(std::uint64_t segment) const;
  [[nodiscard]] Status make(std::uint64_t segment);
  [[nodiscard]] Status write_again(const Position& from, const Position& end);
  [[nodiscard]] Status remove_behind(std::uint64_t segment);
  [[nodiscard]] Status clean_behind(const Position& end);

  std::filesystem::path folder_;
  const std::uint64_t segment_bytes_;
  std::mutex making_;  // one segment at a time; taken before mutex_
  mutable std::mutex mutex_;
  std::map<std::uint64_t, std::uint64_t> there_;  // number -> bytes
  std::uint64_t current_ = 0;
};

}  // namespace besa::journal
