// What the broker writes itself: hand_out, withhold and tick. Decided like the rest, so that replay shows a message
// that was kept back, one that was let go too easily, and a tick that was left out.
#include <algorithm>

#include "base/limits.h"
#include "core/lifecycle.h"
#include "core/step.h"

namespace besa::core {
namespace {

namespace limits = base::limits;

constexpr std::size_t kThreadPurgeStep = 64;  // messages of one thread that one tick purges

Reason check_named(const HandOut& body) {
  if (body.messages.empty() || body.messages.size() > limits::kReferencesPerStatement) return Reason::wrong_shape;
  const auto same_sender = [&](const Reference& r) { return r.author == body.messages[0].author; };
  if (!std::all_of(body.messages.begin(), body.messages.end(), same_sender)) return Reason::wrong_shape;
  std::vector<Reference> sorted = body.messages;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) return Reason::wrong_shape;
  return Reason::none;
}

// Reads what is pulled; the one that pulls must be a member in force.
Result<Reason> read_pulled(Step& step, const HandOut& body, std::vector<MessageRecord>& messages) {
  if (const Reason reason = check_named(body); reason != Reason::none) return reason;
  BESA_ASSIGN(const auto member, read_member(step.overlay, body.member));
  if (!member || !member->in_force(step.at())) return Reason::unknown_sender;
  for (const Reference& reference : body.messages) {
    BESA_ASSIGN(auto message, find_message(step.overlay, reference));
    if (!message || message->recipient != body.member) return Reason::unknown_reference;
    messages.push_back(std::move(*message));
  }
  return Reason::none;
}

Item pulled_item(const Reference& reference, Verdict verdict, const StandingVerdict& standing) {
  Item item;
  item.reference = reference;
  item.verdict = verdict;
  item.reason = number_of(standing.reason);
  item.rule = standing.rule;
  return item;
}

Status expire_message(Step& step, const DueItem& item) {
  BESA_ASSIGN(auto message, find_message(step.overlay, item.reference));
  if (!message) return {};
  erase_queue(step.overlay, message->recipient, message->sequence);
  purge_message(step, item.reference, *message, false);
  const auto next = next_message_state(MessageEvent::expire, message->state, message->handed_out);
  if (!next || *next == message->state) return {};
  BESA_TRY(move_message(step, item.reference, *message, *next));
  step.effect(EffectCode::notice, item.reference, kNoSection, item.reference.author,
              number_of(NoticeCode::message_expired));
  return {};
}

Status mark_overdue(Step& step, const DueItem& item) {
  BESA_ASSIGN(auto thread, find_thread(step.overlay, item.reference));
  if (!thread) return {};
  thread->overdue = true;
  thread->answer_due = {};
  write_thread(step.overlay, item.reference.author, item.reference.counter, *thread);
  step.effect(EffectCode::notice, item.reference, kNoSection, thread->opener, number_of(NoticeCode::answer_overdue));
  step.effect(EffectCode::notice, item.reference, kNoSection, thread->receiver, number_of(NoticeCode::answer_overdue));
  return {};
}

bool still_travels(const MessageRecord& message) {
  return message.state == MessageState::queued || message.state == MessageState::handed_out;
}

bool called_off(ThreadState state) {
  return state == ThreadState::cancelled || state == ThreadState::entered_in_error || state == ThreadState::expired ||
         state == ThreadState::consent_withdrawn;
}

// Some messages of an ended thread. Gives the sequence to go on from; empty: that was the last of them.
Result<std::optional<Sequence>> purge_some(Step& step, const DueItem& item, ThreadState state, Sequence from) {
  BESA_ASSIGN(const auto messages, read_thread_messages(step.overlay, item.reference, from, kThreadPurgeStep));
  for (const Reference& reference : messages) {
    BESA_ASSIGN(auto message, find_message(step.overlay, reference));
    if (!message) continue;
    const bool leaves_now = !still_travels(*message) || (called_off(state) && message->kind != Kind::cancel);
    if (leaves_now) purge_message(step, reference, *message, false);
  }
  if (messages.size() < kThreadPurgeStep) return std::nullopt;
  BESA_ASSIGN(const auto last, find_message(step.overlay, messages.back()));
  if (!last) return std::nullopt;
  return Sequence{last->sequence.value + 1};
}

// The ciphertext of an ended thread, but for what still travels: a cancellation must reach the other side.
Status purge_thread(Step& step, const DueItem& item) {
  BESA_ASSIGN(const auto thread, find_thread(step.overlay, item.reference));
  std::optional<Sequence> from;
  if (thread) from = Sequence{};
  while (from) {
    BESA_ASSIGN(from, purge_some(step, item, thread->state, *from));
  }
  return {};
}

Status forget_message(Step& step, const Reference& reference) {
  BESA_ASSIGN(auto message, find_message(step.overlay, reference));
  if (!message) return {};
  purge_message(step, reference, *message, false);
  leave_queue(step, reference, *message);
  forget_debt(step, reference, *message);
  step.overlay.erase(Table::message, base::ByteWriter().raw(reference.author).counter(reference.counter).take());
  step.effect(EffectCode::left_view, reference, kNoSection, {}, 0);
  return {};
}

// An ended thread leaves the view with its messages; a long one over several ticks.
Status retire_thread(Step& step, const DueItem& item) {
  BESA_ASSIGN(const auto thread, find_thread(step.overlay, item.reference));
  if (!thread) return {};
  BESA_ASSIGN(const auto messages, read_thread_messages(step.overlay, item.reference, {}, kThreadPurgeStep));
  const Bytes prefix = base::ByteWriter().raw(item.reference.author).counter(item.reference.counter).take();
  BESA_ASSIGN(const auto rows, step.overlay.scan(Table::thread_message, prefix, {}, kThreadPurgeStep));
  for (const Reference& reference : messages) BESA_TRY(forget_message(step, reference));
  for (const ViewRow& row : rows) step.overlay.erase(Table::thread_message, row.key);
  if (messages.size() == kThreadPurgeStep) {
    step.set_due(item);
    return {};
  }
  step.overlay.erase(Table::thread, prefix);
  step.effect(EffectCode::left_view, item.reference, kNoSection, {}, 1);
  return {};
}

// Of an ended thread, or of what came under a consent that was withdrawn.
Status purge(Step& step, const DueItem& item) {
  BESA_ASSIGN(const auto consent, find_consent(step.overlay, item.reference));
  return consent ? drain_withdrawal(step, item) : purge_thread(step, item);
}

Status fall_due(Step& step, const DueItem& item) {
  step.clear_due(item);
  switch (item.code) {
    case DueCode::expiry: return expire_message(step, item);
    case DueCode::answer: return mark_overdue(step, item);
    case DueCode::purge: return purge(step, item);
    case DueCode::retention: return retire_thread(step, item);
    case DueCode::withdrawal_answer: return mark_debt_overdue(step, item);
    case DueCode::none:
    case DueCode::unopened:
    case DueCode::release:
    case DueCode::handover:
    case DueCode::report:
    case DueCode::review: return {};
  }
  return {};
}

}  // namespace

