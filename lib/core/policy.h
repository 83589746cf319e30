// The rule table: what a policy says, and the evaluation of one section against it.
// Source: docs/protocol.md "Policy"; the meaning of a rule in docs/ARCHITECTURE.md "Rules".
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/bodies.h"

namespace besa::core {

// Categories by basis; index = basis number (0 unused).
using BasisCategories = std::map<Basis, CodeSet<Category>>;

// What a basis demands everywhere, or what one rule demands instead: each field that a rule's demand sets replaces the
// same field of the policy's demand for that basis. So a rule may change a demand but not drop it.
struct BasisDemand {
  Basis basis = Basis::none;
  ReferenceType reference = ReferenceType::none;  // the message must carry one of this type
  CodeSet<PersonClass> person;                    // empty: any
};

// A link that a rule demands (screening, joint decision ...). Kept with the policy; rows that could satisfy it come
// with the kinds that need them, and until then a rule with a link is never satisfied: absence denies.
struct LinkDemand {
  RowRole role = RowRole::none;
  CodeSet<Kind> kind;
  CodeSet<Sector> from;
  Screening value = Screening::none;
  ReferenceType same_reference = ReferenceType::none;
  std::uint32_t max_hours = 0;
  bool once = false;
};

struct Rule {
  std::string id;  // for people; its number is its place, from 1
  bool deny = false;
  // An empty set in a deny rule means any; in an allow rule it matches nothing.
  CodeSet<Sector> from;              // allow: opens the thread; deny: sends the section
  CodeSet<Sector> to;                // allow: receives the thread; deny: gets the section
  CodeSet<Kind> kind;                // of the opening message
  CodeSet<Purpose> purpose;          // of the thread
  CodeSet<Priority> priority;        // empty: any
  CodeSet<PersonClass> person;       // empty: any; a set with minor or unknown admits both, one without them neither
  BasisCategories send;              // allow
  BasisCategories back;              // allow
  CodeSet<Category> later;           // allow: only after acceptance
  std::vector<BasisDemand> demands;  // allow: replaces the policy's for that basis
  CodeSet<Category> category;        // deny: these; both empty: every category
  CodeSet<Category> except;          // deny: all but these
  CodeSet<Purpose> origin_purpose;   // deny: a section that was passed on from a thread of these
  std::vector<LinkDemand> links;     // allow
  bool fresh_matter = false;
  bool responsible = false;
  std::uint32_t answer_hours = 0;  // 0: what the priority says
  std::uint32_t review_hours = 0;
};

struct Policy {
  std::vector<BasisDemand> basis;
  CodeSet<Priority> emergency_priority;
  CodeSet<Category> emergency_category;
  std::uint16_t required_checks = 0;     // informed checks that a consent must have answered yes
  std::uint32_t retention_days = 0;      // how long an ended thread stays in the view, at least 1
  std::uint32_t life_hours = 0;          // longest life of a statement; 0: the format's 30 days
  std::uint32_t withdrawal_seconds = 0;  // to answer after a withdrawal; 0: 72 hours
  std::vector<Rule> rules;
};

// The thread and the message that a section travels in, as far as rules look at them.
struct Passage {
  Sector sender_sector = Sector::none;     // who sends the section now
  Sector recipient_sector = Sector::none;  // who gets it
  Sector opener_sector = Sector::none;     // of the thread
  Sector receiver_sector = Sector::none;
  bool from_opener = true;    // `send` applies, else `back`
  bool opens_thread = false;  // this message opens the thread: it lies in none yet
  Kind opening_kind = Kind::none;
  Purpose purpose = Purpose::none;
  Priority priority = Priority::none;
  PersonClass person_class = PersonClass::none;  // the strictest that counts; unknown is treated as minor
  std::vector<ReferenceType> references;         // that the message carries
  CodeSet<Purpose> origin_purposes;              // of threads that the section was passed on from
};

// The answer for one section: the rule that allowed it, or the reason and the rule that said so (0: no rule).
struct RuleVerdict {
  Reason reason = Reason::none;  // none: allowed
  std::uint16_t rule = 0;
  bool allowed() const { return reason == Reason::none; }
};

// First half: does a deny rule match (reason denied, its number)? Cost: O(rules).
RuleVerdict check_denied(const Policy& policy, const Passage& passage, const Section& section);
// Second half: the first allow rule whose requirements all hold, else the reason of the first candidate, else no_rule.
// A candidate is an allow rule for this thread that lists the category under the basis in the direction of travel.
// Requirements in order: person class, priority, reference and person of the basis, later, matter, responsibility,
// links. In this version every thread is a matter of its own, so that matter and responsibility always hold.
RuleVerdict check_allowed(const Policy& policy, const Passage& passage, const Section& section);

// What a basis can carry at all: in_thread `response` only, which needs no allow rule (its rule is 0) but lies in a
// thread that another message opened; not_personal `summary` or `counts` only, by an allow rule; every other basis all
// categories. False: the rules have no say, the section is refused with no_rule.
bool basis_carries(Basis basis, Category category);

// Time to answer: the rule's, else the priority's (1, 24, 72, 336 hours).
Duration time_to_answer(const Policy& policy, std::uint16_t rule, Priority priority);

// Time to answer after a withdrawal.
Duration time_to_answer_withdrawal(const Policy& policy);

// Canonical bytes of a policy inside the view (not signed; the signed form is the FlatBuffer).
Bytes encode_policy(const Policy& policy);
// Errors: malformed for any other bytes.
[[nodiscard]] Result<Policy> decode_policy(ByteView bytes);

}  // namespace besa::core
