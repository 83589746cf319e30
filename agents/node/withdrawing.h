// A consent taken back, at the node that holds something under it. The lock is held.
#pragma once

#include "agents/node/node.h"

namespace besa::node {

// A notice that a consent behind a message was taken back, or that the answer to it is overdue. It proves nothing: it
// raises an alarm and allows an answer, and nothing is erased before that answer is on record.
// Errors: damaged, io, full.
[[nodiscard]] base::Status hear_of_withdrawal(Node& node, const wire::Notice& notice);

// Of an accepted answer: what rested on the consent leaves the store if it was to be erased. Errors: damaged, io, full.
[[nodiscard]] base::Status settle_withdrawal(Node& node, const Draft& draft);

// A quorum has accepted that the broker lost part of its log, and the tick that ends the recovery has not come.
bool log_recovers(const Node& node);
// Kept by the broker while the log recovers, and decided then.
bool only_takes_back(core::StatementType type);

// What a person took back by code and this agency brought: an alarm if the broker refused it, did not take it, or its
// 24 hours ran out undecided. The person believes that it holds, and nobody but this agency knows better. While the log
// recovers no hours run out: the broker keeps it, and compares ends of validity with the time before the loss.
void watch_brought(Node& node);

}  // namespace besa::node
