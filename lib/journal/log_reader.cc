#include "journal/log_reader.h"

#include <algorithm>
#include <string>

#include "core/merkle.h"

namespace besa::journal {
namespace {

using base::ErrorKind;

constexpr unsigned kLevelShift = 58;  // a level is below 64, and no log has 2^58 entries
constexpr std::size_t kNodesKept = 4'096;

tl::unexpected<base::Error> damaged(std::string_view what) {
  return base::fail(ErrorKind::damaged, std::string(what) + ": restore the store from a backup");
}

Result<Sequence> sequence_in(ByteView value) {
  base::ByteReader reader(value);
  const Sequence sequence = reader.sequence();
  if (!reader.done()) return damaged("an index row does not hold a sequence");
  return sequence;
}

// What a lookup of an index found.
Result<std::optional<Sequence>> found(Result<std::optional<Bytes>> row) {
  BESA_ASSIGN(const auto value, std::move(row));
  if (!value) return std::nullopt;
  BESA_ASSIGN(const Sequence sequence, sequence_in(*value));
  return sequence;
}

}  // namespace

Result<TreeSize> stored_size(const kv::Transaction& reading, const Tables& tables) {
  BESA_ASSIGN(const auto row, reading.last(tables.log));
  if (!row) return TreeSize{0};
  BESA_ASSIGN(const Sequence last, sequence_in(row->key));
  return TreeSize{last.value + 1};
}

Status LogReader::has(TreeSize wanted) const {
  if (wanted > size_) return base::fail(ErrorKind::not_found, "the log does not reach that far");
  return {};
}

Status LogReader::has_entry(Sequence wanted) const {
  if (wanted.value >= size_.value) return base::fail(ErrorKind::not_found, "the log has no such entry");
  return {};
}

Result<Bytes> LogReader::row_of(kv::Table table, Sequence sequence) const {
  BESA_ASSIGN(auto row, reading_.get(table, sequence_key(sequence)));
  if (row) return std::move(*row);
  BESA_TRY(has_entry(sequence));
  return damaged("a record is missing inside the log");
}

Result<Bytes> LogReader::entry(Sequence sequence) const { return row_of(tables_.log, sequence); }

Result<Bytes> LogReader::beside(Sequence sequence) const { return row_of(tables_.beside, sequence); }

Result<std::vector<Record>> LogReader::records(Sequence from, std::size_t limit, std::size_t max_bytes) const {
  constexpr std::size_t kPiece = 64;
  std::vector<Record> out;
  std::size_t bytes = 0;
  Sequence next = from;
  while (out.size() < limit) {
    const std::size_t wanted = std::min(kPiece, limit - out.size());
    BESA_ASSIGN(auto rows, reading_.scan(tables_.log, {}, sequence_key(next), wanted));
    for (kv::Row& row : rows) {
      if (row.key != sequence_key(next)) return damaged("a record is missing inside the log");
      BESA_ASSIGN(Bytes beside_it, beside(next));
      bytes += row.value.size() + beside_it.size();
      if (!out.empty() && bytes > max_bytes) return out;
      out.push_back({next, std::move(row.value), std::move(beside_it)});
      ++next.value;
    }
    if (rows.size() < wanted) break;
  }
  return out;
}

Result<Digest> LogReader::node(std::uint8_t level, std::uint64_t index) const {
  if (index >> kLevelShift != 0) return damaged("a node of the tree is missing");
  const std::uint64_t place = (std::uint64_t{level} << kLevelShift) | index;
  if (const auto known = nodes_.find(place); known != nodes_.end()) return known->second;
  BESA_ASSIGN(const auto row, reading_.get(tables_.node, node_key(level, index)));
  Digest hash;
  if (!row || !Digest::read(*row, hash)) return damaged("a node of the tree is missing");
  if (nodes_.size() >= kNodesKept) nodes_.clear();
  nodes_.emplace(place, hash);
  return hash;
}

Result<Digest> LogReader::leaf_hash(Sequence sequence) const {
  BESA_TRY(has_entry(sequence));
  return node(0, sequence.value);
}

core::NodeSource LogReader::source() const {
  return [this](unsigned level, std::uint64_t index) { return node(static_cast<std::uint8_t>(level), index); };
}

Result<Digest> LogReader::root(TreeSize size) const {
  BESA_TRY(has(size));
  return core::root_at(size, source());
}

Result<std::vector<Digest>> LogReader::inclusion_proof(Sequence sequence, TreeSize size) const {
  BESA_TRY(has(size));
  return core::inclusion_proof(sequence.value, size, source());
}

Result<std::vector<Digest>> LogReader::consistency_proof(TreeSize from, TreeSize to) const {
  BESA_TRY(has(to));
  return core::consistency_proof(from, to, source());
}

Result<std::optional<Sequence>> LogReader::sequence_of(const MemberId& member, Counter counter) const {
  return found(reading_.get(tables_.author, author_key(member, counter)));
}

Result<std::optional<Sequence>> LogReader::sequence_of(const StatementId& id) const {
  return found(reading_.get(tables_.id, id.view()));
}

}  // namespace besa::journal
