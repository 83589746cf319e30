// An administrator's keys, and the small public files that travel between people: JSON objects of hex, nothing secret.
#pragma once

#include <string>

#include "core/bodies.h"
#include "crypto/secret/sign.h"
#include "crypto/secret/transport_key.h"

namespace besa::admin {

struct AdministratorKeys {
  base::OrganisationId organisation;
  crypto::SigningKey signing;
  crypto::TransportSecret transport;
};

// Makes `signing.key` and `transport.key` (mode 0600) and `administrator.public.json` in `folder`, which it creates.
// Errors: already_exists, denied, io, full.
[[nodiscard]] base::Result<core::Administrator> make_keys(const std::string& folder,
                                                          const base::OrganisationId& organisation);
// Errors: not_found, denied (others can read the keys), malformed.
[[nodiscard]] base::Result<AdministratorKeys> load_keys(const std::string& folder);

struct BrokerPublic {
  base::PublicKey log_key;
  base::TransportKey transport_key;
};

// What an agency asks with: only public parts.
struct MemberRequest {
  base::MemberId member;
  base::OrganisationId organisation;
  base::PublicKey signing_key;
  base::PublicKey witness_key;
  base::TransportKey transport_key;
};

// What every node, administrator and auditor needs to know of a network beforehand.
struct NetworkFile {
  std::string name;
  base::NetworkId network;
  base::PublicKey broker_log_key;
  base::TransportKey broker_transport_key;
  std::string endpoint;
};

// Errors of reading: not_found, io, malformed (names the field).
[[nodiscard]] base::Result<core::Administrator> read_administrator(const std::string& path);
[[nodiscard]] base::Result<BrokerPublic> read_broker(const std::string& path);
[[nodiscard]] base::Result<MemberRequest> read_member_request(const std::string& path);
[[nodiscard]] base::Result<NetworkFile> read_network(const std::string& path);
[[nodiscard]] base::Status write_network(const std::string& path, const NetworkFile& network);

}  // namespace besa::admin
