// Digests whose meaning the formats fix, for every layer that names them.
// Source: docs/protocol.md "The envelope", "The entry".
#pragma once

#include "base/bytes.h"
#include "base/ids.h"

namespace besa::core {

// SHA-256 of bytes that a body or an entry names by their hash: signature blocks, a policy.
base::Digest content_hash(base::ByteView bytes);

// H0 = SHA-256("besa/1 context" 00 context).
base::Digest context_hash(base::ByteView context);
// H1 = SHA-256("besa/1 sections" 00 H0 SHA-256(section list)).
base::Digest sections_hash(const base::Digest& h0, base::ByteView section_list);

}  // namespace besa::core
