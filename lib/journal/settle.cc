// The settling thread: what segments and memory hold goes to the database, and what was purged is overwritten.
#include <algorithm>

#include "base/check.h"
#include "base/fail_point.h"
#include "journal/backup_lock.h"
#include "journal/state.h"

namespace besa::journal {
namespace {

using base::ByteWriter;
using base::ErrorKind;

// One pass of `finish_purges`: what it overwrites before it commits that it did.
constexpr std::size_t kPurgesAtOnce = 1024;

struct Row {
  ByteView key;
  const std::optional<Bytes>* value;
};

// The changes of one table over all layers, in key order, the latest of each key.
std::vector<Row> merge(const Layers::Some& some, kv::Table table) {
  std::vector<Row> out;
  for (const auto& layer : some) {
    if (layer->changes.clears(table)) out.clear();
    for (const auto& [key, value] : layer->changes.rows(table)) out.push_back({key, &value});
  }
  const auto before = [](const Row& a, const Row& b) { return kv::KeyLess()(a.key, b.key); };
  std::stable_sort(out.begin(), out.end(), before);
  std::vector<Row> latest;
  for (const Row& row : out) {
    if (!latest.empty() && base::equal(latest.back().key, row.key)) {
      latest.back() = row;
    } else {
      latest.push_back(row);
    }
  }
  return latest;
}

bool clears(const Layers::Some& some, kv::Table table) {
  return std::any_of(some.begin(), some.end(), [&](const auto& layer) { return layer->changes.clears(table); });
}

Status put_row(kv::WriteTransaction& writing, kv::Table table, const Row& row) {
  return *row.value ? writing.put(table, row.key, **row.value) : writing.erase(table, row.key);
}

Status put_table(kv::WriteTransaction& writing, const Layers::Some& some, kv::Table table) {
  if (clears(some, table)) BESA_TRY(writing.clear(table));
  for (const Row& row : merge(some, table)) BESA_TRY(put_row(writing, table, row));
  return {};
}

// The same for a table of the view, with its sums.
Status put_view_table(kv::WriteTransaction& writing, const Layers::Some& some, const Tables& tables, core::Table table,
                      SumChanges& sums) {
  if (clears(some, tables.of(table))) {
    BESA_TRY(writing.clear(tables.of(table)));
    BESA_TRY(sums.clear(writing, tables, table));
  }
  for (const Row& row : merge(some, tables.of(table))) {
    BESA_ASSIGN(const auto before, writing.get(tables.of(table), row.key));
    sums.change(table, row.key, before, *row.value);
    BESA_TRY(put_row(writing, tables.of(table), row));
  }
  return {};
}

Status put_layers(kv::WriteTransaction& writing, const Layers::Some& some, const Tables& tables, SumChanges& sums) {
  for (const kv::Table table :
       {tables.log, tables.beside, tables.node, tables.author, tables.id, tables.place, tables.purge, tables.notice}) {
    BESA_TRY(put_table(writing, some, table));
  }
  for (const core::Table table : core::all_tables()) BESA_TRY(put_view_table(writing, some, tables, table, sums));
  return sums.write(writing, tables);
}

Status put_all_living(kv::WriteTransaction& writing, const Tables& tables, const Living& before, const Living& after) {
  for (const auto& [segment, count] : after) {
    const auto counted = before.find(segment);
    if (counted == before.end() || counted->second != count) {
      BESA_TRY(put_living(writing, tables, segment, count));
    }
  }
  return {};
}

Result<std::vector<Place>> pending_purges(const kv::Environment& database, const Tables& tables) {
  BESA_ASSIGN(const auto reading, database.read());
  BESA_ASSIGN(const auto rows, reading.scan(tables.purge, {}, {}, kPurgesAtOnce));
  std::vector<Place> out;
  for (const kv::Row& row : rows) {
    BESA_ASSIGN(const Place place, decode_place(ByteWriter().raw(row.key).raw(row.value).take()));
    out.push_back(place);
  }
  return out;
}

}  // namespace

Status put_living(kv::WriteTransaction& writing, const Tables& tables, std::uint64_t segment, std::uint64_t count) {
  if (count == 0) return writing.erase(tables.segment, encode_count(segment));
  return writing.put(tables.segment, encode_count(segment), encode_count(count));
}

bool Journal::State::tail_holds() const {
  const auto reading = database->read();
  if (!reading) return false;
  const auto size = stored_size(*reading, tables);
  if (!size || *size != settled_size) return false;
  const auto row = reading->get(tables.state, base::as_bytes(kPositionKey));
  if (!row) return false;
  return *row ? **row == encode_position(settled) : settled == Position{};
}

Status Journal::State::commit(kv::WriteTransaction& writing) {
  BESA_FAIL_POINT("settle_before_commit");
  auto committed = writing.commit();
  if (!committed && (committed.error().kind != ErrorKind::full || !tail_holds())) failed = true;
  return committed;
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

Status Journal::State::settle_some(const Layers::Some& some) {
  BESA_ASSIGN(auto writing, database->write());
  SumChanges sums(scrub);
  BESA_TRY(put_layers(writing, some, tables, sums));
  Living lives = living;
  bool purges = false;
  for (const auto& layer : some) {
    for (const auto& [segment, count] : layer->placed) lives[segment] += count;
    purges = purges || layer->purges;
  }
  BESA_TRY(put_all_living(writing, tables, living, lives));
  BESA_TRY(writing.put(tables.state, base::as_bytes(kPositionKey), encode_position(some.back()->end)));
  BESA_ASSIGN(const std::string note, put_checkpoint(writing));
  BESA_TRY(commit(writing));
  checkpoint_is_saved(note);
  sums.done(scrub);
  living = std::move(lives);
  settled = some.back()->end;
  settled_size = some.back()->size;
  purges_pending = purges_pending || purges;
  BESA_FAIL_POINT("settle_committed");
  return {};
}

Status Journal::State::settle() {
  while (true) {
    const Layers::Some some = layers.freeze(kv::WriteTransaction::kLargeBytes);
    if (some.empty()) return {};
    const Status status = settle_some(some);
    layers.thaw(status ? some.size() : 0);
    settle_failed = !status;
    if (!status && status.error().kind != ErrorKind::full) failed = true;
    BESA_TRY(status);
  }
}

Status Journal::settle() {
  const std::scoped_lock lock(state_->settling);
  return state_->settle();
}

Status Journal::save_checkpoint() {
  const std::scoped_lock lock(state_->settling);
  BESA_TRY(state_->settle());
  BESA_ASSIGN(auto writing, state_->database->write());
  BESA_ASSIGN(const std::string note, state_->put_checkpoint(writing));
  BESA_TRY(state_->commit(writing));
  state_->checkpoint_is_saved(note);
  return {};
}

// --- purges

Status Journal::State::finish_some_purges(const std::vector<Place>& places) {
  BESA_FAIL_POINT("purge_before_overwrite");
  BESA_TRY(segments.overwrite(places));
  BESA_FAIL_POINT("purge_overwritten");
  BESA_ASSIGN(auto writing, database->write());
  Living lives = living;
  for (const Place& place : places) {
    BESA_TRY(writing.erase(tables.purge, encode_position({place.segment, place.offset})));
    const auto counted = lives.find(place.segment);
    if (counted == lives.end() || counted->second == 0) {
      return base::fail(ErrorKind::damaged, "more was purged from a segment than lay in it: restore a backup");
    }
    --counted->second;
  }
  BESA_TRY(put_all_living(writing, tables, living, lives));
  BESA_TRY(commit(writing));
  std::erase_if(lives, [](const auto& row) { return row.second == 0; });
  living = std::move(lives);
  return {};
}

// A segment that the database has not passed holds entries that only it knows.
Status Journal::State::remove_dead_segments() {
  for (const std::uint64_t segment : segments.numbers()) {
    if (segment < settled.segment && !living.contains(segment)) BESA_TRY(segments.remove(segment));
  }
  return {};
}

Result<bool> Journal::State::finish_purges() {
  BESA_ASSIGN(const auto turn, BackupLock::share(folder));
  if (!turn) return false;
  while (purges_pending) {
    BESA_ASSIGN(const auto places, pending_purges(*database, tables));
    purges_pending = !places.empty();
    if (purges_pending) BESA_TRY(finish_some_purges(places));
  }
  BESA_TRY(remove_dead_segments());
  return true;
}

Result<bool> Journal::finish_purges() {
  const std::scoped_lock lock(state_->settling);
  return state_->finish_purges();
}

// --- sums of the view

Status Journal::check_view(std::size_t rows) {
  const std::scoped_lock lock(state_->settling);
  return state_->scrub.go_on(*state_->database, state_->tables, rows);
}

Result<std::uint64_t> Journal::view_rows() const {
  BESA_ASSIGN(const auto reading, state_->database->read());
  std::uint64_t rows = kBuckets;
  for (const core::Table table : core::all_tables()) {
    BESA_ASSIGN(const std::uint64_t count, reading.count(state_->tables.of(table)));
    rows += count;
  }
  return rows;
}

}  // namespace besa::journal
