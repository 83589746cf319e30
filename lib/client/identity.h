// Which log a client talks about. The only thing that must be known beforehand is the network id: it is the hash of the
// genesis statement, and that statement names the log's key.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace besa::client {

struct LogIdentity {
  base::NetworkId network;
  std::string name;
  base::PublicKey log_key;

  // "NAME/NETWORK/EPOCH": the origin of this log's checkpoints.
  std::string origin(std::uint64_t epoch) const;
  // The epoch that a note claims to be of; empty if it is none of this log. Says nothing about its signature.
  std::optional<std::uint64_t> epoch_of(std::string_view note) const;
};

// Errors: misbehaviour (the body is not the genesis of this network), malformed, unsupported.
[[nodiscard]] base::Result<LogIdentity> identity_from_genesis(const base::NetworkId& network, base::ByteView body);

}  // namespace besa::client
