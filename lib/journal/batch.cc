#include <string>

#include "base/check.h"
#include "base/limits.h"
#include "journal/kv_view.h"
#include "journal/state.h"

namespace besa::journal {
namespace {

using base::ByteWriter;
using base::ErrorKind;

Bytes chunk_payload(const Reference& message, const Chunk& chunk) {
  return ByteWriter().reference(message).u16(chunk.section).u32(chunk.chunk).raw(chunk.bytes).take();
}

}  // namespace

struct Batch::State {
  State(Journal::State& of, kv::WriteTransaction transaction)
      : journal(of),
        writing(std::move(transaction)),
        log(writing, of.tables),
        view(writing, of.tables),
        frontier(of.frontier),
        end(of.end),
        living(of.living) {
    journal.batch_open = true;
  }
  ~State() { journal.batch_open = false; }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  Journal::State& journal;
  kv::WriteTransaction writing;
  LogReader log;
  KvView view;
  core::Frontier frontier;
  Position end;
  Living living;
  std::vector<Frame> frames;
  bool purges = false;
  Status health;  // the first error: this batch can only be dropped

  const Tables& tables() const { return journal.tables; }
  Status put_entry(const Append& append, Sequence sequence);
  Status put_first(kv::Table table, ByteView key, Sequence sequence);
  Status put_chunk(const Reference& message, const Chunk& chunk);
  Status put_notices(const std::vector<Notice>& notices, Sequence sequence);
  Status drop_oldest_notice(const MemberId& member);
  Status append(const Append& append, Sequence sequence);
  Status purge(ByteView prefix);
  Status put_segments();
  Status commit();
  Status take_back(base::Error error);
};

// An index row, unless the key has one.
Status Batch::State::put_first(kv::Table table, ByteView key, Sequence sequence) {
  BESA_ASSIGN(const auto there, writing.get(table, key));
  if (there) return {};
  return writing.put(table, key, sequence_key(sequence));
}

Status Batch::State::put_entry(const Append& append, Sequence sequence) {
  if (append.entry.empty() || append.entry.size() > base::limits::kEntryBytes) {
    return base::fail(ErrorKind::malformed, "an entry has no bytes or too many");
  }
  BESA_TRY(writing.put(tables().log, sequence_key(sequence), append.entry));
  BESA_TRY(writing.put(tables().beside, sequence_key(sequence), append.beside));
  for (const core::Node& node : frontier.append(core::leaf_hash(append.entry))) {
    const Bytes key = node_key(static_cast<std::uint8_t>(node.level), node.index);
    BESA_TRY(writing.put(tables().node, key, node.hash.view()));
  }
  if (append.author) {
    BESA_TRY(put_first(tables().author, author_key(append.author->author, append.author->counter), sequence));
  }
  if (append.id) BESA_TRY(put_first(tables().id, append.id->view(), sequence));
  return {};
}

Status Batch::State::put_chunk(const Reference& message, const Chunk& chunk) {
  Frame frame;
  frame.payload = chunk_payload(message, chunk);
  if (frame.payload.size() > journal.segments.largest_payload()) {
    return base::fail(ErrorKind::malformed, "a chunk of ciphertext is larger than a segment");
  }
  const Bytes key = chunk_key(message.author, message.counter, chunk.section, chunk.chunk);
  BESA_ASSIGN(const auto there, writing.get(tables().place, key));
  if (there) return base::fail(ErrorKind::already_exists, "this chunk of ciphertext is there already");
  frame.place = journal.segments.reserve(end, frame.payload.size());
  BESA_TRY(writing.put(tables().place, key, encode_place(frame.place)));
  ++living[frame.place.segment];
  frames.push_back(std::move(frame));
  return {};
}

// The row that counts a member's notices comes before them: its key is theirs without a sequence.
Status Batch::State::drop_oldest_notice(const MemberId& member) {
  BESA_ASSIGN(const auto rows, writing.scan(tables().notice, member.view(), notice_key(member, {}, 0), 1));
  if (rows.empty()) return {};
  return writing.erase(tables().notice, rows.front().key);
}

Status Batch::State::put_notices(const std::vector<Notice>& notices, Sequence sequence) {
  BESA_CHECK(notices.size() <= std::size_t{UINT16_MAX} + 1);
  std::uint16_t number = 0;
  for (const Notice& notice : notices) {
    BESA_ASSIGN(const auto counted, writing.get(tables().notice, notice.member.view()));
    std::uint64_t kept = 0;
    if (counted) {
      BESA_ASSIGN(kept, decode_count(*counted));
    }
    if (kept >= kNoticesKept) {
      BESA_TRY(drop_oldest_notice(notice.member));
    } else {
      BESA_TRY(writing.put(tables().notice, notice.member.view(), encode_count(kept + 1)));
    }
    BESA_TRY(writing.put(tables().notice, notice_key(notice.member, sequence, number++),
                         ByteWriter().u16(notice.code).reference(notice.reference).take()));
  }
  return {};
}

Status Batch::State::append(const Append& append, Sequence sequence) {
  BESA_CHECK(append.ciphertext.empty() || append.author);
  BESA_TRY(put_entry(append, sequence));
  for (const Chunk& chunk : append.ciphertext) BESA_TRY(put_chunk(*append.author, chunk));
  BESA_TRY(put_notices(append.notices, sequence));
  return {};
}

Status Batch::State::purge(ByteView prefix) {
  BESA_ASSIGN(const auto rows, writing.scan(tables().place, prefix, {}, SIZE_MAX));
  for (const kv::Row& row : rows) {
    BESA_ASSIGN(const Place place, decode_place(row.value));
    BESA_TRY(writing.erase(tables().place, row.key));
    BESA_TRY(writing.put(tables().purge, encode_position({place.segment, place.offset}),
                         ByteWriter().u32(place.length).take()));
    purges = true;
  }
  return {};
}

Status Batch::State::put_segments() {
  if (frames.empty()) return {};
  for (const auto& [segment, count] : living) {
    const auto before = journal.living.find(segment);
    if (before != journal.living.end() && before->second == count) continue;
    BESA_TRY(put_living(writing, tables(), segment, count));
  }
  return writing.put(tables().state, base::as_bytes(kPositionKey), encode_position(end));
}

// Nothing names what was written: it becomes zeros again. Passes the error on.
Status Batch::State::take_back(base::Error error) {
  std::vector<Place> places;
  for (const Frame& frame : frames) places.push_back(frame.place);
  const bool clean = journal.segments.overwrite(places).has_value();
  // After anything but a lack of room nobody knows what is on the disk: only opening again finds out.
  if (error.kind != ErrorKind::full || !clean || !journal.tail_holds()) {
    journal.failed = true;
    error.kind = ErrorKind::io;
  }
  return tl::unexpected(std::move(error));
}

Status Batch::State::commit() {
  BESA_TRY(health);
  BESA_TRY(view.health());
  BESA_TRY(put_segments());
  BESA_ASSIGN(const std::string note, journal.put_checkpoint(writing));
  if (auto written = journal.segments.write(frames); !written) return take_back(std::move(written).error());
  if (auto committed = writing.commit(); !committed) return take_back(std::move(committed).error());
  journal.frontier = std::move(frontier);
  journal.end = end;
  journal.living = std::move(living);
  journal.purges_pending = journal.purges_pending || purges;
  journal.checkpoint_is_saved(note);
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

Status Batch::drop_view() { return state_->view.clear(); }

bool Batch::is_large() const { return state_->writing.dirty_bytes() > kv::WriteTransaction::kLargeBytes; }

Status Batch::commit() {
  BESA_CHECK(state_ != nullptr);
  const auto state = std::move(state_);
  return state->commit();
}

Result<Batch> Journal::begin() {
  BESA_CHECK(!state_->batch_open);
  if (state_->failed) {
    return base::fail(ErrorKind::io, "an earlier write failed: start the program again, so that the disk is looked at");
  }
  BESA_ASSIGN(auto writing, state_->database->write());
  return Batch(std::make_unique<Batch::State>(*state_, std::move(writing)));
}

}  // namespace besa::journal
