#include "journal/journal.h"

#include "base/check.h"
#include "journal/file.h"
#include "journal/state.h"
#include "kv/file_system.h"
#include "kv/folder.h"

namespace besa::journal {
namespace {

using base::ByteReader;
using base::ByteWriter;
using base::ErrorKind;

constexpr std::uint8_t kFormat = 4;  // of tables, the rows of the view and segments

tl::unexpected<base::Error> damaged_state() {
  return base::fail(ErrorKind::damaged, "the journal's state row is not what it should be: restore it from a backup");
}

Result<Living> load_living(const kv::Transaction& reading, const Tables& tables) {
  BESA_ASSIGN(const auto rows, reading.scan(tables.segment, {}, {}, SIZE_MAX));
  Living out;
  for (const kv::Row& row : rows) {
    BESA_ASSIGN(const std::uint64_t segment, decode_count(row.key));
    BESA_ASSIGN(out[segment], decode_count(row.value));
  }
  return out;
}

// Whether the journal is fresh. Another release may have written it otherwise.
Result<bool> is_fresh(kv::Environment& database, const Tables& tables) {
  BESA_ASSIGN(const auto reading, database.read());
  BESA_ASSIGN(const auto stored, reading.get(tables.state, base::as_bytes(kFormatKey)));
  BESA_ASSIGN(const TreeSize size, stored_size(reading, tables));
  if (!stored && size.value == 0) return true;
  if (stored == Bytes{kFormat}) return false;
  return base::fail(ErrorKind::configuration,
                    "the store was written by another release of Besa: read it with that one, or begin a new network");
}

// From now on a missing segment is a loss.
Status make_known(kv::Environment& database, const Tables& tables) {
  BESA_ASSIGN(auto writing, database.write());
  BESA_TRY(writing.put(tables.state, base::as_bytes(kFormatKey), Bytes{kFormat}));
  return writing.commit();
}

}  // namespace

Bytes encode_count(std::uint64_t count) { return ByteWriter().u64(count).take(); }

Result<std::uint64_t> decode_count(ByteView bytes) {
  ByteReader reader(bytes);
  const std::uint64_t count = reader.u64();
  if (!reader.done()) return damaged_state();
  return count;
}

Status Journal::State::load() {
  BESA_ASSIGN(const auto reading, database->read());
  BESA_ASSIGN(const auto position, reading.get(tables.state, base::as_bytes(kPositionKey)));
  if (position) {
    BESA_ASSIGN(settled, decode_position(*position));
  }
  BESA_ASSIGN(const auto note, reading.get(tables.state, base::as_bytes(kCheckpointKey)));
  if (note) checkpoint = base::as_text(*note);
  BESA_ASSIGN(living, load_living(reading, tables));
  BESA_ASSIGN(settled_size, stored_size(reading, tables));
  const LogReader log(reading, tables, settled_size);
  const auto source = [&](unsigned level, std::uint64_t index) {
    return log.node(static_cast<std::uint8_t>(level), index);
  };
  BESA_ASSIGN(frontier, core::Frontier::load(settled_size, source));
  layers.begin(settled_size);
  return {};
}

void Journal::State::take_recovered(std::size_t count) {
  taken += count;
  if (taken < walked.records.size()) return;
  walked.records = {};
  taken = 0;
}

Journal::Journal(std::unique_ptr<State> state) : state_(std::move(state)) {}

Journal::~Journal() { BESA_CHECK(!state_->batch_open); }

bool Journal::exists(const std::filesystem::path& folder) { return kv::Environment::exists(folder / "db"); }

Result<std::unique_ptr<Journal>> Journal::open(const std::filesystem::path& folder, const Options& options) {
  BESA_TRY(kv::file_system_fit(folder));
  BESA_TRY(kv::make_private_folder(folder));
  std::error_code unreadable;
  if (!exists(folder) && std::filesystem::exists(folder / "segments", unreadable)) {
    return base::fail(ErrorKind::damaged,
                      "the database of " + folder.string() + " is gone and its segments are there: restore a backup");
  }
  BESA_ASSIGN(auto database, kv::Environment::open(folder / "db", options.database));
  auto state = std::make_unique<State>(std::move(database), folder, options);
  BESA_ASSIGN(state->tables, open_tables(*state->database));
  BESA_ASSIGN(const bool fresh, is_fresh(*state->database, state->tables));
  BESA_TRY(state->load());
  BESA_TRY(state->segments.find());
  BESA_ASSIGN(state->walked, walk(state->segments, state->settled, Sequence{state->settled_size.value}));
  BESA_TRY(state->segments.open(state->settled, state->walked.end, fresh));
  state->end = state->settled;  // moves with what is recovered: the rest must be found again by the next start
  if (fresh) BESA_TRY(make_known(*state->database, state->tables));
  state->purges_pending = true;
  std::unique_ptr<Journal> out(new Journal(std::move(state)));
  BESA_TRY(out->finish_purges());
  return out;
}

void Journal::set_checkpoint(std::string note) {
  const std::scoped_lock lock(state_->checkpoint_mutex);
  if (state_->checkpoint == note) return;
  state_->checkpoint = std::move(note);
  state_->checkpoint_saved = false;
}

std::string Journal::checkpoint() const {
  const std::scoped_lock lock(state_->checkpoint_mutex);
  return state_->checkpoint;
}

std::span<const Recovered> Journal::recovered() const { return state_->to_recover(); }

bool Journal::dropped_unfinished() const { return state_->walked.dropped; }

Unsettled Journal::unsettled() const { return state_->layers.unsettled(); }

bool Journal::failed() const { return state_->failed; }

Status Journal::prepare_segment() { return state_->segments.prepare_next(); }

Result<int> Journal::clear_dead_readers() const { return state_->database->clear_dead_readers(); }

Journal::Usage Journal::usage() const {
  const std::uint64_t files = state_->segments.numbers().size();
  return {state_->database->usage(), files, files * state_->segments.segment_bytes()};
}

}  // namespace besa::journal
