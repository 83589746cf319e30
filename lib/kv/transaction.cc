#include "kv/transaction.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/check.h"
#include "kv/checksum.h"

namespace besa::kv {
namespace {

using base::ErrorKind;

constexpr std::size_t kSumBytes = 8;
constexpr std::size_t kPageBytes = 4096;

ErrorKind kind_of(int code) {
  switch (code) {
    case MDB_MAP_FULL:
    case MDB_TXN_FULL:
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return ErrorKind::full;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
    case MDB_CURSOR_FULL:
    case MDB_PAGE_FULL: return ErrorKind::damaged;
    case MDB_READERS_FULL: return ErrorKind::busy;
    default: return ErrorKind::io;
  }
}

ByteView view_of(const MDB_val& value) { return {static_cast<const std::uint8_t*>(value.mv_data), value.mv_size}; }

MDB_val val_of(ByteView bytes) { return {bytes.size(), const_cast<std::uint8_t*>(bytes.data())}; }

std::uint64_t record_sum(Table table, ByteView key, ByteView value) {
  return checksum(checksum(table.seed, key), value);
}

void check_key(ByteView key) { BESA_CHECK(!key.empty() && key.size() <= kMaxKeyBytes); }

// The value behind its checksum, if that holds.
Result<Bytes> unpack(Table table, ByteView key, ByteView stored) {
  const auto damaged = [] {
    return base::fail(ErrorKind::damaged,
                      "a stored record is not what was written: check the disk, restore or rebuild");
  };
  if (stored.size() < kSumBytes) return damaged();
  std::uint64_t sum = 0;
  std::memcpy(&sum, stored.data(), kSumBytes);
  const ByteView value = stored.subspan(kSumBytes);
  if (sum != record_sum(table, key, value)) return damaged();
  return base::to_bytes(value);
}

class Cursor {
 public:
  Cursor() = default;
  ~Cursor() {
    if (cursor_ != nullptr) mdb_cursor_close(cursor_);
  }
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;
  int open(MDB_txn* txn, Table table) { return mdb_cursor_open(txn, table.handle, &cursor_); }
  int move(MDB_val& key, MDB_val& value, MDB_cursor_op op) { return mdb_cursor_get(cursor_, &key, &value, op); }

