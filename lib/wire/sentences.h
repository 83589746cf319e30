// What an entry of the log says, in sentences for people: who did what, what was decided, by which rule and on which
// basis, and what would have been needed. The same for a node and an auditor.
//
// Why here: it needs the core's codes and bodies, and every agent may include wire; lib/core holds no prose, and
// lib/program knows no codes.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/entry.h"
#include "core/statement.h"

namespace besa::wire {

// Why something was refused, and what would have been needed instead. Each one sentence without a full stop; of the
// reason `none` both are empty. A reason without a sentence does not compile.
struct Why {
  std::string_view why;
  std::string_view needed;
};
Why why_of(core::Reason reason);

// How the reader calls what the log names by numbers.
struct Names {
  std::function<std::string(const base::MemberId&)> member;
  std::function<std::string(const base::Reference&)> message;
  std::function<std::string(std::uint16_t rule)> rule;  // of the policy in force then; empty: not known
};

// One section or message that was judged, or one that fell due.
struct ExplainedItem {
  std::string what;   // "health", or how the reader calls the message
  std::string basis;  // a code, or empty
  std::string rule;   // its id, or empty
  std::string words;
};

struct Explanation {
  std::string who;      // "police", "the administrators", "the broker"
  std::string what;     // "sent a referral to shelter for protection"
  std::string verdict;  // "accepted", or why it was refused
  std::string rule;     // that said so, or empty
  std::string needed;   // of what was refused
  std::vector<ExplainedItem> items;
  std::vector<std::string> sentences;  // all of it, to be read from top to bottom
};

// `statement` is what lies beside the entry, as far as the reader may see it; null if it is not shown.
Explanation explain(const core::Entry& entry, const core::ParsedStatement* statement, const Names& names);

}  // namespace besa::wire
