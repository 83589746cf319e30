// Which log a client talks about. The only thing that must be known beforehand is the network id: it is the hash of the
// genesis statement, and that statement names the log's key.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace besa::client {

struct LogIdentity {
  base::NetworkId network;
  std::string name;
  base::PublicKey log_key;

  // "NAME/NETWORK/0": the origin of this log's checkpoints in its first epoch.
  std::string origin() const;
};

// Errors: misbehaviour (the body is not the genesis of this network), malformed, unsupported.
[[nodiscard]] base::Result<LogIdentity> identity_from_genesis(const base::NetworkId& network, base::ByteView body);

}  // namespace besa::client
