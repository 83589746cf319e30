// The configuration of a node (TOML). Paths that do not begin with '/' count from the file's own folder.
//
//   state   = "state"                   # folder of this node, made if it is missing (0700)
//   keys    = "keys"                    # what `besa-node keys` made
//   network = "9f86d0…"                 # id of the network: 64 hex digits
//   socket  = "node.sock"               # where the local API listens
//   life    = "7d"                      # how long a message may wait for its recipient
//   poll    = "5s"                      # how often to look for news that nobody waits for
//   [broker]
//   endpoint      = "tcp://127.0.0.1:7700"
//   transport_key = "ab12…"             # 64 hex digits
//   socks_proxy   = ""                  # host:port, or empty
//   [peer.shelter]                      # the local name of another member
//   member = "00ff…"                    # 32 hex digits
//   [notify]
//   command = ["/usr/local/bin/page"]   # run when something new needs a person; empty: nothing
//   every   = "1m"                      # at most so often
//   [echo]
//   answer = false                      # answer connection tests by itself: only the echo member does
//   [metrics]
//   address = "127.0.0.1"               # of loopback
//   port    = 0                         # of /metrics, /healthz and /readyz; 0: none
//   [log]
//   level  = "info"
//   target = "auto"
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "program/log.h"

namespace besa::node {

// Local names of members. Nobody else sees them.
class Peers {
 public:
  void add(const std::string& name, const base::MemberId& member);
  // Errors: not_found, with the nearest known name.
  [[nodiscard]] base::Result<base::MemberId> find(const std::string& name) const;
  // The local name, or "member 00ff12ab" for one without.
  std::string name_of(const base::MemberId& member) const;
  const std::map<std::string, base::MemberId>& all() const { return by_name_; }

 private:
  std::map<std::string, base::MemberId> by_name_;
  std::map<base::MemberId, std::string> by_member_;
};

struct NodeConfig {
  std::string state;
  std::string keys;
  std::string socket;
  base::NetworkId network;
  base::Duration life = base::days(7);
  base::Duration poll{5'000};
  std::string endpoint;
  base::TransportKey broker;
  std::string socks_proxy;
  Peers peers;
  std::vector<std::string> notify_command;
  base::Duration notify_every = base::minutes(1);
  bool echo = false;  // answers connection tests
  std::string metrics_address;
  std::uint16_t metrics_port = 0;  // 0: off
  program::LogLevel log_level = program::LogLevel::info;
  program::LogTarget log_target = program::LogTarget::automatic;
};

// Errors: configuration with every complaint, a line each; not_found, io.
[[nodiscard]] base::Result<NodeConfig> load_config(const std::string& path);

}  // namespace besa::node
