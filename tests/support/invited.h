// An invite to the network of support::Network, made without any command, and a request made with it.
#pragma once

#include "client/joining.h"
#include "tests/support/network.h"

namespace besa::support {

class Invited {
 public:
  Invited() {
    const Signed genesis = network.genesis();
    invite.genesis_body = genesis.parts.body;
    invite.genesis_blocks = genesis.parts.blocks;
    terms.network = network.id();
    terms.broker_log_key = network.log_key().public_key();
    terms.broker_transport_key = network.broker_transport().public_key();
    terms.endpoint = "tcp://127.0.0.1:7700";
    terms.name = "Shelter Vatra";
    terms.member.bytes.fill(7);
    terms.organisation.bytes.fill(8);
    terms.sector = core::Sector::shelter;
    terms.country = 'A' << 8 | 'L';
    terms.days = 365;
    terms.agreement.bytes.fill(9);
    terms.agreement_salt.bytes.fill(10);
    terms.created = network.now;
    terms.expires = network.now + base::hours(72);
    invite.token.bytes.fill(11);
    terms.token_hash = client::token_hash(token().public_key());
  }

  crypto::SigningKey token() const { return crypto::SigningKey::from_seed(invite.token.view()).value(); }
  // With the terms as they are now.
  wire::Invite whole_invite() const {
    wire::Invite out = invite;
    out.terms = wire::encode_terms(terms);
    return out;
  }
  wire::JoinRequest request() const {
    return request_of(agency.signing, agency.witness, agency.transport.public_key());
  }
  wire::JoinRequest request_of(const crypto::SigningKey& signing, const crypto::SigningKey& witness,
                               const base::TransportKey& transport) const {
    const base::Bytes bytes = wire::encode_terms(terms);
    client::CheckedInvite checked{terms, {}, {}, 0, token()};
    return client::make_request(bytes, checked, {signing, witness, transport}, network.now, base::Salt{});
  }

  Network network;
  wire::InviteTerms terms;
  wire::Invite invite;  // its terms are filled in by whole_invite
  Agency& agency = network.add_agency(core::Sector::shelter);
};

}  // namespace besa::support
