// Reading the log and its tree: from a snapshot (any thread) or inside a batch (the writer, uncommitted entries too).
//
// Errors of all calls: not_found (no such entry, or a size past the log's), damaged (a record that is not what was
// stored), io. Proof costs: O(log n) reads. One thread at a time.
// Source: RFC 6962 section 2.1 (tree, audit path, consistency proof).
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "core/merkle.h"
#include "journal/tables.h"

namespace besa::journal {

using base::Bytes;
using base::ByteView;
using base::Counter;
using base::Digest;
using base::MemberId;
using base::Reference;
using base::Result;
using base::Sequence;
using base::StatementId;
using base::Status;
using base::TreeSize;

// One entry as it lies in the log.
struct Record {
  Sequence sequence;
  Bytes entry;   // canonical bytes: the leaf
  Bytes beside;  // core::decode_beside reads it
};

class LogReader {
 public:
  // Of a log of `size` entries. `reading` and `tables` outlive the reader.
  LogReader(const kv::Reader& reading, const Tables& tables, TreeSize size)
      : reading_(reading), tables_(tables), size_(size) {}
  // Entries were added.
  void grow(TreeSize size) { size_ = size; }

  // Number of entries, which is the next sequence.
  [[nodiscard]] Result<TreeSize> size() const { return size_; }
  [[nodiscard]] Result<Bytes> entry(Sequence sequence) const;
  [[nodiscard]] Result<Bytes> beside(Sequence sequence) const;
  // Records from `from` on: at most `limit`, and no more once `max_bytes` are reached (always at least one if there is
  // one). Empty at the end. Long exports and replays take one snapshot per piece.
  [[nodiscard]] Result<std::vector<Record>> records(Sequence from, std::size_t limit, std::size_t max_bytes) const;

  // SHA-256(0x00 || entry), as kept in the tree.
  [[nodiscard]] Result<Digest> leaf_hash(Sequence sequence) const;
  [[nodiscard]] Result<Digest> root(TreeSize size) const;
  [[nodiscard]] Result<std::vector<Digest>> inclusion_proof(Sequence sequence, TreeSize size) const;
  // From the tree of `from` entries to that of `to` entries, from <= to. Empty if either says it all (from 0 or to).
  [[nodiscard]] Result<std::vector<Digest>> consistency_proof(TreeSize from, TreeSize to) const;
  // The hash over entries [index * 2^level, (index + 1) * 2^level).
  [[nodiscard]] Result<Digest> node(std::uint8_t level, std::uint64_t index) const;

  // The entry of a member's statement, whatever its verdict, if it used up its counter. The id must be compared.
  [[nodiscard]] Result<std::optional<Sequence>> sequence_of(const MemberId& member, Counter counter) const;
  // The entry of a governance or person's statement.
  [[nodiscard]] Result<std::optional<Sequence>> sequence_of(const StatementId& id) const;

 private:
  // not_found unless the log has this many entries.
  [[nodiscard]] Status has(TreeSize wanted) const;
  [[nodiscard]] Status has_entry(Sequence wanted) const;
  [[nodiscard]] Result<Bytes> row_of(kv::Table table, Sequence sequence) const;
  core::NodeSource source() const;

  // Nodes that were read: a node never changes, and the paths of neighbours share most of theirs.
  mutable std::unordered_map<std::uint64_t, Digest> nodes_;
  const kv::Reader& reading_;
  const Tables& tables_;
  TreeSize size_;
};

// How many entries the database holds. Errors: damaged.
[[nodiscard]] Result<TreeSize> stored_size(const kv::Transaction& reading, const Tables& tables);

}  // namespace besa::journal
