#include "core/view.h"

#include <array>

#include "base/check.h"

namespace besa::core {
namespace {

constexpr std::array<std::string_view, kTables> kNames = {
    "head",       "network",  "administrator",   "transport", "key",     "member",
    "prekey",     "subject",  "policy",          "auditor",   "counter", "counter_window",
    "message",    "thread",   "thread_message",  "queue",     "due",     "consent",
    "governance", "used_key", "consent_message", "code"};

std::size_t index_of(Table table) {
  const auto index = static_cast<std::size_t>(table);
  BESA_CHECK(index < kTables);
  return index;
}

bool has_prefix(const Bytes& key, ByteView prefix) {
  return key.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), key.begin());
}

Bytes first_key(ByteView prefix, ByteView from) {
  const Bytes a = base::to_bytes(prefix);
  Bytes b = base::to_bytes(from);
  return std::max(a, std::move(b));
}

}  // namespace

std::string_view name_of(Table table) { return kNames[index_of(table)]; }

std::span<const Table> all_tables() {
  static constexpr auto kAll = [] {
    std::array<Table, kTables> tables{};
    for (std::size_t i = 0; i < kTables; ++i) tables[i] = static_cast<Table>(i);
    return tables;
  }();
  return kAll;
}

Result<std::optional<Bytes>> MemoryView::get(Table table, ByteView key) const {
  const auto& rows = tables_[index_of(table)];
  const auto found = rows.find(base::to_bytes(key));
  if (found == rows.end()) return std::nullopt;
  return found->second;
}

Result<std::vector<ViewRow>> MemoryView::scan(Table table, ByteView prefix, ByteView from, std::size_t limit) const {
  const auto& rows = tables_[index_of(table)];
  std::vector<ViewRow> out;
  for (auto it = rows.lower_bound(first_key(prefix, from)); it != rows.end() && out.size() < limit; ++it) {
    if (!has_prefix(it->first, prefix)) break;
    out.push_back({it->first, it->second});
  }
  return out;
}

Status MemoryView::apply(std::span<const Change> changes) {
  for (const Change& change : changes) {
    auto& rows = tables_[index_of(change.table)];
    if (change.value) {
      rows[change.key] = *change.value;
    } else {
      rows.erase(change.key);
    }
  }
  return {};
}

Result<std::optional<Bytes>> Overlay::get(Table table, ByteView key) const {
  const auto& rows = changed_[index_of(table)];
  if (const auto found = rows.find(base::to_bytes(key)); found != rows.end()) return found->second;
  return below_.get(table, key);
}

Result<std::vector<ViewRow>> Overlay::scan(Table table, ByteView prefix, ByteView from, std::size_t limit) const {
  const auto& rows = changed_[index_of(table)];
  // Deleted rows below must not use up the limit.
  BESA_ASSIGN(const auto below, below_.scan(table, prefix, from, limit + rows.size()));
  std::vector<ViewRow> out;
  auto mine = rows.lower_bound(first_key(prefix, from));
  auto theirs = below.begin();
  const auto mine_left = [&] { return mine != rows.end() && has_prefix(mine->first, prefix); };
  while (out.size() < limit && (mine_left() || theirs != below.end())) {
    if (theirs != below.end() && (!mine_left() || theirs->key < mine->first)) {
      out.push_back(*theirs++);
      continue;
    }
    if (theirs != below.end() && theirs->key == mine->first) ++theirs;
    if (mine->second) out.push_back({mine->first, *mine->second});
    ++mine;
  }
  return out;
}

void Overlay::put(Table table, Bytes key, Bytes value) {
  BESA_CHECK(!key.empty() && key.size() <= 64);
  changed_[index_of(table)][std::move(key)] = std::move(value);
}

void Overlay::erase(Table table, Bytes key) { changed_[index_of(table)][std::move(key)] = std::nullopt; }

std::vector<Change> Overlay::changes() const {
  std::vector<Change> out;
  for (const Table table : all_tables()) {
    for (const auto& [key, value] : changed_[index_of(table)]) out.push_back({table, key, value});
  }
  return out;
}

const std::map<Bytes, std::optional<Bytes>>& Overlay::changed(Table table) const { return changed_[index_of(table)]; }

void Overlay::discard() {
  for (auto& rows : changed_) rows.clear();
}

Result<std::string> dump(const View& view) {
  constexpr std::size_t kRows = 1000;
  std::string out;
  for (const Table table : all_tables()) {
    Bytes from;
    while (true) {
      BESA_ASSIGN(const auto rows, view.scan(table, {}, from, kRows));
      for (const ViewRow& row : rows) {
        out.append(name_of(table)).append(" ").append(base::to_hex(row.key)).append(" ");
        out.append(base::to_hex(row.value)).append("\n");
      }
      if (rows.size() < kRows) break;
      from = rows.back().key;
      from.push_back(0);
    }
  }
  return out;
}

}  // namespace besa::core
