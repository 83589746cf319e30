#include "agents/node/crossing.h"

#include <algorithm>

#include "client/epoch.h"
#include "client/governance.h"
#include "core/merkle.h"
#include "wire/statement.h"

namespace besa::node {
namespace {

using base::Result;
using base::Sequence;
using base::Status;
using base::TreeSize;

constexpr std::size_t kPage = 512;

// Every row of a box: few enough at a time when a log is lost.
Result<std::vector<kv::Row>> all_rows(const Store& store, Box box) {
  std::vector<kv::Row> out;
  Bytes from;
  while (true) {
    BESA_ASSIGN(std::vector<kv::Row> rows, store.scan(box, {}, from, kPage));
    const bool last = rows.size() < kPage;
    for (kv::Row& row : rows) out.push_back(std::move(row));
    if (last) return out;
    from = out.back().key;
    from.push_back(0);
  }
}

struct Holding {
  std::uint64_t number = 0;  // here; the entry's sequence unless it was lost before
  Bytes row;
  client::ProvenEntry proven;
};

Result<std::vector<Holding>> holdings(Node& node) {
  const std::lock_guard lock(node.mutex);
  BESA_ASSIGN(const std::vector<kv::Row> rows, all_rows(node.store(), Box::log));
  std::vector<Holding> out;
  for (const kv::Row& row : rows) {
    BESA_ASSIGN(client::ProvenEntry proven, decode_proven(row.value));
    out.push_back({number_of_key(row.key), row.value, std::move(proven)});
  }
  return out;
}

Result<base::Digest> root_of(const client::ProvenEntry& proven) {
  return core::root_from_inclusion(core::leaf_hash(proven.log.entry), proven.entry.sequence.value, proven.tree_size,
                                   proven.log.proof);
}

// The receipts below the kept size. Trees that this node saw one after the other begin each other: the largest that is
// kept whole stands for all before it. The others are asked for one by one.
Status check_receipts(const client::Session& before, client::Session& fresh, TreeSize kept,
                      const std::vector<Holding>& all) {
  const core::Checkpoint& held = before.held()->checkpoint;
  if (held.size <= kept) BESA_TRY(fresh.check_beginning(held.size, held.root));
  const Holding* largest = nullptr;
  for (const Holding& one : all) {
    const bool whole = one.proven.epoch == before.epoch() && one.proven.tree_size <= kept;
    if (whole && (largest == nullptr || largest->proven.tree_size < one.proven.tree_size)) largest = &one;
  }
  if (largest != nullptr) {
    BESA_ASSIGN(const base::Digest root, root_of(largest->proven));
    BESA_TRY(fresh.check_beginning(largest->proven.tree_size, root));
  }
  for (const Holding& one : all) {
    const bool stood_for = one.proven.epoch == before.epoch() && one.proven.tree_size <= kept;
    if (stood_for || one.number >= kept.value) continue;
    BESA_TRY(fresh.check_holds(Sequence{one.number}, one.proven.log.entry));
  }
  return {};
}

// What stays here although the log lost it: what this member said, and the messages that it got.
Result<bool> is_ours(const Node& node, const client::ProvenEntry& proven) {
  if (client::is_chained(proven.entry) || core::is_broker(proven.entry.type)) return false;
  if (proven.entry.submitter == node.self) return true;
  BESA_ASSIGN(const core::ParsedStatement statement, client::parse(proven));
  const auto author = core::author_header(statement);
  if (author && author->author == node.self) return true;
  const auto* envelope = std::get_if<core::Envelope>(&statement.body);
  return envelope != nullptr && envelope->context.recipient == node.self;
}

class Move {
 public:
  Move(Node& node, TreeSize kept, std::uint64_t epoch) : node_(node), kept_(kept), base_(kLostNumbers * (epoch + 1)) {}

  bool is_lost(std::uint64_t number) const { return number >= kept_.value && !is_lost_number(number); }
  std::uint64_t moved(std::uint64_t number) const { return base_ + number; }

  Status entries(const std::vector<Holding>& all) {
    for (const Holding& one : all) {
      if (!is_lost(one.number)) continue;
      batch.erase(Box::log, number_key(one.number));
      BESA_ASSIGN(const bool ours, is_ours(node_, one.proven));
      if (ours) batch.put(Box::log, number_key(moved(one.number)), one.row);
    }
    return {};
  }
  Status inbox() {
    for (const auto& [sequence, message] : node_.inbox()) {
      if (!is_lost(sequence.value)) continue;
      InboxMessage lost = message;
      lost.sequence = Sequence{moved(sequence.value)};
      batch.erase(Box::inbox, number_key(sequence.value));
      batch.put(Box::inbox, number_key(lost.sequence.value), encode_inbox(lost));
      BESA_ASSIGN(const auto content, node_.store().get(Box::content, number_key(sequence.value)));
      batch.erase(Box::content, number_key(sequence.value));
      if (content) batch.put(Box::content, number_key(lost.sequence.value), *content);
    }
    return {};
  }
  Status drafts() {
    for (const auto& [number, draft] : node_.drafts()) {
      const bool decided = draft.state == DraftState::accepted || draft.state == DraftState::refused;
      if (!decided || !is_lost(draft.sequence.value)) continue;
      Draft lost = draft;
      lost.sequence = Sequence{moved(draft.sequence.value)};
      BESA_ASSIGN(const auto parts, node_.store().get(Box::signed_, number_key(number)));
      // What was refused is not offered again: nobody has built on it.
      if (draft.state == DraftState::accepted && parts) {
        lost.state = DraftState::sent;
        lost.offered = true;
        lost.lost = lost.sequence.value;
        lost.note = "accepted before the broker lost part of its log; offered again";
        ++offered;
      }
      batch.put(Box::drafts, number_key(number), encode_draft(lost));
    }
    return {};
  }
  void governance(const std::vector<client::ProvenEntry>& chain) {
    for (const client::ProvenEntry& proven : chain) {
      const std::uint64_t sequence = proven.entry.sequence.value;
      if (sequence >= kept_.value) batch.put(Box::log, number_key(sequence), encode_proven(proven));
    }
  }

  Store::Batch batch;
  std::size_t offered = 0;

 private:
  Node& node_;
  TreeSize kept_;
  std::uint64_t base_;
};

}  // namespace

Status cross_epoch(Node& node, const client::Session& before, client::Session& fresh) {
  BESA_ASSIGN(const client::Epoch epoch, client::study_epoch(fresh, before.epoch()));
  BESA_ASSIGN(const std::vector<Holding> all, holdings(node));
  BESA_TRY(check_receipts(before, fresh, epoch.kept, all));
  const std::lock_guard lock(node.mutex);
  Move move(node, epoch.kept, before.epoch());
  BESA_TRY(move.entries(all));
  BESA_TRY(move.inbox());
  BESA_TRY(move.drafts());
  move.governance(epoch.governance);
  BESA_TRY(node.begin_epoch(fresh.held_note(), epoch.kept, std::move(move.batch)));
  node.log().warning("loss_followed", {{"kept", epoch.kept}, {"offered_again", move.offered}});
  node.raise(
      "loss", std::to_string(epoch.loss.epoch),
      "The broker lost part of its log, and the administrators have accepted that. This node offers again what it "
      "had said since (" +
          std::to_string(move.offered) + " statements); what is new waits until the recovery is over.");
  return {};
}

}  // namespace besa::node