 private:
  MDB_cursor* cursor_ = nullptr;
};

bool begins_with(ByteView bytes, ByteView prefix) {
  return bytes.size() >= prefix.size() && base::equal(bytes.first(prefix.size()), prefix);
}

}  // namespace

tl::unexpected<base::Error> failure(int code, const std::string& doing) {
  if (code == MDB_PANIC) return base::fail(ErrorKind::io, doing + ": an earlier write failed; start the program again");
  return base::fail(kind_of(code), doing + ": " + mdb_strerror(code));
}

tl::unexpected<base::Error> commit_failure(int code) {
  if (code == EIO || kind_of(code) == ErrorKind::full) {
    return base::fail(ErrorKind::full, std::string("no room to store (") + mdb_strerror(code) +
                                           "): nothing was stored; make room, or look at the disk if there is room");
  }
  return failure(code, "cannot commit");
}

Transaction::Transaction(std::unique_ptr<State> state) : state_(std::move(state)) {}
Transaction::Transaction(Transaction&& other) noexcept = default;
Transaction::~Transaction() = default;

Result<std::optional<Bytes>> Transaction::get(Table table, ByteView key) const {
  check_key(key);
  BESA_CHECK(state_ != nullptr);
  MDB_val wanted = val_of(key);
  MDB_val found{};
  const int code = mdb_get(state_->txn, table.handle, &wanted, &found);
  if (code == MDB_NOTFOUND) return std::nullopt;
  if (code != MDB_SUCCESS) return failure(code, "cannot read");
  BESA_ASSIGN(Bytes value, unpack(table, key, view_of(found)));
  return value;
}

Result<std::vector<Row>> Transaction::scan(Table table, ByteView prefix, ByteView from, std::size_t limit) const {
  BESA_CHECK(state_ != nullptr);
  std::vector<Row> out;
  if (limit == 0) return out;
  Cursor cursor;
  if (const int code = cursor.open(state_->txn, table); code != MDB_SUCCESS) return failure(code, "cannot read");
  const bool from_is_later = std::lexicographical_compare(prefix.begin(), prefix.end(), from.begin(), from.end());
  const ByteView start = from_is_later ? from : prefix;
  MDB_val key = val_of(start);
  MDB_val value{};
  int code = cursor.move(key, value, start.empty() ? MDB_FIRST : MDB_SET_RANGE);
  while (code == MDB_SUCCESS && begins_with(view_of(key), prefix)) {
    BESA_ASSIGN(Bytes copied, unpack(table, view_of(key), view_of(value)));
    out.push_back({base::to_bytes(view_of(key)), std::move(copied)});
    if (out.size() == limit) return out;
    code = cursor.move(key, value, MDB_NEXT);
  }
  if (code != MDB_SUCCESS && code != MDB_NOTFOUND) return failure(code, "cannot read");
  return out;
}

Result<std::optional<Row>> Transaction::last(Table table) const {
  BESA_CHECK(state_ != nullptr);
  Cursor cursor;
  if (const int code = cursor.open(state_->txn, table); code != MDB_SUCCESS) return failure(code, "cannot read");
  MDB_val key{};
  MDB_val value{};
  const int code = cursor.move(key, value, MDB_LAST);
  if (code == MDB_NOTFOUND) return std::nullopt;
  if (code != MDB_SUCCESS) return failure(code, "cannot read");
  BESA_ASSIGN(Bytes copied, unpack(table, view_of(key), view_of(value)));
  return Row{base::to_bytes(view_of(key)), std::move(copied)};
}

Result<std::uint64_t> Transaction::count(Table table) const {
  BESA_CHECK(state_ != nullptr);
  MDB_stat stat{};
  if (const int code = mdb_stat(state_->txn, table.handle, &stat); code != MDB_SUCCESS) {
    return failure(code, "cannot count");
  }
  return stat.ms_entries;
}

Status WriteTransaction::put(Table table, ByteView key, ByteView value) {
  check_key(key);
  BESA_CHECK(state_ != nullptr && state_->thread == std::this_thread::get_id());
  state_->dirty += kPageBytes + kSumBytes + key.size() + value.size();
  if (state_->dirty > kSpillBytes) return base::fail(ErrorKind::full, "too many changes in one transaction");
  MDB_val where = val_of(key);
  MDB_val room{kSumBytes + value.size(), nullptr};
  const int code = mdb_put(state_->txn, table.handle, &where, &room, MDB_RESERVE);
  if (code != MDB_SUCCESS) return failure(code, "cannot store");
  const std::uint64_t sum = record_sum(table, key, value);
  auto* to = static_cast<std::uint8_t*>(room.mv_data);
  std::memcpy(to, &sum, kSumBytes);
  std::copy(value.begin(), value.end(), to + kSumBytes);
  return {};
}

Status WriteTransaction::erase(Table table, ByteView key) {
  check_key(key);
  BESA_CHECK(state_ != nullptr && state_->thread == std::this_thread::get_id());
  state_->dirty += kPageBytes;
  MDB_val where = val_of(key);
  const int code = mdb_del(state_->txn, table.handle, &where, nullptr);
  if (code != MDB_SUCCESS && code != MDB_NOTFOUND) return failure(code, "cannot remove");
  return {};
}

Status WriteTransaction::clear(Table table) {
  BESA_CHECK(state_ != nullptr && state_->thread == std::this_thread::get_id());
  if (const int code = mdb_drop(state_->txn, table.handle, 0); code != MDB_SUCCESS)
    return failure(code, "cannot clear");
  return {};
}

std::size_t WriteTransaction::dirty_bytes() const {
  BESA_CHECK(state_ != nullptr);
  return state_->dirty;
}

Status WriteTransaction::commit() {
  BESA_CHECK(state_ != nullptr && state_->thread == std::this_thread::get_id());
  const auto state = std::move(state_);
  const int code = mdb_txn_commit(std::exchange(state->txn, nullptr));
  if (code != MDB_SUCCESS) return commit_failure(code);
  return {};
}

}  // namespace besa::kv
