#include <string>

#include "base/check.h"
#include "base/fail_point.h"
#include "base/limits.h"
#include "journal/kv_view.h"
#include "journal/state.h"

namespace besa::journal {
namespace {

using base::ByteWriter;
using base::ErrorKind;

// What a batch would have to take at worst before the database is let in.
constexpr std::size_t kLargeBytes = kv::WriteTransaction::kLargeBytes;
// A batch that could not be settled must not be acknowledged. One more entry still fits behind it.
constexpr std::size_t kMostBytes = 4 * kLargeBytes;
static_assert(kMostBytes < kv::WriteTransaction::kSpillBytes);

// Of one member.
struct KeptNotices {
  std::uint64_t count = 0;
  Bytes oldest;  // key of its row
};

Bytes encode_kept_notices(const KeptNotices& kept) { return ByteWriter().u64(kept.count).raw(kept.oldest).take(); }

Result<KeptNotices> decode_kept_notices(ByteView bytes) {
  base::ByteReader reader(bytes);
  KeptNotices out;
  out.count = reader.u64();
  out.oldest = base::to_bytes(reader.raw(kNoticeKeyBytes));
  if (!reader.done()) return base::fail(ErrorKind::damaged, "a stored count of notices is cut: restore a backup");
  return out;
}

tl::unexpected<base::Error> another_entry(Sequence sequence) {
  return base::fail(ErrorKind::damaged,
                    "entry " + std::to_string(sequence.value) +
                        " comes out otherwise than it was recorded: check the disk, restore a backup");
}

}  // namespace

struct Batch::State {
  State(Journal::State& of, std::shared_ptr<Layer> made, Layers::State below, Status of_room)
      : journal(of),
        layer(std::move(made)),
        changes(layer->changes),
        reading(std::move(below.reader)),
        log(reading, of.tables, below.size),
        view(reading, layer->changes, of.tables),
        frontier(of.frontier),
        frames(of.end, Sequence{frontier.size().value}, of.segments.room_of(of.end.segment),
               of.segments.segment_bytes()),
        room(std::move(of_room)) {
    journal.batch_open = true;
  }
  ~State() { journal.batch_open = false; }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  Journal::State& journal;
  std::shared_ptr<Layer> layer;  // the newest of `reading`
  kv::Changes& changes;
  kv::Layered reading;
  LogReader log;
  KvView view;
  core::Frontier frontier;
  BatchFrames frames;
  Status room;            // for another entry
  std::size_t taken = 0;  // of what is recovered
  Status health;          // the first error: this batch can only be dropped

