// What an auditor must know of a network before it looks at its log: the network's public file, and the auditor's own
// transport key when it takes an export from a running broker.
#pragma once

#include <string>

#include "agents/auditor/audit.h"
#include "crypto/secret/transport_key.h"

namespace besa::auditor {

struct NetworkFile {
  Anchor anchor;
  base::TransportKey broker;
  std::string endpoint;
};

// Errors: not_found, io, malformed (names the field).
[[nodiscard]] base::Result<NetworkFile> read_network(const std::string& path);
// `folder` holds the keys that `besa-node keys` made. Errors: not_found, denied (others can read them), malformed.
[[nodiscard]] base::Result<crypto::TransportSecret> read_transport_key(const std::string& folder);

}  // namespace besa::auditor