Status note_hand_out(Step& step, const Reference& reference) {
  BESA_ASSIGN(auto thread, find_thread(step.overlay, reference));
  if (!thread || thread->handed_out) return {};
  thread->handed_out = true;
  write_thread(step.overlay, reference.author, reference.counter, *thread);
  return {};
}

Result<Decision> decide_hand_out(Step& step, const HandOut& body) {
  if (step.recovering) return refuse(Reason::not_due);  // what is not decided yet may forbid it
  std::vector<MessageRecord> messages;
  BESA_ASSIGN(const Reason named, read_pulled(step, body, messages));
  if (named != Reason::none) return refuse(named);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (messages[i].state == MessageState::handed_out) return refuse(Reason::illegal_transition);
    BESA_ASSIGN(const StandingVerdict standing, check_standing(step.overlay, body.messages[i], step.now));
    if (standing.reason != Reason::none) return refuse(standing.reason, standing.rule);
  }
  Decision decision = accept();
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const auto next = next_message_state(MessageEvent::hand_out, messages[i].state, messages[i].handed_out);
    if (!next) return refuse(Reason::illegal_transition);
    messages[i].handed_out = true;
    BESA_TRY(note_hand_out(step, messages[i].thread));
    BESA_TRY(move_message(step, body.messages[i], messages[i], *next));
    decision.items.push_back(pulled_item(body.messages[i], Verdict::accepted, {}));
  }
  return decision;
}

Result<Decision> decide_withhold(Step& step, const HandOut& body) {
  if (step.recovering) return refuse(Reason::not_due);
  std::vector<MessageRecord> messages;
  BESA_ASSIGN(const Reason named, read_pulled(step, body, messages));
  if (named != Reason::none) return refuse(named);
  std::vector<StandingVerdict> verdicts;
  for (const Reference& reference : body.messages) {
    BESA_ASSIGN(const StandingVerdict standing, check_standing(step.overlay, reference, step.now));
    if (standing.reason == Reason::none) return refuse(Reason::not_due);
    verdicts.push_back(standing);
  }
  Decision decision = accept();
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const auto next = next_message_state(MessageEvent::withhold, messages[i].state, messages[i].handed_out);
    if (!next) return refuse(Reason::illegal_transition);
    BESA_TRY(move_message(step, body.messages[i], messages[i], *next));
    step.effect(EffectCode::notice, body.messages[i], kNoSection, body.messages[i].author,
                number_of(NoticeCode::message_withheld));
    decision.items.push_back(pulled_item(body.messages[i], Verdict::refused, verdicts[i]));
  }
  return decision;
}

Result<Decision> decide_tick(Step& step) {
  if (step.recovering) return end_recovery(step);
  BESA_ASSIGN(const auto due, read_due(step.overlay, step.now, limits::kTickItems));
  if (due.empty()) return refuse(Reason::not_due);
  Decision decision = accept();
  for (const DueItem& item : due) {
    BESA_TRY(fall_due(step, item));
    Item entry;
    entry.reference = item.reference;
    entry.section = item.section;
    entry.verdict = Verdict::accepted;
    entry.reason = number_of(item.code);
    decision.items.push_back(entry);
  }
  return decision;
}

}  // namespace besa::core
