#include <string>

#include "base/check.h"
#include "journal/kv_view.h"
#include "journal/state.h"

namespace besa::journal {
namespace {

using base::ByteReader;
using base::ErrorKind;

tl::unexpected<base::Error> no_chunk() {
  return base::fail(ErrorKind::not_found, "there is no such ciphertext, or it was purged");
}

Result<std::optional<Place>> place_of(const kv::Reader& reading, const Tables& tables, ByteView key) {
  BESA_ASSIGN(const auto row, reading.get(tables.place, key));
  if (!row) return std::nullopt;
  BESA_ASSIGN(const Place place, decode_place(*row));
  return place;
}

}  // namespace

struct Snapshot::State {
  State(const Journal::State& of, Layers::State now)
      : journal(of), reading(std::move(now.reader)), log(reading, of.tables, now.size), view(reading, of.tables) {}

  const Journal::State& journal;
  kv::Layered reading;
  LogReader log;
  KvView view;
  mutable Segments::Opened opened;

  // Still where this snapshot saw it?
  Result<bool> still_there(ByteView key, const Place& place) const {
    BESA_ASSIGN(const auto now, journal.layers.read(*journal.database));
    BESA_ASSIGN(const auto there, place_of(now.reader, journal.tables, key));
    return there == place;
  }
};

Snapshot::Snapshot(std::unique_ptr<State> state) : state_(std::move(state)) {}
Snapshot::Snapshot(Snapshot&&) noexcept = default;
Snapshot& Snapshot::operator=(Snapshot&&) noexcept = default;
Snapshot::~Snapshot() = default;

const LogReader& Snapshot::log() const { return state_->log; }
const core::View& Snapshot::view() const { return state_->view; }

Result<Bytes> Snapshot::ciphertext(const Reference& message, std::uint16_t section, std::uint32_t chunk) const {
  const Bytes key = chunk_key(message.author, message.counter, section, chunk);
  const Tables& tables = state_->journal.tables;
  BESA_ASSIGN(const auto place, place_of(state_->reading, tables, key));
  if (!place) return no_chunk();
  const auto payload = state_->journal.segments.read(*place, state_->opened);
  if (!payload) {
    // A purge after this snapshot was made is no damage.
    BESA_ASSIGN(const bool there, state_->still_there(key, *place));
    if (!there) return no_chunk();
    if (payload.error().kind != ErrorKind::not_found) return tl::unexpected(payload.error());
    return base::fail(ErrorKind::damaged, "a segment is missing: restore it from a backup");
  }
  const auto found = read_chunk(*payload);
  if (!found || found->section != section || found->chunk != chunk || found->message.author != message.author ||
      found->message.counter != message.counter) {
    return base::fail(ErrorKind::damaged, "stored ciphertext belongs to another message: restore it from a backup");
  }
  if (found->message.id != message.id) return no_chunk();
  return base::to_bytes(found->bytes);
}

Result<std::uint32_t> Snapshot::chunks(const Reference& message, std::uint16_t section) const {
  const Bytes prefix = section_key(message.author, message.counter, section);
  BESA_ASSIGN(const auto rows, state_->reading.scan(state_->journal.tables.place, prefix, {}, SIZE_MAX));
  return static_cast<std::uint32_t>(rows.size());
}

Result<std::vector<StoredNotice>> Snapshot::notices(const MemberId& member, Sequence since, std::size_t limit) const {
  if (since.value == UINT64_MAX) return std::vector<StoredNotice>{};
  const Bytes from = notice_key(member, Sequence{since.value + 1}, 0);
  BESA_ASSIGN(const auto rows, state_->reading.scan(state_->journal.tables.notice, member.view(), from, limit));
  std::vector<StoredNotice> out;
  for (const kv::Row& row : rows) {
    ByteReader key(row.key);
    ByteReader value(row.value);
    StoredNotice stored;
    stored.notice.member = key.id<MemberId>();
    stored.sequence = key.sequence();
    static_cast<void>(key.u16());
    stored.notice.code = value.u16();
    stored.notice.reference = value.reference();
    if (!key.done() || !value.done()) {
      return base::fail(ErrorKind::damaged, "a stored notice is not what it should be: restore it from a backup");
    }
    out.push_back(stored);
  }
  return out;
}

Result<Snapshot> Journal::snapshot() const {
  BESA_ASSIGN(auto now, state_->layers.read(*state_->database));
  return Snapshot(std::make_unique<Snapshot::State>(*state_, std::move(now)));
}

}  // namespace besa::journal
