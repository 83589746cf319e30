// What the broker's disk holds: the log with its tree, the view, and the ciphertext of messages that still travel.
//
// One folder: `segments/` (files with a number for a name), where a batch becomes durable, and `db/` (a
// kv::Environment), which follows. A batch is durable when `commit` returns: its frames lie in a segment and were
// flushed. What the database does not hold yet lies in memory, too, and every snapshot sees it; `settle` writes it to
// the database, many batches at a time. After a crash the database is an older state, and the segments hold the rest:
// `recovered` entries, which must be decided and appended once more before anything else is. A batch whose writing the
// crash cut off was never acknowledged and is dropped.
//
// Life of a batch: `begin` -> decide on `view()` -> `append` -> ... -> `commit` -> sign a checkpoint over `size` and
// root -> `set_checkpoint` -> answer. A batch that is dropped, or that found no room, leaves no trace. Behind it, in
// another thread: `settle` -> `finish_purges`.
//
// Errors: full (no room: nothing was taken, reading goes on, goes again when there is room), damaged, io (after an io
// error of `commit` or `settle` the journal takes nothing more until it is opened again; what was being written may be
// there then), busy (another process holds the folder), configuration (file system, permissions, another format).
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/view.h"
#include "journal/layers.h"
#include "journal/log_reader.h"
#include "journal/walk.h"

namespace besa::journal {

struct Options {
  std::size_t segment_bytes = std::size_t{64} << 20;  // tests take small ones; a frame must fit
  kv::Options database = {};
  // What may wait for the database. Past it `begin` settles itself; if that does not go, `append` gives `full`.
  std::uint64_t unsettled_entries = 4'096;
  std::size_t unsettled_bytes = std::size_t{64} << 20;
};

// Something that an entry made worth telling a member: where to look, never what to believe.
struct Notice {
  MemberId member;
  std::uint16_t code = 0;  // core::NoticeCode
  Reference reference;
};

struct Append {
  Bytes entry;   // core::encode_entry; its sequence is the batch's next
  Bytes beside;  // core::encode_beside
  // A member's statement that used up its counter: found again by (author, counter). The first entry of a counter stays
  // the one that is found.
  std::optional<Reference> author;
  // A governance or person's statement: found again by id. The first entry stays.
  std::optional<StatementId> id;
  // Of an accepted envelope; needs `author`.
  std::vector<Chunk> ciphertext;
  // At most 65,536. Of each member the newest kNoticesKept are kept.
  std::vector<Notice> notices;
};

inline constexpr std::uint64_t kNoticesKept = 4'096;

// A notice as it is kept.
struct StoredNotice {
  Sequence sequence;
  Notice notice;
};

// A consistent state as of its making: entries, tree, view, ciphertext. Movable, one thread at a time. End it soon.
class Snapshot {
 public:
  Snapshot(Snapshot&&) noexcept;
  Snapshot& operator=(Snapshot&&) noexcept;
  ~Snapshot();

  const LogReader& log() const;
  const core::View& view() const;

  // One chunk as it was appended. Errors: not_found (never there, or purged), damaged (its checksum says so).
  [[nodiscard]] Result<Bytes> ciphertext(const Reference& message, std::uint16_t section, std::uint32_t chunk) const;
  // How many chunks of a section are there.
  [[nodiscard]] Result<std::uint32_t> chunks(const Reference& message, std::uint16_t section) const;

  // Notices for a member of entries after `since`, oldest first, at most `limit`.
  [[nodiscard]] Result<std::vector<StoredNotice>> notices(const MemberId& member, Sequence since,
                                                          std::size_t limit) const;

