// Any decision of the log that this agency may read, in sentences.
#pragma once

#include "agents/node/answers.h"

namespace besa::node {

// `id`: the sequence of an entry, or a message or consent of this node ("s17", "r42", "c3"). From this node's own
// excerpt of the log, else asked from the broker: the lock is not held.
// 400 where it is none of these; 404 where there is no such entry or message; 403 where another agency's entry is asked
// for; 409 where it is not decided yet; 503 where the broker cannot be asked.
Answer explain_entry(Node& node, const std::string& id);

}  // namespace besa::node
