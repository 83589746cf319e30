#include "client/governance.h"

#include <algorithm>

namespace besa::client {
namespace {

using base::ErrorKind;
using base::fail;
using base::Result;
using base::Status;

constexpr std::size_t kMostMissing = 100'000;

tl::unexpected<base::Error> broken(std::string words) { return fail(ErrorKind::misbehaviour, std::move(words)); }

Result<core::Verified> verified(const core::View& view, const client::ProvenEntry& proven,
                                core::ParsedStatement statement) {
  return core::verify(std::move(statement), proven.entry.submitter, core::key_lookup(view));
}

// The view as it stood when this entry was decided, as far as a decision on governance looks at it. Of the entries in
// between nothing is known here, so the newest time is that of the governance before it: with that, not with the time
// at which a loss was accepted, ends of validity are compared while the log recovers. It is never after the broker's.
void stand_at(core::Overlay& view, const core::Entry& entry, const core::Head& known) {
  core::Head head = known;
  head.next = entry.sequence;
  head.ticked = true;  // whether a tick was owed is for auditors, who see all that is due
  core::write_head(view, head);
}

Status check_chain(const core::View& view, const core::Entry& entry) {
  BESA_ASSIGN(const auto head, core::read_head(view));
  const bool first = entry.type == core::StatementType::genesis;
  if (first != !head.has_value() || (first && entry.sequence.value != 0)) {
    return broken("the log's governance does not begin with its genesis");
  }
  if (head && (entry.governance_previous != head->governance || entry.sequence <= head->governance)) {
    return broken("a governance entry does not follow the one before it");
  }
  return {};
}

}  // namespace

bool is_chained(const core::Entry& entry) {
  if (core::is_governance(entry.type)) return true;
  if (!entry.decision.accepted()) return false;
  return core::counts_as_governance(entry.type) ||
         (entry.type == core::StatementType::tick && entry.decision.items.empty());
}

Status check_signatures(const core::View& view, const KeyHistory& keys, const client::ProvenEntry& proven,
                        const core::ParsedStatement& statement) {
  BESA_ASSIGN(const core::Verified checked, verified(view, proven, statement));
  for (const core::Signer& signer : checked.signers()) {
    // A person's code comes with a consent, not with governance, and never ends.
    const bool code = signer.role == core::KeyRole::person;
    if (!signer.introduced && !code && !keys.in_force(signer.key, proven.entry))
      return fail(ErrorKind::bad_signature, "signed with a key that was not in force");
  }
  return {};
}

Result<std::vector<core::Change>> decide_governance(const core::View& view, const client::ProvenEntry& proven) {
  const core::Entry& entry = proven.entry;
  if (!is_chained(entry) || !entry.decision.accepted()) {
    return broken("the broker shows something else as governance");
  }
  BESA_TRY(check_chain(view, entry));
  BESA_ASSIGN(core::ParsedStatement statement, client::parse(proven));
  auto input = verified(view, proven, std::move(statement));
  if (!input) return broken("a governance entry is not signed as it must be");
  core::Overlay there(view);
  BESA_ASSIGN(const auto head, core::read_head(view));
  if (head) stand_at(there, entry, *head);
  BESA_ASSIGN(const core::Outcome outcome, core::decide(there, *input, entry.now));
  const auto* decided = std::get_if<core::Decided>(&outcome);
  if (decided == nullptr || decided->entry.decision != entry.decision || decided->entry.now != entry.now) {
    return broken("the broker took a governance statement that the rules do not allow");
  }
  return decided->changes;
}

Result<std::vector<client::ProvenEntry>> missing_governance(const core::View& view, base::Sequence newest,
                                                            const FetchEntry& fetch) {
  BESA_ASSIGN(const auto head, core::read_head(view));
  std::vector<client::ProvenEntry> out;
  if (head && newest <= head->governance) return out;
  base::Sequence at = newest;
  while (out.size() < kMostMissing) {
    BESA_ASSIGN(client::ProvenEntry proven, fetch(at));
    const base::Sequence previous = proven.entry.governance_previous;
    if (!is_chained(proven.entry) || (at.value != 0 && previous >= at)) {
      return broken("the chain of governance entries is broken");
    }
    out.push_back(std::move(proven));
    if (at.value == 0 || (head && previous == head->governance)) {
      std::reverse(out.begin(), out.end());
      return out;
    }
    if (head && previous < head->governance)
      return broken("the chain of governance entries left out one that is known");
    at = previous;
  }
  return broken("the chain of governance entries does not end");
}

}  // namespace besa::client
