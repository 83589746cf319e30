// The keys of an agency of the test's network, as its node loads them.
#pragma once

#include "agents/node/keys.h"
#include "tests/support/network.h"

namespace besa::node {

inline NodeKeys keys_of(const support::Agency& agency) {
  return {agency.id,
          agency.organisation,
          crypto::SigningKey::from_seed(agency.signing.seed()).value(),
          crypto::SigningKey::from_seed(agency.witness.seed()).value(),
          crypto::TransportSecret::from_bytes(agency.transport.view()).value(),
          crypto::StorageKey::from_bytes(base::Bytes(32, agency.id.bytes[0])).value()};
}

}  // namespace besa::node
