// Signing statements: one alone, or a bundle of up to 256 with one signature.
// Source: docs/protocol.md "Signature block"; RFC 6962 section 2.1 (path).
#pragma once

#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "core/statement.h"
#include "crypto/secret/sign.h"

namespace besa::envelope {

// A bundle of one: the ordinary case. `key_id` names the key (core::member_key_id and its sisters).
core::SignatureBlock sign_statement(core::StatementType type, base::ByteView body, const crypto::SigningKey& key,
                                    const base::KeyId& key_id);
// The same where the id is known.
core::SignatureBlock sign_id(const base::StatementId& id, const crypto::SigningKey& key, const base::KeyId& key_id);

// One signature over all of them (1 to 256), a block for each in order. Cost: one signature, n hashes.
std::vector<core::SignatureBlock> sign_bundle(std::span<const base::StatementId> ids, const crypto::SigningKey& key,
                                              const base::KeyId& key_id);

}  // namespace besa::envelope
