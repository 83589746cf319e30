// The standing checks: what is asked once more when a message is handed out. The policy in force then decides, and each
// section rests on the consent that carried it at submission.
#include <algorithm>

#include "core/carriage.h"
#include "core/decide.h"

namespace besa::core {
namespace {

// A thread in which nothing more may travel, except the cancellation itself where something was handed out before.
bool is_open_for(const MessageRecord& message, const ThreadRecord& thread) {
  switch (thread.state) {
    case ThreadState::cancelled:
    case ThreadState::entered_in_error: return message.kind == Kind::cancel && thread.handed_out;
    case ThreadState::consent_withdrawn:
    case ThreadState::expired: return false;
    case ThreadState::none:
    case ThreadState::queued:
    case ThreadState::handed_out:
    case ThreadState::received:
    case ThreadState::opened:
    case ThreadState::needs_info:
    case ThreadState::info_sent:
    case ThreadState::accepted:
    case ThreadState::in_progress:
    case ThreadState::on_hold:
    case ThreadState::completed:
    case ThreadState::closed:
    case ThreadState::declined:
    case ThreadState::undeliverable:
    case ThreadState::cancel_confirmed:
    case ThreadState::withdrawal_answered:
    case ThreadState::re_referred: return true;
  }
  return false;
}

Section section_of(const SectionRecord& record) {
  Section out;
  out.category = record.category;
  out.form = record.form;
  out.grant = record.grant;
  out.basis = record.basis;
  return out;
}

Carriage carriage_of(const Reference& reference, const MessageRecord& message, const ThreadRecord& thread,
                     ConsentParty sender, ConsentParty recipient, Timestamp now) {
  Carriage out;
  out.sender = sender;
  out.recipient = recipient;
  out.passage.from_opener = thread.opener == reference.author;
  out.passage.sender_sector = sender.sector;
  out.passage.recipient_sector = recipient.sector;
  out.passage.opener_sector = out.passage.from_opener ? sender.sector : recipient.sector;
  out.passage.receiver_sector = out.passage.from_opener ? recipient.sector : sender.sector;
  out.passage.opening_kind = thread.kind;
  out.passage.purpose = thread.purpose;
  out.passage.priority = message.priority;
  out.passage.person_class = message.person_class;
  out.passage.references = message.references;
  out.returning = !out.passage.from_opener;
  out.now = now;
  std::transform(message.sections.begin(), message.sections.end(), std::back_inserter(out.sections), section_of);
  return out;
}

bool consents_carry(const MessageRecord& message, const Carriage& carriage) {
  if (is_excluded(carriage)) return false;
  return std::all_of(message.sections.begin(), message.sections.end(), [&](const SectionRecord& section) {
    return section.basis != Basis::consent || find_carrying(carriage, section.category, section.consent).has_value();
  });
}

}  // namespace

Result<StandingVerdict> check_standing(const View& view, const Reference& reference, Timestamp now) {
  BESA_ASSIGN(const auto message, find_message(view, reference));
  if (!message) return StandingVerdict{Reason::unknown_reference, 0};
  BESA_ASSIGN(const auto sender, read_member(view, reference.author));
  BESA_ASSIGN(const auto recipient, read_member(view, message->recipient));
  BESA_ASSIGN(const auto thread, find_thread(view, message->thread));
  BESA_ASSIGN(const auto policy, read_policy(view));
  if (!sender || !recipient || !thread || !policy) return StandingVerdict{Reason::unknown_reference, 0};
  if (!sender->in_force(now)) return StandingVerdict{Reason::unknown_sender, 0};
  if (message->expires <= now) return StandingVerdict{Reason::expired, 0};
  if (!is_open_for(*message, *thread) || message->purged) return StandingVerdict{Reason::illegal_transition, 0};
  BESA_ASSIGN(const ConsentParty sender_party, read_party_of(view, reference.author, *sender));
  BESA_ASSIGN(const ConsentParty recipient_party, read_party_of(view, message->recipient, *recipient));
  Carriage carriage = carriage_of(reference, *message, *thread, sender_party, recipient_party, now);
  BESA_ASSIGN(carriage.candidates, read_candidates(view, thread->consents));
  std::vector<std::uint16_t> rules;
  if (const auto failure = check_rules(policy->policy, carriage, rules)) {
    return StandingVerdict{failure->reason, failure->rule};
  }
  if (!consents_carry(*message, carriage)) return StandingVerdict{Reason::not_covered, 0};
  return StandingVerdict{};
}

}  // namespace besa::core
