// Inside of lib/journal: what an open journal holds. Not for other layers.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/merkle.h"
#include "journal/journal.h"
#include "journal/segments.h"
#include "journal/tables.h"
#include "kv/environment.h"

namespace besa::journal {

// Live frames of each segment.
using Living = std::map<std::uint64_t, std::uint64_t>;

struct Journal::State {
  State(std::unique_ptr<kv::Environment> opened, const std::filesystem::path& segment_folder, std::size_t segment_bytes)
      : database(std::move(opened)), segments(segment_folder, segment_bytes) {}

  std::unique_ptr<kv::Environment> database;
  Tables tables;
  Segments segments;

  // As of the last commit. The writer's.
  core::Frontier frontier;
  Position end;
  Living living;
  bool purges_pending = false;
  bool batch_open = false;
  std::atomic<bool> failed{false};  // an io error left open what is on the disk. Any thread reads it

  // Any thread's.
  mutable std::mutex checkpoint_mutex;
  std::string checkpoint;
  bool checkpoint_saved = true;

  [[nodiscard]] Status load();
  // Does the database end where the last commit left it? Asked after a commit that failed.
  bool tail_holds() const;
  [[nodiscard]] Status remove_dead_segments();
  // Puts the newest checkpoint if it is not saved yet; gives the note.
  [[nodiscard]] Result<std::string> put_checkpoint(kv::WriteTransaction& writing);
  void checkpoint_is_saved(const std::string& note);
};

Bytes encode_position(const Position& position);
Bytes encode_count(std::uint64_t count);
[[nodiscard]] Result<std::uint64_t> decode_count(ByteView bytes);
// Writes the count of a segment, or removes its row at 0.
[[nodiscard]] Status put_living(kv::WriteTransaction& writing, const Tables& tables, std::uint64_t segment,
                                std::uint64_t count);

}  // namespace besa::journal
