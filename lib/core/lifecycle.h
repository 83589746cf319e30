// The states of messages and threads, and what may move them.
//
// A thread's state mirrors that of its opening message until its parties take over; from then on a message asks for a
// state and the table here says whether the asking party may have it. Whatever the table does not list is illegal.
// Source: docs/ARCHITECTURE.md "Threads".
#pragma once

#include <optional>

#include "core/codes.h"

namespace besa::core {

// --- Threads ---

enum class ThreadParty : std::uint8_t { opener, receiver };

// queued, handed_out, received, opened, needs_info, info_sent, accepted, in_progress, on_hold.
bool is_live(ThreadState state);
// Waiting for the receiver's answer: opened, needs_info, info_sent.
bool is_ask(ThreadState state);
// Somebody works on it: accepted, in_progress, on_hold.
bool is_work(ThreadState state);
// Every state that is not live, `completed` included: the time to retention runs.
bool is_ended(ThreadState state);

// Does a message of this kind open a thread in this version?
bool is_opening_kind(Kind kind);

// The state of a thread in `from`, opened by a message of `opening_kind`, after a message of `kind` that asks for
// `sets` came from `by`; empty: illegal_transition. `ever_handed_out`: the opening message was handed out at some time.
// A kind that opens threads is never legal inside one. Cost: a dozen comparisons.
std::optional<ThreadState> next_state(Kind kind, Sets sets, ThreadParty by, ThreadState from, Kind opening_kind,
                                      bool ever_handed_out);

// The state of a thread whose opening message has just come to `message`; empty: the thread stays as it is. Only a
// thread that none of its parties has moved yet (queued to opened) follows.
std::optional<ThreadState> mirrored_state(ThreadState thread, MessageState message);

// --- Messages ---

// What happens to a message: the first three are the broker's, the others its recipient's statements.
enum class MessageEvent : std::uint8_t { hand_out, withhold, expire, received, unreadable, opened, erased };

// The state after `event` of a message in `from`; empty: illegal. `ever_handed_out`: of this message.
// A withheld message waits on: it is handed out when its standing checks hold again (the sender reinstated), or
// expires. After withheld or expired the recipient's statements stay legal if it ever had the message, and change
// nothing. Opening again (by another person) is legal, receiving again is not.
std::optional<MessageState> next_message_state(MessageEvent event, MessageState from, bool ever_handed_out);

}  // namespace besa::core
