// Who may read what: ciphertext by fetch, entries with what lies beside them.
#include <algorithm>

#include "core/decide.h"

namespace besa::core {
namespace {

bool is_appointed(const std::optional<AppointmentRecord>& appointment, Timestamp now) {
  return appointment && appointment->from <= now && now < appointment->until;
}

// Messages of one sender that a statement names.
const std::vector<Reference>* named_messages(const Body& body) {
  if (const auto* hand_out = std::get_if<HandOut>(&body)) return &hand_out->messages;
  if (const auto* acknowledgement = std::get_if<Acknowledgement>(&body)) return &acknowledgement->messages;
  return nullptr;
}

std::optional<MemberId> named_sender(const Body& body) {
  if (const auto* messages = named_messages(body); messages != nullptr && !messages->empty()) {
    return messages->front().author;
  }
  if (const auto* report = std::get_if<UnreadableReport>(&body)) return report->message.author;
  if (const auto* opened = std::get_if<Opened>(&body)) return opened->message.author;
  if (const auto* answer = std::get_if<WithdrawalAnswer>(&body)) return answer->message.author;
  return std::nullopt;
}

const Narrowing* narrowing_of(const Body& body) {
  if (const auto* withdrawal = std::get_if<Withdrawal>(&body)) return &withdrawal->narrowing;
  if (const auto* withdrawal = std::get_if<PersonWithdrawal>(&body)) return &withdrawal->narrowing;
  return nullptr;
}

// Did the reader take the consent that this statement narrows?
Result<bool> took_consent(const View& view, const MemberId& reader, const Body& body) {
  const Narrowing* narrowing = narrowing_of(body);
  if (narrowing == nullptr) return false;
  BESA_ASSIGN(const auto consent, consent_behind(view, narrowing->reference));
  return consent && consent->author == reader;
}

Result<bool> got_envelope(const View& view, const MemberId& reader, const ParsedStatement& statement) {
  const auto* envelope = std::get_if<Envelope>(&statement.body);
  if (envelope == nullptr || envelope->context.recipient != reader) return false;
  BESA_ASSIGN(const auto message, find_message(view, reference_of(statement)));
  return message && message->handed_out;
}

}  // namespace

Result<bool> may_fetch(const View& view, const MemberId& member, const Reference& reference, std::uint16_t section,
                       Timestamp now) {
  BESA_ASSIGN(const auto message, find_message(view, reference));
  if (!message || message->recipient != member || !message->handed_out || message->purged) return false;
  if (section >= message->sections.size() || !message->sections[section].granted) return false;
  if (message->sections[section].withdrawn) return false;
  if (message->state != MessageState::handed_out) return message->state != MessageState::withheld;
  BESA_ASSIGN(const StandingVerdict standing, check_standing(view, reference, now));
  return standing.reason == Reason::none;
}

Result<bool> may_read(const View& view, const MemberId& reader, const Entry& entry, const ParsedStatement& statement,
                      Timestamp now) {
  BESA_ASSIGN(const auto appointment, read_auditor(view, reader));
  if (is_appointed(appointment, now)) return true;
  if (counts_as_governance(entry.type) || entry.type == StatementType::prekeys) return true;
  // The tick that ends a recovery names nothing, and everybody must learn of it.
  if (entry.type == StatementType::tick) return entry.decision.accepted() && entry.decision.items.empty();
  if (entry.type == StatementType::clock_confirmed) return false;
  if (const auto header = author_header(statement); header && header->author == reader) return true;
  if (entry.submitter == reader && !reader.is_none()) return true;
  if (const auto* hand_out = std::get_if<HandOut>(&statement.body)) {
    if (entry.type == StatementType::hand_out && hand_out->member == reader) return true;
  }
  if (const auto sender = named_sender(statement.body); sender && *sender == reader) return true;
  BESA_ASSIGN(const bool took, took_consent(view, reader, statement.body));
  if (took) return true;
  return got_envelope(view, reader, statement);
}

}  // namespace besa::core
