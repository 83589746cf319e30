// The verified directory: who is a member with which keys, which policy is in force. A node does not believe the broker
// about governance, it decides each entry again: signatures, quorum, order and effect, from genesis on.
//
// Of the log a node sees governance and what concerns itself, so that the sequence of a decision is not the next one of
// its own view. Each governance entry names the one before it: the chain shows that none was left out.
#pragma once

#include <functional>

#include "base/result.h"
#include "client/key_history.h"
#include "client/proven.h"
#include "core/decide.h"

namespace besa::client {

// Whose signature, by a key of the view: for statements of others that this node is shown. Broker statements carry
// none. `keys`: of the same governance as the view, which must reach up to the entry.
// Errors: bad_signature (also a key that was not in force when the entry was written), damaged.
[[nodiscard]] base::Status check_signatures(const core::View& view, const KeyHistory& keys,
                                            const client::ProvenEntry& proven, const core::ParsedStatement& statement);

// Decides a governance entry again on the view and gives what it changes there.
// Errors: misbehaviour (signatures, quorum or decision do not hold, or the entry does not follow the last one that was
// applied), malformed, unsupported (this version cannot judge it), damaged.
[[nodiscard]] base::Result<std::vector<core::Change>> decide_governance(const core::View& view,
                                                                        const client::ProvenEntry& proven);

// Does this entry stand in the chain of governance? Governance statements, a member's accepted rotation of its keys,
// and the tick that ends a recovery.
bool is_chained(const core::Entry& entry);

using FetchEntry = std::function<base::Result<client::ProvenEntry>(base::Sequence)>;

// The governance entries between what the view holds and `newest`, oldest first. Follows governance_previous backwards.
// Errors: misbehaviour (the chain does not lead to what the view holds), those of `fetch`.
[[nodiscard]] base::Result<std::vector<client::ProvenEntry>> missing_governance(const core::View& view,
                                                                                base::Sequence newest,
                                                                                const FetchEntry& fetch);

}  // namespace besa::client
