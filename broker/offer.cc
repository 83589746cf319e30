#include "broker/offer.h"

#include "core/entry.h"
#include "core/merkle.h"

namespace besa::broker {

using base::ErrorKind;
using base::Result;
using wire::WireError;

Result<LogName> log_name(const core::View& view) {
  BESA_ASSIGN(const auto network, core::read_network(view));
  if (!network) return base::fail(ErrorKind::not_found, "the log has no genesis yet");
  BESA_ASSIGN(const auto loss, core::read_loss(view));
  return LogName{network->name, network->id, network->broker_log_key, core::epoch_of(loss)};
}

Result<OurNote> read_our_note(std::string_view text, const LogName& log) {
  BESA_ASSIGN(const core::Note note, core::parse_note(text));
  BESA_ASSIGN(const core::CheckpointBody body, core::parse_checkpoint_body(note.text));
  BESA_ASSIGN(const core::Origin origin, core::parse_origin(body.origin));
  if (origin.name != log.name || origin.network != log.network) {
    return base::fail(ErrorKind::bad_signature, "the checkpoint is of another log");
  }
  BESA_ASSIGN(const core::SignedCheckpoint verified, core::verify_checkpoint(text, body.origin, log.log_key));
  return OurNote{origin.epoch, verified.checkpoint};
}

Answered<std::pair<std::uint64_t, base::Sequence>> check_lost(const wire::LostReceipt& lost,
                                                              const core::ParsedStatement& statement,
                                                              const LogName& log) {
  BESA_ASSIGN(const OurNote note, read_our_note(lost.checkpoint, log));
  if (note.epoch > log.epoch) return refuse(WireError::bad_signature, "the receipt is of an epoch that never began");
  BESA_ASSIGN(const core::Entry entry, core::decode_entry(lost.entry));
  BESA_TRY(core::verify_inclusion(core::leaf_hash(lost.entry), entry.sequence.value, note.checkpoint.size, lost.proof,
                                  note.checkpoint.root));
  if (entry.id != statement.id || entry.type != statement.type) {
    return refuse(WireError::bad_signature, "the receipt is about another statement");
  }
  if (!entry.decision.accepted()) return refuse(WireError::denied, "this statement was refused before the loss");
  return std::pair(note.epoch, entry.sequence);
}

bool only_takes_back(core::StatementType type) {
  return type == core::StatementType::withdrawal || type == core::StatementType::person_withdrawal;
}

bool Collected::add(Offered offer) {
  const Place place{offer.epoch, offer.sequence, offer.statement.id};
  if (offers_.contains(place)) return true;
  if (bytes_ + offer.bytes > kMostBytes) return false;
  bytes_ += offer.bytes;
  offers_.emplace(place, std::move(offer));
  return true;
}

bool Collected::add_new(const core::Verified& withdrawal) {
  const core::ParsedStatement& statement = withdrawal.statement();
  if (new_.contains(statement.id)) return true;
  const std::size_t bytes = statement.body_bytes.size() + statement.blocks_bytes.size() + sizeof(Offered);
  std::size_t& of_member = new_of_[withdrawal.submitter()];
  if (of_member == kMostNewOfMember || new_bytes_ + bytes > kMostNewBytes) return false;
  ++of_member;
  new_bytes_ += bytes;
  new_.insert(statement.id);
  const base::Sequence place{next_new_.value++};
  offers_.emplace(Place{kNew, place, statement.id}, Offered{statement, withdrawal.submitter(), {}, kNew, place, bytes});
  return true;
}

std::vector<const Offered*> Collected::first(std::size_t most) const {
  std::vector<const Offered*> out;
  for (auto at = offers_.begin(); at != offers_.end() && out.size() < most; ++at) out.push_back(&at->second);
  return out;
}

void Collected::drop(std::size_t count) {
  for (; count > 0 && !offers_.empty(); --count) {
    const Offered& first = offers_.begin()->second;
    if (first.epoch == kNew) {
      new_.erase(first.statement.id);
      --new_of_[first.submitter];
    }
    (first.epoch == kNew ? new_bytes_ : bytes_) -= first.bytes;
    offers_.erase(offers_.begin());
  }
}

}  // namespace besa::broker