 private:
  friend class Journal;
  struct State;
  explicit Snapshot(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// What will become durable together. Belongs to the writer's thread.
class Batch {
 public:
  Batch(Batch&&) noexcept;
  Batch& operator=(Batch&&) noexcept;
  ~Batch();

  // The uncommitted view: what `decide` reads and what its changes are applied to.
  core::MutableView& view();
  // The uncommitted log, for duplicates within a batch and for roots.
  const LogReader& log() const;

  // Adds the next entry, its tree nodes and its ciphertext, and gives its sequence. While something is recovered, this
  // must be the next of it, and its ciphertext is what lies in the segments.
  // Errors: malformed (an entry or frame over its limit), full (too much waits for the database), already_exists,
  // damaged (another entry than was recovered), io. After an error only dropping is left.
  [[nodiscard]] Result<Sequence> append(const Append& append);

  // From the commit on the section's chunks are not found; `finish_purges` overwrites them. Purging what is not there
  // is no error.
  [[nodiscard]] Status purge(const Reference& message, std::uint16_t section);

  // Removes every row of the view, so that it can be made again from the log. A rebuild takes several batches: commit
  // and settle when `is_large`. Until its end the view's head names the last entry that was decided again.
  void drop_view();
  // Commit and settle soon: more changes would cost the database too much memory.
  bool is_large() const;

  // Durable when it returns; if it holds no entry (a rebuild, a purge alone), once it is settled. What is recovered is
  // committed by whole batches (a contract): after an entry with `ends_batch`. Ends the batch, whatever the result.
  // Errors: full (leaves no trace), io.
  [[nodiscard]] Status commit();

 private:
  friend class Journal;
  struct State;
  explicit Batch(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class Journal {
 public:
  // Whether a journal was ever opened in this folder.
  static bool exists(const std::filesystem::path& folder);
  // Opens or creates. Finds what is to be recovered, drops what a crash left of an unfinished batch, finishes pending
  // purges, removes segments in which nothing lives.
  // Errors: damaged (a batch that was acknowledged is not whole), and those above.
  [[nodiscard]] static Result<std::unique_ptr<Journal>> open(const std::filesystem::path& folder,
                                                             const Options& options = {});
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Entries that the segments hold and the database does not, in order: decide each at its recorded time and append it.
  // Only at start; empty from then on. Valid until the next commit.
  std::span<const Recovered> recovered() const;
  // Whether the beginning of a batch was dropped, which a crash had cut off.
  bool dropped_unfinished() const;

  // Writer thread. One batch at a time (a contract). Errors: io.
  [[nodiscard]] Result<Batch> begin();
  // Any thread.
  [[nodiscard]] Result<Snapshot> snapshot() const;

  // The newest checkpoint note, or empty. It is written with the next `settle`, or by `save_checkpoint`: after a crash
  // the log key signs the same size and root again, so that losing it is harmless. Any thread.
  void set_checkpoint(std::string note);
  std::string checkpoint() const;

  // --- The settling thread: one that is not the writer's. (Any may call; one after the other is let in.)

  // Writes what waits to the database, oldest first, and commits it. If that fails nothing is lost: it is still in the
  // segments and in memory, and the next call tries again. Errors: full, io, damaged.
  [[nodiscard]] Status settle();
  // The same, and the newest note: a clean end.
  [[nodiscard]] Status save_checkpoint();
  // What waits. Any thread.
  Unsettled unsettled() const;

  // Overwrites purged chunks with zeros, flushes, and removes segments in which nothing lives. What an entry purges is
  // overwritten once the database holds that entry. Cheap if nothing is pending. Done again at the next open if it
  // fails. False: nothing was done, since a backup is being copied (BackupLock); call again.
  [[nodiscard]] Result<bool> finish_purges();

  // Counts about `rows` rows of the view again and compares with the sums that were kept; goes on where it stopped.
  // Errors: damaged (rebuild the view), io.
  [[nodiscard]] Status check_view(std::size_t rows);
  // Of the view in the database, and a row for each sum: how much a whole round looks at.
  [[nodiscard]] Result<std::uint64_t> view_rows() const;

  // Makes the next segment ready (64 MiB of zeros, flushed), if it is not. Any thread but the writer's, when idle: then
  // the writer does not wait for it.
  [[nodiscard]] Status prepare_segment();

  // An io error left open what is on the disk: nothing more is taken until it is opened again, and reading may be over
  // as well. Any thread.
  bool failed() const;

  // Frees reader slots of dead processes; every minute.
  [[nodiscard]] Result<int> clear_dead_readers() const;

  struct Usage {
    kv::Environment::Usage database;
    std::uint64_t segments = 0;  // files
    std::uint64_t segment_bytes = 0;
  };
  Usage usage() const;

 private:
  friend class Batch;
  friend class Snapshot;
  struct State;
  explicit Journal(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace besa::journal
