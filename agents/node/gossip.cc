// What senders seal into their messages about the log and about their own sending: compared with what the broker shows.
#include "agents/node/intake.h"
#include "agents/node/json_text.h"
#include "core/checkpoint.h"

namespace besa::node {

using base::ErrorKind;

namespace {

constexpr std::size_t kGossipAtOnce = 4;
constexpr base::Duration kProofOwed = base::minutes(10);

}  // namespace

Result<PairWatch> Intake::watch_of(const base::MemberId& sender) const {
  BESA_ASSIGN(const auto stored, node_.store().get(Box::senders, sender.view()));
  if (!stored) return PairWatch{};
  return PairWatch::decode(*stored);
}

void Intake::raise_gaps(const base::MemberId& sender, const PairWatch& before, const PairWatch& after) {
  const std::string name = node_.config.peers.name_of(sender);
  for (const auto& [pair, gap] : before.gaps()) {
    if (!after.gaps().contains(pair)) node_.end_alarm("gap", hex(sender) + "/" + std::to_string(pair));
  }
  for (const auto& [pair, gap] : after.gaps()) {
    if (!gap.alarm) continue;
    node_.raise("gap", hex(sender) + "/" + std::to_string(pair),
                "Message number " + std::to_string(pair) + " of " + name + " to this node never came, and " + name +
                    " does not know why. Ask " + name + " by telephone.");
  }
}

namespace {

struct HeardCheckpoint {
  Bytes key;
  base::MemberId sender;
  base::Timestamp heard;
  core::SignedCheckpoint checkpoint;
  bool genuine = false;  // signed by the log's key under the origin that it has here
};

std::optional<HeardCheckpoint> decode_heard(const kv::Row& row, const client::LogIdentity& identity,
                                            std::uint64_t newest) {
  HeardCheckpoint out;
  out.key = row.key;
  base::ByteReader key(row.key);
  out.sender = key.id<base::MemberId>();
  out.checkpoint.checkpoint.size.value = key.u64();
  base::ByteReader value(row.value);
  out.heard = value.time();
  out.checkpoint.checkpoint.root = value.id<base::Digest>();
  out.checkpoint.signature = value.id<base::Signature>();
  // Of the newest epoch that it fits; the sender may not have followed yet, or be ahead of us.
  for (std::uint64_t epoch = newest + 1;; --epoch) {
    out.checkpoint.checkpoint.origin = identity.origin(epoch);
    const std::string note = core::note_from(out.checkpoint.checkpoint, identity.log_key, out.checkpoint.signature);
    out.genuine = core::verify_checkpoint(note, identity.origin(epoch), identity.log_key).has_value();
    if (out.genuine || epoch == 0) break;
  }
  if (!key.done() || !value.done()) return std::nullopt;
  return out;
}

}  // namespace

Status Intake::check_gossip(client::Session& session) {
  if (!session.identity() || !session.held()) return {};
  std::vector<kv::Row> rows;
  std::optional<core::LossRecord> loss;
  {
    const std::lock_guard lock(node_.mutex);
    BESA_ASSIGN(loss, core::read_loss(node_.view));
    BESA_ASSIGN(rows, node_.store().scan(Box::gossip, {}, {}, kGossipAtOnce));
  }
  for (const kv::Row& row : rows) {
    const auto heard = decode_heard(row, *session.identity(), session.epoch());
    if (!heard) return base::fail(ErrorKind::damaged, "a stored checkpoint of a sender is damaged");
    const core::Checkpoint& checkpoint = heard->checkpoint.checkpoint;
    const std::string note = core::note_from(checkpoint, session.identity()->log_key, heard->checkpoint.signature);
    const bool genuine = heard->genuine;
    const bool same = checkpoint == session.held()->checkpoint;
    const Status verdict = genuine && !same ? session.check_other(heard->checkpoint, loss) : Status{};
    const std::lock_guard lock(node_.mutex);
    const std::string key = hex(heard->sender) + "/" + std::to_string(checkpoint.size.value);
    if (!genuine) {
      node_.raise(
          "false_gossip", key,
          node_.config.peers.name_of(heard->sender) + " sealed a checkpoint that this log never signed into a message.",
          note);
    } else if (!verdict && verdict.error().kind == ErrorKind::misbehaviour) {
      return verdict;
    } else if (!verdict) {
      if (heard->heard + kProofOwed < node_.now()) {
        node_.raise(
            "proof_owed", key,
            "The broker does not prove a checkpoint that " + node_.config.peers.name_of(heard->sender) + " has seen.",
            note);
      }
      continue;
    }
    Store::Batch batch;
    batch.erase(Box::gossip, heard->key);
    BESA_TRY(node_.store().commit(batch));
    node_.end_alarm("proof_owed", key);
  }
  return {};
}

}  // namespace besa::node
