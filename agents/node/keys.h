// A member's own keys: made at the agency, never leaving it. Only `member.request.json` travels.
#pragma once

#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "crypto/secret/aead.h"
#include "crypto/secret/sign.h"
#include "crypto/secret/transport_key.h"

namespace besa::node {

struct NodeKeys {
  base::MemberId member;
  base::OrganisationId organisation;
  crypto::SigningKey signing;
  crypto::SigningKey witness;
  crypto::TransportSecret transport;
  crypto::StorageKey storage;  // for the node's own records and prekeys on disk
};

// Makes signing.key, witness.key, transport.key and storage.key (mode 0600), a random member id, and
// member.request.json (public parts only) in `folder`, which it creates. Without an organisation (zeros) a random one.
// Gives the JSON of the request. Errors: already_exists, denied, io, full.
[[nodiscard]] base::Result<std::string> make_keys(const std::string& folder, base::OrganisationId organisation);

// The same for a member whose id an invite fixes. What is there already is kept, so that a second try goes on where a
// crash ended the first. Errors: denied (the folder holds another member's keys), malformed, io, full.
[[nodiscard]] base::Result<NodeKeys> ensure_keys(const std::string& folder, const base::MemberId& member,
                                                 const base::OrganisationId& organisation);

// From `folder`, or all of it from where the service manager lent them (program::key_folder).
// Errors: not_found, denied (others can read the keys), malformed (a file is none, or keys and request differ).
[[nodiscard]] base::Result<NodeKeys> load_keys(const std::string& folder);

// Adds this member's proof of possession, a signature of its signing and its witness key, to the enrolment in a
// statement file. Errors: malformed (no enrolment, or one of other keys), already_exists (the blocks are there), io.
[[nodiscard]] base::Status possess(const NodeKeys& keys, const std::string& statement_file);

}  // namespace besa::node
