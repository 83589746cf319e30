// The echo member: a node that answers each connection test (a message of kind test) by itself, so that a new agency
// can see a referral go there and back. Switched on by [echo] answer = true.
#pragma once

#include "agents/node/node.h"

namespace besa::node {

// Opens and declines what came and has no answer yet; laid into the outbox. What a crash cut short is done again,
// nothing is answered twice. The lock is held. Errors: damaged, io, full.
[[nodiscard]] base::Status answer_tests(Node& node);

}  // namespace besa::node
