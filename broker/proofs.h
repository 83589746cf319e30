// What every reply carries: the newest checkpoint and the way to it from the one that the client holds.
#pragma once

#include "broker/publication.h"
#include "broker/refusal.h"
#include "journal/journal.h"
#include "wire/messages.h"

namespace besa::broker {

// Refusals: rollback_seen (the client names a larger tree than ours: it says hello with its note then).
[[nodiscard]] Answered<wire::Proofs> make_proofs(const journal::LogReader& log, const Published& published,
                                                 base::TreeSize known);

// A reply with its proofs, or the refusal as a reply. A refusal carries proofs too where they can be had.
wire::Reply reply_with(wire::RequestKind kind, Answered<wire::ReplyBody> body, Answered<wire::Proofs> proofs);

}  // namespace besa::broker
