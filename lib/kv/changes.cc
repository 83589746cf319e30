#include "kv/changes.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/check.h"
#include "kv/checksum.h"

namespace besa::kv {
namespace {

constexpr std::size_t kRowOverheadBytes = 128;  // node of the map, two allocations
constexpr std::size_t kKeysPerWord = 4;         // 16 bits a key: one in about 70 of the others passes

std::size_t cost_of(ByteView key, const std::optional<Bytes>& value) {
  return kRowOverheadBytes + key.size() + (value ? value->size() : 0);
}

// The two bits of a key, in a filter of 2^n words.
struct Bits {
  std::size_t word;
  std::uint64_t mask;
};
std::uint64_t hash_of(Table table, ByteView key) { return checksum(table.seed, key); }

Bits bits_of(std::uint64_t hash, std::size_t words) {
  return {static_cast<std::size_t>(hash >> 12) & (words - 1),
          (std::uint64_t{1} << (hash & 63)) | (std::uint64_t{1} << ((hash >> 6) & 63))};
}

}  // namespace

bool KeyLess::operator()(ByteView a, ByteView b) const {
  const std::size_t both = std::min(a.size(), b.size());
  const int order = both == 0 ? 0 : std::memcmp(a.data(), b.data(), both);
  return order != 0 ? order < 0 : a.size() < b.size();
}

Changes::OfTable& Changes::of(Table table) {
  BESA_CHECK(filter_.empty());
  if (tables_.size() <= table.handle) tables_.resize(table.handle + 1);
  tables_[table.handle].table = table;
  return tables_[table.handle];
}

void Changes::set(OfTable& of_table, ByteView key, std::optional<Bytes> value) {
  BESA_CHECK(!key.empty() && key.size() <= kMaxKeyBytes);
  bytes_ += cost_of(key, value);
  const auto found = of_table.rows.lower_bound(key);
  if (found != of_table.rows.end() && base::equal(found->first, key)) {
    bytes_ -= cost_of(key, found->second);
    found->second = std::move(value);
    return;
  }
  of_table.rows.emplace_hint(found, base::to_bytes(key), std::move(value));
  ++count_;
}

void Changes::put(Table table, ByteView key, ByteView value) { set(of(table), key, base::to_bytes(value)); }

void Changes::erase(Table table, ByteView key) { set(of(table), key, std::nullopt); }

void Changes::clear(Table table) {
  OfTable& cleared = of(table);
  for (const auto& [key, value] : cleared.rows) bytes_ -= cost_of(key, value);
  count_ -= cleared.rows.size();
  cleared.rows.clear();
  cleared.cleared = true;
  cleared_ = true;
}

bool Changes::may_hold(std::uint64_t hash) const {
  if (filter_.empty()) return true;
  const Bits bits = bits_of(hash, filter_.size());
  return (filter_[bits.word] & bits.mask) == bits.mask;
}

Changes::Sought::Sought(Table of_table, ByteView of_key)
    : table(of_table), key(of_key), hash(hash_of(of_table, of_key)) {}

const std::optional<Bytes>* Changes::find(const Sought& sought) const {
  if (sought.table.handle >= tables_.size() || !may_hold(sought.hash)) return nullptr;
  const Rows& rows = tables_[sought.table.handle].rows;
  const auto found = rows.find(sought.key);
  return found == rows.end() ? nullptr : &found->second;
}

const Changes::Rows& Changes::rows(Table table) const {
  static const Rows none;
  return table.handle < tables_.size() ? tables_[table.handle].rows : none;
}

bool Changes::clears(Table table) const { return table.handle < tables_.size() && tables_[table.handle].cleared; }

void Changes::add(const Changes& later) {
  for (const OfTable& theirs : later.tables_) {
    if (theirs.cleared) clear(theirs.table);
    if (theirs.rows.empty()) continue;
    OfTable& ours = of(theirs.table);
    for (const auto& [key, value] : theirs.rows) set(ours, key, value);
  }
}

void Changes::seal() {
  std::vector<std::uint64_t> filter(std::bit_ceil(count_ / kKeysPerWord + 1), 0);
  for (const OfTable& one : tables_) {
    for (const auto& [key, value] : one.rows) {
      const Bits bits = bits_of(hash_of(one.table, key), filter.size());
      filter[bits.word] |= bits.mask;
    }
  }
  filter_ = std::move(filter);
}

}  // namespace besa::kv
