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
#include "journal/sums.h"
#include "journal/tables.h"
#include "kv/environment.h"

namespace besa::journal {

// Chunks of ciphertext that live in each segment.
using Living = std::map<std::uint64_t, std::uint64_t>;

struct Journal::State {
  State(std::unique_ptr<kv::Environment> opened, const std::filesystem::path& of_folder, const Options& of_options)
      : folder(of_folder),
        database(std::move(opened)),
        segments(folder / "segments", of_options.segment_bytes),
        options(of_options) {}

  const std::filesystem::path folder;
  std::unique_ptr<kv::Environment> database;
  Tables tables;
  Segments segments;
  const Options options;
  Layers layers;
  std::atomic<bool> failed{false};         // an io error left open what is on the disk. Any thread reads it
  std::atomic<bool> settle_failed{false};  // the last time. Any thread reads it

  // The writer's, as of the last commit.
  core::Frontier frontier;
  Position end;
  bool batch_open = false;
  Walked walked;          // what was found at start
  std::size_t taken = 0;  // of its records

  // The settling thread's: who holds the mutex.
  std::mutex settling;
  Position settled;  // what the database holds
  TreeSize settled_size;
  Living living;
  bool purges_pending = false;
  Scrub scrub;

  // Any thread's.
  mutable std::mutex checkpoint_mutex;
  std::string checkpoint;
  bool checkpoint_saved = true;

  std::span<const Recovered> to_recover() const { return std::span(walked.records).subspan(taken); }
  // Forgets them all once the last is taken.
  void take_recovered(std::size_t count);
  [[nodiscard]] Status load();
  [[nodiscard]] Status look_for_room();

  // `settling` held.
  [[nodiscard]] Status settle();
  [[nodiscard]] Status settle_some(const Layers::Some& some);
  [[nodiscard]] Result<bool> finish_purges();
  [[nodiscard]] Status finish_some_purges(const std::vector<Place>& places);
  [[nodiscard]] Status remove_dead_segments();
  // Commits; a failure that is not a lack of room, or after which the database is not as before, is the journal's end.
  [[nodiscard]] Status commit(kv::WriteTransaction& writing);
  bool tail_holds() const;

  // Puts the newest checkpoint if it is not saved yet; gives the note.
  [[nodiscard]] Result<std::string> put_checkpoint(kv::WriteTransaction& writing);
  void checkpoint_is_saved(const std::string& note);
};

Bytes encode_count(std::uint64_t count);
[[nodiscard]] Result<std::uint64_t> decode_count(ByteView bytes);
// Writes the count of a segment, or removes its row at 0.
[[nodiscard]] Status put_living(kv::WriteTransaction& writing, const Tables& tables, std::uint64_t segment,
                                std::uint64_t count);

}  // namespace besa::journal
