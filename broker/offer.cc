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

bool Collected::add(Offered offer) {
  const Place place{offer.epoch, offer.sequence, offer.statement.id};
  if (offers_.contains(place)) return true;
  if (bytes_ + offer.bytes > kMostBytes) return false;
  bytes_ += offer.bytes;
  offers_.emplace(place, std::move(offer));
  return true;
}

std::vector<const Offered*> Collected::first(std::size_t most) const {
  std::vector<const Offered*> out;
  for (auto at = offers_.begin(); at != offers_.end() && out.size() < most; ++at) out.push_back(&at->second);
  return out;
}

void Collected::drop(std::size_t count) {
  for (; count > 0 && !offers_.empty(); --count) {
    bytes_ -= offers_.begin()->second.bytes;
    offers_.erase(offers_.begin());
  }
}

}  // namespace besa::broker
