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

// One pass of `finish_purges`: what it overwrites before it commits that it did.
constexpr std::size_t kPurgesAtOnce = 1024;

tl::unexpected<base::Error> damaged_state() {
  return base::fail(ErrorKind::damaged, "the journal's state row is not what it should be: restore it from a backup");
}

Result<Position> decode_position(ByteView bytes) {
  ByteReader reader(bytes);
  Position position;
  position.segment = reader.u64();
  position.offset = reader.u64();
  if (!reader.done()) return damaged_state();
  return position;
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

Result<std::vector<Place>> pending_purges(const kv::Transaction& reading, const Tables& tables) {
  BESA_ASSIGN(const auto rows, reading.scan(tables.purge, {}, {}, kPurgesAtOnce));
  std::vector<Place> out;
  for (const kv::Row& row : rows) {
    BESA_ASSIGN(const Place place, decode_place(ByteWriter().raw(row.key).raw(row.value).take()));
    out.push_back(place);
  }
  return out;
}

}  // namespace

Bytes encode_position(const Position& position) {
  return ByteWriter().u64(position.segment).u64(position.offset).take();
}

Bytes encode_count(std::uint64_t count) { return ByteWriter().u64(count).take(); }

Result<std::uint64_t> decode_count(ByteView bytes) {
  ByteReader reader(bytes);
  const std::uint64_t count = reader.u64();
  if (!reader.done()) return damaged_state();
  return count;
}

Status put_living(kv::WriteTransaction& writing, const Tables& tables, std::uint64_t segment, std::uint64_t count) {
  if (count == 0) return writing.erase(tables.segment, encode_count(segment));
  return writing.put(tables.segment, encode_count(segment), encode_count(count));
}

Status Journal::State::load() {
  BESA_ASSIGN(const auto reading, database->read());
  BESA_ASSIGN(const auto position, reading.get(tables.state, base::as_bytes(kPositionKey)));
  if (position) {
    BESA_ASSIGN(end, decode_position(*position));
  }
  BESA_ASSIGN(const auto note, reading.get(tables.state, base::as_bytes(kCheckpointKey)));
  if (note) checkpoint = base::as_text(*note);
  BESA_ASSIGN(living, load_living(reading, tables));
  const LogReader log(reading, tables);
  BESA_ASSIGN(const TreeSize size, log.size());
  const auto source = [&](unsigned level, std::uint64_t index) {
    return log.node(static_cast<std::uint8_t>(level), index);
  };
  BESA_ASSIGN(frontier, core::Frontier::load(size, source));
  return {};
}

bool Journal::State::tail_holds() const {
  const auto reading = database->read();
  if (!reading) return false;
  const auto size = LogReader(*reading, tables).size();
  if (!size || *size != frontier.size()) return false;
  const auto row = reading->get(tables.state, base::as_bytes(kPositionKey));
  if (!row) return false;
  return *row ? **row == encode_position(end) : end == Position{};
}

Status Journal::State::remove_dead_segments() {
  for (const std::uint64_t segment : segments.numbers()) {
    if (segment < end.segment && !living.contains(segment)) BESA_TRY(segments.remove(segment));
  }
  return {};
}

Result<std::string> Journal::State::put_checkpoint(kv::WriteTransaction& writing) {
  const std::scoped_lock lock(checkpoint_mutex);
  if (!checkpoint_saved) {
    BESA_TRY(writing.put(tables.state, base::as_bytes(kCheckpointKey), base::as_bytes(checkpoint)));
  }
  return checkpoint;
}

void Journal::State::checkpoint_is_saved(const std::string& note) {
  const std::scoped_lock lock(checkpoint_mutex);
  if (checkpoint == note) checkpoint_saved = true;
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
  auto state = std::make_unique<State>(std::move(database), folder / "segments", options.segment_bytes);
  BESA_ASSIGN(state->tables, open_tables(*state->database));
  BESA_TRY(state->load());
  BESA_TRY(state->segments.open(state->end));
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

Status Journal::save_checkpoint() {
  BESA_CHECK(!state_->batch_open);
  BESA_ASSIGN(auto writing, state_->database->write());
  BESA_ASSIGN(const std::string note, state_->put_checkpoint(writing));
  BESA_TRY(writing.commit());
  state_->checkpoint_is_saved(note);
  return {};
}

Status Journal::finish_purges() {
  BESA_CHECK(!state_->batch_open);
  while (state_->purges_pending) {
    BESA_ASSIGN(const auto places, [&]() -> Result<std::vector<Place>> {
      BESA_ASSIGN(const auto reading, state_->database->read());
      return pending_purges(reading, state_->tables);
    }());
    if (places.empty()) {
      state_->purges_pending = false;
      break;
    }
    BESA_TRY(state_->segments.overwrite(places));
    BESA_ASSIGN(auto writing, state_->database->write());
    Living living = state_->living;
    for (const Place& place : places) {
      BESA_TRY(writing.erase(state_->tables.purge, encode_position({place.segment, place.offset})));
      const auto counted = living.find(place.segment);
      if (counted == living.end()) return damaged_state();
      BESA_TRY(put_living(writing, state_->tables, place.segment, --counted->second));
      if (counted->second == 0) living.erase(counted);
    }
    if (auto committed = writing.commit(); !committed) {
      if (!state_->tail_holds()) state_->failed = true;
      return committed;
    }
    state_->living = std::move(living);
  }
  return state_->remove_dead_segments();
}

bool Journal::failed() const { return state_->failed; }

Status Journal::prepare_segment() { return state_->segments.prepare_next(); }

Result<int> Journal::clear_dead_readers() const { return state_->database->clear_dead_readers(); }

Journal::Usage Journal::usage() const {
  const std::uint64_t files = state_->segments.numbers().size();
  return {state_->database->usage(), files, files * state_->segments.segment_bytes()};
}

}  // namespace besa::journal
