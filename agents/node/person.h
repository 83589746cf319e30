// By a person's code: finding what it was given for, and taking it back, at any agency. The lock is not held: both ask
// the broker and wait.
//
// The code, and the key that is derived from it, live in memory for the time of one request. What goes to the disk is
// the signed statement, which the outbox brings within the 24 hours that it holds.
#pragma once

#include "agents/node/answers.h"
#include "agents/node/patience.h"
#include "envelope/person_code.h"

namespace besa::node {

// {"code"}: how many consents carry it, and which agency took each. 404 when none does; 400 where it is no code; 503
// while another code is looked up, and where the broker cannot be asked.
Answer find_by_code(Node& node, program::Json body, std::uint32_t patience_ms = kNodeWaitsMs);

// {"code", "purposes", "message"}: takes back what the code was given for: the whole, or for these purposes; with
// `message`, the consent behind a message that this agency holds, if the code is that consent's. 422 when the broker
// refused it on record. An error says that nothing was queued, but for 422; state "queued" that it will be sent.
Answer withdraw_by_code(Node& node, program::Json body, std::uint32_t patience_ms = kNodeWaitsMs);

// A fresh code, its tag and key: for a consent that is being recorded. Errors: full.
struct FreshCode {
  envelope::PersonCode code;
  base::LookupTag tag;
  base::PublicKey key;
};
[[nodiscard]] Result<FreshCode> make_code(Node& node);

}  // namespace besa::node
