#include "core/lifecycle.h"

#include <algorithm>
#include <array>

namespace besa::core {
namespace {

using State = ThreadState;
using States = CodeSet<ThreadState>;

constexpr States kMirroring = {State::queued, State::handed_out, State::received, State::opened};
constexpr States kAsk = {State::opened, State::needs_info, State::info_sent};
constexpr States kWork = {State::accepted, State::in_progress, State::on_hold};
constexpr States kLive = {State::queued,    State::handed_out, State::received,    State::opened, State::needs_info,
                          State::info_sent, State::accepted,   State::in_progress, State::on_hold};
constexpr States kLiveOrDone = {State::queued,     State::handed_out, State::received, State::opened,
                                State::needs_info, State::info_sent,  State::accepted, State::in_progress,
                                State::on_hold,    State::completed};
constexpr States kClosable = {State::completed,     State::declined,         State::expired,
                              State::undeliverable, State::cancel_confirmed, State::withdrawal_answered};
constexpr States kReferrable = {State::declined, State::expired, State::undeliverable};
constexpr CodeSet<Kind> kAcceptable = {Kind::referral,   Kind::info_request,    Kind::access_request,
                                       Kind::correction, Kind::erasure_request, Kind::objection};

// One cell of the table: this kind with this request, by this party, from any of these states.
struct Cell {
  Kind kind;
  Sets sets;
  ThreadParty by;
  States from;
  State to = State::none;        // none: the thread stays where it is
  CodeSet<Kind> opened_by = {};  // empty: any
  bool needs_hand_out = false;
};

constexpr auto kOpener = ThreadParty::opener;
constexpr auto kReceiver = ThreadParty::receiver;

constexpr std::array kTable = {
    Cell{Kind::update, Sets::none, kOpener, kLiveOrDone},
    Cell{Kind::update, Sets::closed, kOpener, kClosable, State::closed},
    Cell{Kind::update, Sets::re_referred, kOpener, kReferrable, State::re_referred},
    Cell{Kind::answer, Sets::accepted, kReceiver, kAsk, State::accepted, kAcceptable},
    Cell{Kind::answer, Sets::declined, kReceiver, kAsk, State::declined},
    Cell{Kind::answer, Sets::in_progress, kReceiver, {State::accepted, State::on_hold}, State::in_progress},
    Cell{Kind::answer, Sets::on_hold, kReceiver, {State::accepted, State::in_progress}, State::on_hold},
    Cell{Kind::answer, Sets::cancel_confirmed, kReceiver, {State::cancelled}, State::cancel_confirmed, {}, true},
    Cell{Kind::answer, Sets::cancel_confirmed, kReceiver, {State::entered_in_error}, State::closed},
    Cell{Kind::cancel, Sets::cancelled, kOpener, kLive, State::cancelled},
    Cell{Kind::cancel, Sets::entered_in_error, kOpener, kLiveOrDone, State::entered_in_error},
};

bool is_overtaken(MessageState state) { return state == MessageState::withheld || state == MessageState::expired; }

// The recipient's statements while the message takes its ordinary way.
std::optional<MessageState> next_by_recipient(MessageState from, MessageEvent event) {
  const bool is_read = from == MessageState::received || from == MessageState::opened;
  switch (event) {
    case MessageEvent::received:
      return from == MessageState::handed_out ? std::optional(MessageState::received) : std::nullopt;
    case MessageEvent::unreadable:
      return from == MessageState::handed_out ? std::optional(MessageState::unreadable) : std::nullopt;
    case MessageEvent::opened: return is_read ? std::optional(MessageState::opened) : std::nullopt;
    case MessageEvent::erased:
      return is_read || from == MessageState::unreadable ? std::optional(MessageState::erased) : std::nullopt;
    case MessageEvent::hand_out:
    case MessageEvent::withhold:
    case MessageEvent::expire: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

bool is_live(ThreadState state) { return kLive.contains(state); }
bool is_ask(ThreadState state) { return kAsk.contains(state); }
bool is_work(ThreadState state) { return kWork.contains(state); }
bool is_ended(ThreadState state) { return in_list(state) && !is_live(state); }

bool is_opening_kind(Kind kind) { return kind == Kind::referral || kind == Kind::test; }

std::optional<ThreadState> next_state(Kind kind, Sets sets, ThreadParty by, ThreadState from, Kind opening_kind,
                                      bool ever_handed_out) {
  const auto found = std::find_if(kTable.begin(), kTable.end(), [&](const Cell& cell) {
    return cell.kind == kind && cell.sets == sets && cell.by == by && cell.from.contains(from);
  });
  if (found == kTable.end()) return std::nullopt;
  if (!found->opened_by.empty() && !found->opened_by.contains(opening_kind)) return std::nullopt;
  if (found->needs_hand_out && !ever_handed_out) return std::nullopt;
  return found->to == State::none ? from : found->to;
}

std::optional<ThreadState> mirrored_state(ThreadState thread, MessageState message) {
  if (!kMirroring.contains(thread)) return std::nullopt;
  switch (message) {
    case MessageState::queued: return State::queued;
    case MessageState::handed_out: return State::handed_out;
    case MessageState::received: return State::received;
    case MessageState::opened: return State::opened;
    case MessageState::unreadable: return State::undeliverable;
    case MessageState::expired: return State::expired;
    case MessageState::none:
    case MessageState::erased:
    case MessageState::withheld: return std::nullopt;
  }
  return std::nullopt;
}

std::optional<MessageState> next_message_state(MessageEvent event, MessageState from, bool ever_handed_out) {
  const bool is_withheld = from == MessageState::withheld;
  const bool is_handed_out = from == MessageState::handed_out;
  const bool is_queued = from == MessageState::queued;
  switch (event) {
    case MessageEvent::hand_out:
      return is_queued || is_withheld ? std::optional(MessageState::handed_out) : std::nullopt;
    case MessageEvent::withhold:
      return is_queued || is_handed_out ? std::optional(MessageState::withheld) : std::nullopt;
    case MessageEvent::expire:
      return is_queued || is_handed_out || is_withheld ? std::optional(MessageState::expired) : std::nullopt;
    case MessageEvent::received:
    case MessageEvent::unreadable:
    case MessageEvent::opened:
    case MessageEvent::erased:
      if (is_overtaken(from)) return ever_handed_out ? std::optional(from) : std::nullopt;
      return next_by_recipient(from, event);
  }
  return std::nullopt;
}

}  // namespace besa::core
