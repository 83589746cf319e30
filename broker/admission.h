// From the bytes of a submitted statement to something that the sequencer may decide. Everything that can be checked
// without the newest view happens here, in any thread: form, ciphertext under its roots, signatures, the submitter.
// What fails is answered and counted; it never becomes an entry.
#pragma once

#include <variant>
#include <vector>

#include "broker/offer.h"
#include "broker/refusal.h"
#include "core/decide.h"
#include "journal/journal.h"
#include "wire/messages.h"

namespace besa::broker {

struct Submitted {
  core::Verified statement;
  std::vector<journal::Chunk> ciphertext;  // of an envelope: all chunks of all sections
};

// One a statement of a request, in order.
using Admission = std::variant<Submitted, Offered, Refusal>;

// `view` may lie a little behind the log: a key that was enrolled a moment ago gives bad_signature, and the client
// tries again. Refusals: malformed, unsupported, ciphertext_mismatch (a chunk missing, too many, of another size or
// under another root), bad_signature, wrong_submitter, wrong_network, denied (a second genesis). Cost: about 100 us, a
// hash over the ciphertext.
Admission admit(wire::StatementParts parts, const base::MemberId& submitter, const core::View& view);
// The same of a statement that is offered again after a loss, but for its signatures. Besides: those of check_lost.
Admission admit_again(wire::StatementParts parts, const wire::LostReceipt& lost, const base::MemberId& submitter,
                      const core::View& view);

}  // namespace besa::broker
