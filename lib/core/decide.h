// The decision: one pure function over the view, one input and a time. The broker runs it once; an auditor, a replica
// and a rebuild run it again and must get the same bytes.
#pragma once

#include <variant>

#include "core/records.h"

namespace besa::core {

// A decision, the entry that records it, and what it changes.
struct Decided {
  Entry entry;
  std::vector<Effect> effects;  // sorted; chained into the entry
  std::vector<Change> changes;  // of the view, the head included
};
// The log already holds this statement: the answer is its receipt again, no new entry.
struct AlreadyDecided {
  Sequence sequence;
};
// The counter lies below the window: nothing is decided. The caller answers with the receipt if the log holds the id,
// otherwise counter_too_old.
struct BelowWindow {};

using Outcome = std::variant<Decided, AlreadyDecided, BelowWindow>;

// Decides `input` at the next position of the log. `now` is raised to the last entry's if it lies before it.
// Errors: damaged (the view is broken), busy (tick_missing: something is due at `now` and the last entry is no tick;
// the caller appends `tick` first).
// Cost: O(sections * rules) and a few dozen view reads.
[[nodiscard]] Result<Outcome> decide(const View& view, const Verified& input, Timestamp now);

// What is known of this very statement before it is decided: that it has been (AlreadyDecided), that this can no longer
// be known (BelowWindow), or nothing.
[[nodiscard]] Result<std::optional<Outcome>> find_earlier(const View& view, const ParsedStatement& statement);

// Is a tick owed before anything else may be decided at `now`?
[[nodiscard]] Result<bool> tick_owed(const View& view, Timestamp now);

// What never becomes an entry: submitter is not the author (nor the parent of its unit, nor an administrator), a member
// statement before genesis, another network. Errors: denied (wrong_submitter), malformed (wrong_network).
[[nodiscard]] Status check_submitter(const View& view, const Verified& input);
[[nodiscard]] Status check_submitter(const View& view, const ParsedStatement& statement, const MemberId& submitter);

// Looks keys up in a view, for `verify`.
KeyLookup key_lookup(const View& view);

// The standing checks of one queued message, as `hand_out` makes them: reason none when it may go.
struct StandingVerdict {
  Reason reason = Reason::none;
  std::uint16_t rule = 0;
};
[[nodiscard]] Result<StandingVerdict> check_standing(const View& view, const Reference& message, Timestamp now);

// Which sections' ciphertext `member` may fetch now: granted to it, message handed out, not purged.
[[nodiscard]] Result<bool> may_fetch(const View& view, const MemberId& member, const Reference& message,
                                     std::uint16_t section, Timestamp now);

// May `reader` read this entry (docs/protocol.md, "Who may read an entry")? `body` is the parsed body beside it.
[[nodiscard]] Result<bool> may_read(const View& view, const MemberId& reader, const Entry& entry,
                                    const ParsedStatement& statement, Timestamp now);

// A decision made locally before anything is signed: what would happen at the broker, as far as this view knows.
struct Preview {
  Decision decision;
};
[[nodiscard]] Result<Preview> preview(const View& view, const ParsedStatement& statement, Timestamp now);

}  // namespace besa::core
