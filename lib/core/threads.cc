// Moving messages and threads: rows, deadlines and effects in one place, so that every path leaves the same trace.
#include <algorithm>

#include "base/limits.h"
#include "core/lifecycle.h"
#include "core/step.h"

namespace besa::core {
namespace {

bool is_opening(const Reference& reference, const MessageRecord& message) { return message.thread == reference; }

Duration retention_of(const Policy& policy) { return base::days(std::max<std::uint32_t>(policy.retention_days, 1)); }

void end_thread(Step& step, const Reference& reference, ThreadRecord& thread, const Policy& policy) {
  if (thread.answer_due.ms != 0) {
    step.clear_due({thread.answer_due, DueCode::answer, reference, kNoSection});
    thread.answer_due = {};
  }
  if (thread.retention_due.ms != 0) return;
  thread.retention_due = step.now + retention_of(policy);
  step.set_due({thread.retention_due, DueCode::retention, reference, kNoSection});
  step.set_due({step.now, DueCode::purge, reference, kNoSection});
}

// Back from an end (an answer after completion, a reseal): nothing is retired while work goes on.
void revive_thread(Step& step, const Reference& reference, ThreadRecord& thread) {
  if (thread.retention_due.ms == 0) return;
  step.clear_due({thread.retention_due, DueCode::retention, reference, kNoSection});
  thread.retention_due = {};
}

bool answers(ThreadState state) {
  return state == ThreadState::accepted || state == ThreadState::in_progress || state == ThreadState::on_hold;
}

}  // namespace

Status move_thread(Step& step, const Reference& reference, ThreadRecord& thread, ThreadState to, const Policy& policy) {
  if (thread.state != to) {
    thread.state = to;
    step.effect(EffectCode::thread_state, reference, kNoSection, {}, number_of(to));
  }
  if (answers(to) && thread.answer_due.ms != 0) {
    step.clear_due({thread.answer_due, DueCode::answer, reference, kNoSection});
    thread.answer_due = {};
    thread.overdue = false;
  }
  if (is_live(to)) {
    revive_thread(step, reference, thread);
  } else {
    end_thread(step, reference, thread, policy);
  }
  write_thread(step.overlay, reference.author, reference.counter, thread);
  return {};
}

Status move_message(Step& step, const Reference& reference, MessageRecord& message, MessageState to) {
  message.state = to;
  step.effect(EffectCode::message_state, reference, kNoSection, message.recipient, number_of(to));
  write_message(step.overlay, reference.author, reference.counter, message);
  if (!is_opening(reference, message)) return {};
  BESA_ASSIGN(auto thread, find_thread(step.overlay, message.thread));
  BESA_ASSIGN(const auto policy, read_policy(step.overlay));
  if (!thread || !policy) return base::fail(base::ErrorKind::damaged, "a message without its thread: rebuild the view");
  const auto next = mirrored_state(thread->state, to);
  if (!next) return {};
  return move_thread(step, message.thread, *thread, *next, policy->policy);
}

void purge_message(Step& step, const Reference& reference, MessageRecord& message, bool later_only) {
  if (message.purged) return;
  for (std::size_t i = 0; i < message.sections.size(); ++i) {
    if (later_only && message.sections[i].granted) continue;
    step.effect(EffectCode::purge, reference, static_cast<std::uint16_t>(i), {}, 0);
  }
  if (!later_only) message.purged = true;
  write_message(step.overlay, reference.author, reference.counter, message);
}

void leave_queue(Step& step, const Reference& reference, const MessageRecord& message) {
  erase_queue(step.overlay, message.recipient, message.sequence);
  step.clear_due({message.expires, DueCode::expiry, reference, kNoSection});
}

}  // namespace besa::core
