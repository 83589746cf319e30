// Consent taken back: the statement that narrows a consent, what the messages under it feel, and the answer that each
// earlier recipient owes.
//
// The statement writes fields of the consent's record and takes effect at once: every later decision reads them. What
// follows (messages kept back, ciphertext purged, people told, debts) drains through ticks, a bounded number of
// messages in each.
#include <algorithm>

#include "base/limits.h"
#include "core/carriage.h"
#include "core/lifecycle.h"
#include "core/step.h"

namespace besa::core {
namespace {

namespace limits = base::limits;

constexpr std::uint64_t kWholeConsent = 1;  // value of the effect; purposes are the bits of their numbers, from bit 1

struct Taken {
  Reference reference;
  ConsentRecord consent;
};

Result<std::optional<Taken>> find_taken(const View& view, const Reference& named) {
  BESA_ASSIGN(const auto reference, consent_behind(view, named));
  if (!reference) return std::nullopt;
  BESA_ASSIGN(auto consent, find_consent(view, *reference));
  if (!consent) return std::nullopt;
  return Taken{*reference, std::move(*consent)};
}

bool codes_known(const Narrowing& narrowing) {
  const auto listed = names_of(Purpose{}).size();
  const std::uint64_t bits = ((std::uint64_t{1} << listed) - 1) << 1;
  return (narrowing.purposes.bits() & ~bits) == 0;
}

// Each row once, and not more of them than a consent has.
bool is_shaped(const Narrowing& narrowing) {
  std::vector<Digest> rows = narrowing.rows;
  std::sort(rows.begin(), rows.end());
  return rows.size() <= limits::kConsentRows && std::adjacent_find(rows.begin(), rows.end()) == rows.end();
}

// The author takes back all or part; a member that got a message under the consent only the whole, and by that message.
Result<bool> is_entitled(const View& view, const MemberId& author, const Narrowing& narrowing, const Taken& taken) {
  if (taken.reference.author == author) return true;
  if (!narrowing.is_whole() || narrowing.reference == taken.reference) return false;
  BESA_ASSIGN(const auto message, find_message(view, narrowing.reference));
  return message && message->recipient == author && message->handed_out;
}

void put_narrowed_effects(Step& step, const Taken& taken, const ConsentRecord& before) {
  const auto value = [](const ConsentRecord& consent) {
    return consent.withdrawn_purposes.bits() | (consent.withdrawn ? kWholeConsent : 0);
  };
  if (value(before) != value(taken.consent)) {
    step.effect(EffectCode::consent_narrowed, taken.reference, kNoSection, {}, value(taken.consent));
  }
  for (std::size_t i = 0; i < before.rows.size(); ++i) {
    if (before.rows[i].withdrawn == taken.consent.rows[i].withdrawn) continue;
    step.effect(EffectCode::consent_narrowed, taken.reference, static_cast<std::uint16_t>(i), {}, 0);
  }
}

// Narrows the consent on record. Taking back once more what is gone already is no mistake: it changes nothing.
Result<Decision> take_back(Step& step, const Narrowing& narrowing, Taken taken, const MemberId& by) {
  const ConsentRecord before = taken.consent;
  if (!narrow(taken.consent, narrowing)) return refuse(Reason::unknown_reference);
  const std::size_t effects = step.effects.size();
  put_narrowed_effects(step, taken, before);
  if (step.effects.size() == effects) return accept();
  taken.consent.drained = {};
  write_consent(step.overlay, taken.reference.author, taken.reference.counter, taken.consent);
  step.set_due({step.now, DueCode::purge, taken.reference, kNoSection});
  if (by != taken.reference.author) {
    step.effect(EffectCode::notice, taken.reference, kNoSection, taken.reference.author,
                number_of(NoticeCode::consent_withdrawn));
  }
  return accept();
}

Reason check_narrowing(const Narrowing& narrowing) {
  if (!codes_known(narrowing)) return Reason::unknown_code;
  return is_shaped(narrowing) ? Reason::none : Reason::wrong_shape;
}

// --- what the messages feel -----------------------------------------------------------------------------------------

// Marks the sections that the consent no longer carries; how many they are.
std::uint32_t mark_sections(MessageRecord& message, const Taken& taken, const ConsentParty& recipient,
                            Purpose purpose) {
  std::uint32_t marked = 0;
  for (SectionRecord& section : message.sections) {
    if (section.withdrawn || section.consent != taken.reference) continue;
    if (still_carries(taken.consent, recipient, section.category, purpose)) continue;
    section.withdrawn = true;
    ++marked;
  }
  return marked;
}

bool still_travels(MessageState state) {
  return state == MessageState::queued || state == MessageState::handed_out || state == MessageState::withheld;
}

void purge_withdrawn_sections(Step& step, const Reference& reference, const MessageRecord& message) {
  for (std::size_t i = 0; i < message.sections.size(); ++i) {
    if (!message.sections[i].withdrawn) continue;
    step.effect(EffectCode::purge, reference, static_cast<std::uint16_t>(i), {}, 0);
  }
}

// What has not been received is kept back whole and for good: the sender's node seals what may still go.
Status keep_back(Step& step, const Reference& reference, MessageRecord& message) {
  leave_queue(step, reference, message);
  purge_message(step, reference, message, false);
  if (message.state == MessageState::withheld) return {};
  step.effect(EffectCode::notice, reference, kNoSection, reference.author, number_of(NoticeCode::message_withheld));
  return move_message(step, reference, message, MessageState::withheld);
}

// Who was handed a section owes an answer, received or not; who is not to be told owes none.
void put_debt(Step& step, const Reference& reference, MessageRecord& message, ThreadRecord& thread,
              const Policy& policy) {
  if (message.debt == Debt::owed) return;
  if (message.debt != Debt::overdue) ++thread.debts;
  message.debt = Debt::owed;
  message.debt_due = step.now + time_to_answer_withdrawal(policy);
  step.effect(EffectCode::debt, reference, kNoSection, message.recipient, number_of(Debt::owed));
  step.set_due({message.debt_due, DueCode::withdrawal_answer, reference, kNoSection});
  step.effect(EffectCode::notice, reference, kNoSection, message.recipient, number_of(NoticeCode::consent_withdrawn));
}

// One message under the consent, and its thread with it.
Status feel(Step& step, const Taken& taken, const Reference& reference, const Policy& policy) {
  BESA_ASSIGN(auto message, find_message(step.overlay, reference));
  if (!message) return {};
  BESA_ASSIGN(const auto recipient, read_member(step.overlay, message->recipient));
  BESA_ASSIGN(const auto before, find_thread(step.overlay, message->thread));
  if (!recipient || !before) return {};
  BESA_ASSIGN(const ConsentParty party, read_party_of(step.overlay, message->recipient, *recipient));
  const std::uint32_t marked = mark_sections(*message, taken, party, before->purpose);
  if (marked == 0) return {};
  if (!message->purged && still_travels(message->state)) {
    BESA_TRY(keep_back(step, reference, *message));
  } else if (!message->purged) {
    purge_withdrawn_sections(step, reference, *message);
  }
  BESA_ASSIGN(auto thread, find_thread(step.overlay, message->thread));  // the message may have moved it
  if (!thread) return {};
  if (message->handed_out && !is_not_told(taken.consent, party)) put_debt(step, reference, *message, *thread, policy);
  write_message(step.overlay, reference.author, reference.counter, *message);
  thread->standing_sections -= std::min(thread->standing_sections, marked);
  const bool nothing_left = thread->standing_sections == 0 && is_live(thread->state);
  return move_thread(step, message->thread, *thread, nothing_left ? ThreadState::consent_withdrawn : thread->state,
                     policy);
}

Status settle_debt(Step& step, const Reference& reference, MessageRecord& message) {
  if (message.debt == Debt::owed) {
    step.clear_due({message.debt_due, DueCode::withdrawal_answer, reference, kNoSection});
  }
  message.debt = Debt::answered;
  step.effect(EffectCode::debt, reference, kNoSection, message.recipient, number_of(Debt::answered));
  step.effect(EffectCode::notice, reference, kNoSection, reference.author, number_of(NoticeCode::withdrawal_answered));
  write_message(step.overlay, reference.author, reference.counter, message);
  BESA_ASSIGN(auto thread, find_thread(step.overlay, message.thread));
  BESA_ASSIGN(const auto policy, read_policy(step.overlay));
  if (!thread || !policy) return {};
  if (thread->debts > 0) --thread->debts;
  const bool all_answered = thread->debts == 0 && thread->state == ThreadState::consent_withdrawn;
  return move_thread(step, message.thread, *thread, all_answered ? ThreadState::withdrawal_answered : thread->state,
                     policy->policy);
}

Reason check_answer(const WithdrawalAnswer& body) {
  if (!in_list(body.answer)) return Reason::unknown_code;
  if (body.basis != Basis::none && !in_list(body.basis)) return Reason::unknown_code;
  const bool names_ground = body.basis != Basis::none && body.basis != Basis::consent;
  const bool fits = body.answer == DebtAnswer::kept ? names_ground : body.basis == Basis::none;
  return fits ? Reason::none : Reason::wrong_shape;
}

Result<Decision> decide_person_withdrawal(Step& step, const PersonWithdrawal& body) {
  if (const Reason reason = check_narrowing(body.narrowing); reason != Reason::none) return refuse(reason);
  BESA_ASSIGN(auto taken, find_taken(step.overlay, body.narrowing.reference));
  const bool entitled =
      taken && !taken->consent.code_key.is_none() && taken->consent.code_key == step.signers.front().key;
  if (!entitled) return refuse(Reason::not_entitled);
  return take_back(step, body.narrowing, std::move(*taken), MemberId{});
}

}  // namespace

Result<Decision> decide_withdrawal(Step& step, const Withdrawal& body) {
  if (const Reason reason = check_narrowing(body.narrowing); reason != Reason::none) return refuse(reason);
  BESA_ASSIGN(auto taken, find_taken(step.overlay, body.narrowing.reference));
  if (!taken) return refuse(Reason::not_entitled);  // unknown or not yours: alike
  BESA_ASSIGN(const bool entitled, is_entitled(step.overlay, body.header.author, body.narrowing, *taken));
  if (!entitled) return refuse(Reason::not_entitled);
  return take_back(step, body.narrowing, std::move(*taken), body.header.author);
}

Result<Decision> decide_withdrawal_answer(Step& step, const WithdrawalAnswer& body) {
  if (const Reason reason = check_answer(body); reason != Reason::none) return refuse(reason);
  BESA_ASSIGN(auto message, find_message(step.overlay, body.message));
  if (!message || message->recipient != body.header.author) return refuse(Reason::unknown_reference);
  if (message->debt != Debt::owed && message->debt != Debt::overdue) return refuse(Reason::not_due);
  BESA_TRY(settle_debt(step, body.message, *message));
  Decision decision = accept();
  Item item;
  item.reference = body.message;
  item.verdict = Verdict::accepted;
  item.basis = body.basis;
  decision.items.push_back(item);
  return decision;
}

Result<Decision> decide_person(Step& step, const PersonHeader& header) {
  BESA_ASSIGN(const auto bringer, read_member(step.overlay, header.bringer));
  if (!bringer) return refuse(Reason::unknown_sender);
  step.keys_previous = bringer->keys;
  if (!bringer->in_force(step.at())) return refuse(Reason::unknown_sender);
  const Reason times = check_times(header.created, header.expires, step.at(), limits::kPersonStatementLife);
  if (times != Reason::none) return refuse(times);
  return decide_person_withdrawal(step, std::get<PersonWithdrawal>(step.statement.body));
}

Status drain_withdrawal(Step& step, const DueItem& item) {
  BESA_ASSIGN(auto consent, find_consent(step.overlay, item.reference));
  BESA_ASSIGN(const auto policy, read_policy(step.overlay));
  if (!consent || !policy) return {};
  Taken taken{item.reference, std::move(*consent)};
  const std::size_t room = limits::kTickDrained - step.drained;
  BESA_ASSIGN(const auto messages, read_consent_messages(step.overlay, item.reference, taken.consent.drained, room));
  for (const QueuedMessage& message : messages) BESA_TRY(feel(step, taken, message.reference, policy->policy));
  step.drained += messages.size();
  if (messages.size() < room) return {};
  if (!messages.empty()) taken.consent.drained = Sequence{messages.back().sequence.value + 1};
  write_consent(step.overlay, item.reference.author, item.reference.counter, taken.consent);
  step.set_due(item);
  return {};
}

Status mark_debt_overdue(Step& step, const DueItem& item) {
  BESA_ASSIGN(auto message, find_message(step.overlay, item.reference));
  if (!message || message->debt != Debt::owed) return {};
  message->debt = Debt::overdue;
  write_message(step.overlay, item.reference.author, item.reference.counter, *message);
  step.effect(EffectCode::debt, item.reference, kNoSection, message->recipient, number_of(Debt::overdue));
  for (const MemberId& told : {item.reference.author, message->recipient}) {
    step.effect(EffectCode::notice, item.reference, kNoSection, told, number_of(NoticeCode::withdrawal_overdue));
  }
  return {};
}

void forget_debt(Step& step, const Reference& reference, const MessageRecord& message) {
  if (message.debt == Debt::owed) {
    step.clear_due({message.debt_due, DueCode::withdrawal_answer, reference, kNoSection});
  }
  for (const SectionRecord& section : message.sections) {
    if (!section.consent.is_none()) erase_consent_message(step.overlay, section.consent, message.sequence);
  }
}

}  // namespace besa::core