  const Tables& tables() const { return journal.tables; }
  Status put_entry(const Append& append, Sequence sequence);
  Status put_first(kv::Table table, ByteView key, Sequence sequence);
  Status put_frames(const Append& append, Sequence sequence);
  Status put_chunk(const PlacedChunk& chunk);
  Status take_recovered(const Append& append, Sequence sequence);
  Status put_notices(const std::vector<Notice>& notices, Sequence sequence);
  Status put_notice(const Notice& notice, Bytes key);
  Result<Bytes> drop_oldest_notice(const MemberId& member, const Bytes& oldest);
  Status append(const Append& append, Sequence sequence);
  Status purge(ByteView prefix);
  Result<Position> make_durable();
  Status take_back(base::Error error);
  Status commit();
};

// An index row, unless the key has one.
Status Batch::State::put_first(kv::Table table, ByteView key, Sequence sequence) {
  BESA_ASSIGN(const auto there, reading.get(table, key));
  if (!there) changes.put(table, key, sequence_key(sequence));
  return {};
}

Status Batch::State::put_entry(const Append& append, Sequence sequence) {
  if (append.entry.empty() || append.entry.size() > base::limits::kEntryBytes) {
    return base::fail(ErrorKind::malformed, "an entry has no bytes or too many");
  }
  changes.put(tables().log, sequence_key(sequence), append.entry);
  changes.put(tables().beside, sequence_key(sequence), append.beside);
  for (const core::Node& node : frontier.append(core::leaf_hash(append.entry))) {
    const Bytes key = node_key(static_cast<std::uint8_t>(node.level), node.index);
    changes.put(tables().node, key, node.hash.view());
  }
  log.grow(frontier.size());
  ++layer->entries;
  if (append.author) {
    BESA_TRY(put_first(tables().author, author_key(append.author->author, append.author->counter), sequence));
  }
  if (append.id) BESA_TRY(put_first(tables().id, append.id->view(), sequence));
  return {};
}

Status Batch::State::put_chunk(const PlacedChunk& chunk) {
  const Bytes key = chunk_key(chunk.message.author, chunk.message.counter, chunk.section, chunk.chunk);
  BESA_ASSIGN(const auto there, reading.get(tables().place, key));
  if (there) return base::fail(ErrorKind::already_exists, "this chunk of ciphertext is there already");
  changes.put(tables().place, key, encode_place(chunk.place));
  ++layer->placed[chunk.place.segment];
  return {};
}

Status Batch::State::put_frames(const Append& append, Sequence sequence) {
  BESA_TRY(frames.add_entry(sequence, append.entry, append.beside));
  for (const Chunk& chunk : append.ciphertext) {
    BESA_ASSIGN(const Place place, frames.add_chunk(*append.author, chunk));
    BESA_TRY(put_chunk({*append.author, chunk.section, chunk.chunk, place}));
  }
  return {};
}

// The frames are there already: the same bytes must have come out, and chunks only where a message has some.
Status Batch::State::take_recovered(const Append& append, Sequence sequence) {
  const Recovered& recorded = journal.to_recover()[taken];
  if (recorded.sequence != sequence || recorded.entry != append.entry || recorded.beside != append.beside) {
    return another_entry(sequence);
  }
  for (const PlacedChunk& chunk : recorded.chunks) {
    if (!append.author || chunk.message != *append.author) return another_entry(sequence);
    BESA_TRY(put_chunk(chunk));
  }
  ++taken;
  return {};
}

// Makes room for one more notice of a member, and gives the key of the oldest that is left then.
Result<Bytes> Batch::State::drop_oldest_notice(const MemberId& member, const Bytes& oldest) {
  changes.erase(tables().notice, oldest);
  BESA_ASSIGN(auto rows, reading.scan(tables().notice, member.view(), oldest, 1));
  if (rows.empty()) return base::fail(ErrorKind::damaged, "a member's notices are missing: restore a backup");
  return std::move(rows.front().key);
}

// The row that counts a member's notices and names the oldest comes before them: its key is theirs without a sequence.
Status Batch::State::put_notice(const Notice& notice, Bytes key) {
  BESA_ASSIGN(const auto row, reading.get(tables().notice, notice.member.view()));
  KeptNotices kept{0, key};
  if (row) {
    BESA_ASSIGN(kept, decode_kept_notices(*row));
  }
  changes.put(tables().notice, key, ByteWriter().u16(notice.code).reference(notice.reference).take());
  if (kept.count < kNoticesKept) {
    ++kept.count;
  } else {
    BESA_ASSIGN(kept.oldest, drop_oldest_notice(notice.member, kept.oldest));
  }
  changes.put(tables().notice, notice.member.view(), encode_kept_notices(kept));
  return {};
}

Status Batch::State::put_notices(const std::vector<Notice>& notices, Sequence sequence) {
  BESA_CHECK(notices.size() <= std::size_t{UINT16_MAX} + 1);
  std::uint16_t number = 0;
  for (const Notice& notice : notices) BESA_TRY(put_notice(notice, notice_key(notice.member, sequence, number++)));
  return {};
}

Status Batch::State::append(const Append& append, Sequence sequence) {
  BESA_CHECK(append.ciphertext.empty() || append.author);
  BESA_TRY(room);
  if (page_bytes(changes) > kMostBytes) {
    return base::fail(ErrorKind::full, "more changes in one batch than the database takes at once: fewer at a time");
  }
  BESA_TRY(put_entry(append, sequence));
  const bool recovers = taken < journal.to_recover().size();
  BESA_TRY(recovers ? take_recovered(append, sequence) : put_frames(append, sequence));
  return put_notices(append.notices, sequence);
}

Status Batch::State::purge(ByteView prefix) {
  BESA_ASSIGN(const auto rows, reading.scan(tables().place, prefix, {}, SIZE_MAX));
  for (const kv::Row& row : rows) {
    BESA_ASSIGN(const Place place, decode_place(row.value));
    changes.erase(tables().place, row.key);
    changes.put(tables().purge, encode_position({place.segment, place.offset}), ByteWriter().u32(place.length).bytes());
    layer->purges = true;
  }
  return {};
}

// Nothing names what was written: it becomes zeros again. Passes the error on.
Status Batch::State::take_back(base::Error error) {
  const bool clean = journal.segments.take_back(frames.runs()).has_value();
  // After anything but a lack of room nobody knows what is on the disk: only opening again finds out.
  if (error.kind != ErrorKind::full || !clean) {
    journal.failed = true;
    error.kind = ErrorKind::io;
  }
  return tl::unexpected(std::move(error));
}

// Gives where the next batch begins.
Result<Position> Batch::State::make_durable() {
  if (taken > 0) {
    const auto& end = journal.to_recover()[taken - 1].ends_batch;
    BESA_CHECK(end.has_value() && frames.empty());
    return *end;
  }
  if (frames.empty()) return journal.end;
  BESA_TRY(frames.end());
  BESA_TRY(journal.segments.make_room(frames.runs()));
  if (auto written = journal.segments.write(frames.runs()); !written) {
    BESA_TRY(take_back(std::move(written).error()));
  }
  BESA_FAIL_POINT("batch_flushed");
  return frames.position();
}

Status Batch::State::commit() {
  BESA_TRY(health);
  if (changes.empty()) return {};
  BESA_ASSIGN(journal.end, make_durable());
  journal.take_recovered(taken);
  journal.frontier = std::move(frontier);
  layer->end = journal.end;
  layer->size = journal.frontier.size();
  journal.layers.publish(std::move(layer));
  BESA_FAIL_POINT("batch_published");
  return {};
}

Batch::Batch(std::unique_ptr<State> state) : state_(std::move(state)) {}
Batch::Batch(Batch&&) noexcept = default;
Batch& Batch::operator=(Batch&&) noexcept = default;
Batch::~Batch() = default;

core::MutableView& Batch::view() { return state_->view; }
const LogReader& Batch::log() const { return state_->log; }

Result<Sequence> Batch::append(const Append& append) {
  BESA_TRY(state_->health);
  const Sequence sequence{state_->frontier.size().value};
  state_->health = state_->append(append, sequence);
  BESA_TRY(state_->health);
  return sequence;
}

Status Batch::purge(const Reference& message, std::uint16_t section) {
  if (state_->health) state_->health = state_->purge(section_key(message.author, message.counter, section));
  return state_->health;
}

void Batch::drop_view() { state_->view.clear(); }

bool Batch::is_large() const { return page_bytes(state_->changes) > kLargeBytes; }

Status Batch::commit() {
  BESA_CHECK(state_ != nullptr);
  const auto state = std::move(state_);
  return state->commit();
}

// Too much waits for the database: the writer helps, unless that has just failed.
Status Journal::State::look_for_room() {
  const auto is_over = [&] {
    const Unsettled waits = layers.unsettled();
    return waits.entries >= options.unsettled_entries || waits.bytes >= options.unsettled_bytes;
  };
  if (!is_over()) return {};
  if (!settle_failed) {
    const std::scoped_lock lock(settling);
    BESA_TRY(settle());
  }
  if (!is_over()) return {};
  return base::fail(ErrorKind::full, "too much waits for the database, which does not take it: make room");
}

Result<Batch> Journal::begin() {
  BESA_CHECK(!state_->batch_open);
  Status room = state_->look_for_room();
  if (!room && room.error().kind != ErrorKind::full) return tl::unexpected(std::move(room).error());
  if (state_->failed) {
    return base::fail(ErrorKind::io, "an earlier write failed: start the program again, so that the disk is looked at");
  }
  auto layer = std::make_shared<Layer>();
  BESA_ASSIGN(auto below, state_->layers.read(*state_->database, {layer, &layer->changes}));
  return Batch(std::make_unique<Batch::State>(*state_, std::move(layer), std::move(below), std::move(room)));
}

}  // namespace besa::journal
