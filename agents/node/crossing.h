// From one epoch of the log to the next, after a loss that a quorum of administrators has accepted: what was lost gets
// numbers of its own here, what this node said is offered again, and what it took stays taken.
#pragma once

#include "agents/node/node.h"
#include "client/session.h"

namespace besa::node {

// Numbers of entries that lie in a lost part of the log begin here, one range an epoch; no log has as many entries.
inline constexpr std::uint64_t kLostNumbers = 1'000'000'000'000;
inline bool is_lost_number(std::uint64_t number) { return number >= kLostNumbers; }

// `before` has stopped at the newer epoch; `fresh` holds no checkpoint yet. Checks the new epoch (client/epoch.h) and
// that every receipt from below the kept size still holds, and only then changes anything, all at once. The lock must
// not be held. Errors: those of the session; misbehaviour.
[[nodiscard]] base::Status cross_epoch(Node& node, const client::Session& before, client::Session& fresh);

}  // namespace besa::node
