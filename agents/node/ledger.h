// What the proven entries mean for this node's own messages, threads, consents and prekeys: rows of its view, and the
// history of each message for people.
//
// A node sees a message's entry but not always its rows, so it cannot decide it again (auditors do). It takes the
// recorded decision of an entry that was proven to be in the log and writes the consequences. Entries may come a little
// out of order (a receipt before an older notice): states only move forward.
#pragma once

#include <map>
#include <vector>

#include "base/result.h"
#include "client/proven.h"
#include "core/decide.h"

namespace besa::node {

// Something that happened to a message: hand_out, received, opened, unreadable, withhold, erased, a withdrawal of the
// consent behind it, the answer to that.
struct Event {
  core::StatementType what = core::StatementType::none;
  base::Sequence sequence;
  base::Timestamp at;
  base::MemberId by;         // zeros: the broker
  base::MemberId recipient;  // of the message, as the entry has it: who reports or pulls
  core::ReaderRole role = core::ReaderRole::none;
  core::Unreadable reason = core::Unreadable::none;
  core::DebtAnswer answer = core::DebtAnswer::none;  // of a withdrawal_answer
};

class Ledger {
 public:
  Ledger(core::MutableView& view, const base::MemberId& self) : view_(view), self_(self) {}

  // Takes an entry that is not governance. A refused one, or one seen before, changes nothing. Rows of own statements
  // must be in `statement` where it is a consent. Errors: damaged; misbehaviour (an accepted entry that no honest
  // broker accepts: a report by an agency that the message was not for, a message of an agency that is no party of its
  // thread).
  [[nodiscard]] base::Status apply(const core::Entry& entry, const core::ParsedStatement& statement);
  // What is known without an entry: a message was handed to this node, or expired (ticks are shown to auditors only).
  [[nodiscard]] base::Status mark(const base::Reference& message, core::MessageState state) {
    return move(message, state);
  }

  // The view is made anew.
  void forget() { events_.clear(); }

  const std::vector<Event>& events(const base::Reference& message) const;

 private:
  base::Status put_envelope(const core::Entry& entry, const core::ParsedStatement& statement,
                            const core::Envelope& envelope);
  base::Status put_prekeys(const core::Prekeys& body);
  base::Status put_consent(const core::Entry& entry, const core::ParsedStatement& statement, const core::Consent& body);
  base::Status catch_up(const base::Reference& reference, const core::MessageRecord& message);
  base::Status put_withdrawal(const core::Entry& entry, const core::Narrowing& narrowing, Event event);
  base::Status withdraw_from(const core::Entry& entry, const core::ConsentRecord& consent,
                             const base::Reference& message, const Event& event);
  base::Status settle(const base::Reference& message, const base::MemberId& by);
  void remember(const base::Reference& message, const core::Entry& entry, Event event);
  base::Status move(const base::Reference& message, core::MessageState to);
  base::Status note(const core::Entry& entry, const std::vector<base::Reference>& messages, core::MessageState to,
                    Event event);

  core::MutableView& view_;
  base::MemberId self_;
  std::map<base::Reference, std::vector<Event>> events_;
};

}  // namespace besa::node
