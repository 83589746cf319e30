#include "journal/sums.h"

#include <algorithm>

#include "crypto/verify/hash.h"
#include "kv/changes.h"

namespace besa::journal {
namespace {

using base::ByteReader;
using base::ByteWriter;
using base::ErrorKind;

constexpr std::size_t kPiece = 256;

tl::unexpected<base::Error> damaged(std::string_view what) {
  return base::fail(ErrorKind::damaged, std::string(what) + ": stop the broker and run 'besa-broker rebuild'");
}

core::Table table_of(const Bucket& bucket) { return core::all_tables()[bucket.table]; }

Bytes key_of(const Bucket& bucket) { return ByteWriter().u8(bucket.table).u8(bucket.first).take(); }

Result<Sum> stored_sum(const kv::Reader& reading, const Tables& tables, const Bucket& bucket) {
  BESA_ASSIGN(const auto row, reading.get(tables.sum, key_of(bucket)));
  if (!row) return Sum();
  const auto sum = Sum::decode(*row);
  if (!sum) return damaged("a stored sum of the view is not what it should be");
  return *sum;
}

}  // namespace

void Sum::add(const Sum& other) {
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < limbs_.size(); ++i) {
    const std::uint64_t sum = limbs_[i] + other.limbs_[i];
    const std::uint64_t with_carry = sum + carry;
    carry = (sum < other.limbs_[i] ? 1U : 0U) + (with_carry < sum ? 1U : 0U);
    limbs_[i] = with_carry;
  }
}

void Sum::subtract(const Sum& other) {
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < limbs_.size(); ++i) {
    const std::uint64_t rest = limbs_[i] - other.limbs_[i];
    const std::uint64_t with_borrow = rest - borrow;
    borrow = (limbs_[i] < other.limbs_[i] ? 1U : 0U) + (rest < borrow ? 1U : 0U);
    limbs_[i] = with_borrow;
  }
}

Bytes Sum::encode() const {
  ByteWriter out;
  for (const std::uint64_t limb : limbs_) out.u64(limb);
  return out.take();
}

std::optional<Sum> Sum::decode(ByteView bytes) {
  ByteReader reader(bytes);
  Sum out;
  for (std::uint64_t& limb : out.limbs_) limb = reader.u64();
  if (!reader.done()) return std::nullopt;
  return out;
}

Sum Sum::of(core::Table table, ByteView key, ByteView value) {
  const Bytes around =
      ByteWriter().u8(static_cast<std::uint8_t>(table)).u8(static_cast<std::uint8_t>(key.size())).raw(key).take();
  return decode(crypto::sha256_of({around, value}).view()).value();
}

// --- counting again

bool Scrub::has_counted(const Bucket& bucket, ByteView key) const {
  return bucket == bucket_ && !counted_.empty() && !kv::KeyLess()(counted_, key);
}

void Scrub::moved(const Sum& added, const Sum& removed) {
  sum_.add(added);
  sum_.subtract(removed);
}

void Scrub::begin_again() {
  bucket_ = {};
  counted_.clear();
  sum_ = {};
}

Status Scrub::finish_bucket(const kv::Transaction& reading, const Tables& tables) {
  BESA_ASSIGN(const Sum stored, stored_sum(reading, tables, bucket_));
  if (stored != sum_) {
    return damaged("rows of the view's table '" + std::string(core::name_of(table_of(bucket_))) +
                   "' were lost or are not those that were written");
  }
  counted_.clear();
  sum_ = {};
  if (++bucket_.first != 0) return {};
  if (++bucket_.table < core::kTables) return {};
  bucket_.table = 0;
  ++rounds_;
  return {};
}

Result<std::size_t> Scrub::look(const kv::Transaction& reading, const Tables& tables, std::size_t rows) {
  const core::Table table = table_of(bucket_);
  const std::size_t wanted = std::min(rows, kPiece);
  Bytes from = counted_;
  if (!from.empty()) from.push_back(0);
  const Bytes prefix = {bucket_.first};
  BESA_ASSIGN(const auto found, reading.scan(tables.of(table), prefix, from, wanted));
  for (const kv::Row& row : found) {
    sum_.add(Sum::of(table, row.key, row.value));
    counted_ = row.key;
  }
  if (found.size() < wanted) BESA_TRY(finish_bucket(reading, tables));
  return std::max<std::size_t>(found.size(), 1);
}

Status Scrub::go_on(const kv::Environment& database, const Tables& tables, std::size_t rows) {
  BESA_ASSIGN(const auto reading, database.read());
  while (rows > 0) {
    BESA_ASSIGN(const std::size_t looked_at, look(reading, tables, rows));
    rows -= std::min(rows, looked_at);
  }
  return {};
}

// --- one transaction

void SumChanges::change(core::Table table, ByteView key, const std::optional<Bytes>& before,
                        const std::optional<Bytes>& after) {
  if (before == after) return;
  const Bucket bucket{static_cast<std::uint8_t>(table), key[0]};
  const bool counted = scrub_.has_counted(bucket, key);
  Moved& moved = buckets_[bucket];
  if (before) {
    const Sum sum = Sum::of(table, key, *before);
    moved.removed.add(sum);
    if (counted) counted_.removed.add(sum);
  }
  if (after) {
    const Sum sum = Sum::of(table, key, *after);
    moved.added.add(sum);
    if (counted) counted_.added.add(sum);
  }
}

Status SumChanges::clear(kv::WriteTransaction& writing, const Tables& tables, core::Table table) {
  cleared_ = true;
  for (unsigned first = 0; first < 256; ++first) {
    const Bucket bucket{static_cast<std::uint8_t>(table), static_cast<std::uint8_t>(first)};
    BESA_TRY(writing.erase(tables.sum, key_of(bucket)));
  }
  return {};
}

Status SumChanges::write(kv::WriteTransaction& writing, const Tables& tables) const {
  for (const auto& [bucket, moved] : buckets_) {
    BESA_ASSIGN(Sum sum, stored_sum(writing, tables, bucket));
    sum.add(moved.added);
    sum.subtract(moved.removed);
    if (sum == Sum()) {
      BESA_TRY(writing.erase(tables.sum, key_of(bucket)));
    } else {
      BESA_TRY(writing.put(tables.sum, key_of(bucket), sum.encode()));
    }
  }
  return {};
}

void SumChanges::done(Scrub& scrub) const {
  if (cleared_) return scrub.begin_again();
  scrub.moved(counted_.added, counted_.removed);
}

}  // namespace besa::journal
