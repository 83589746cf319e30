// Inside lib/transport only: one connection of a client to a gate, from connect to close, never reconnected.
#pragma once

#include <optional>
#include <string>

#include "base/ids.h"
#include "transport/zmq_handles.h"

namespace besa::transport {

// What a client needs to speak CURVE. `secret` is borrowed for the call.
struct CurveClient {
  base::TransportKey server;
  base::TransportKey own_public;
  base::ByteView own_secret;
};

enum class Handshake { admitted, refused_key, failed, timed_out, interrupted };

class ClientConnection {
 public:
  // Begins to connect. Without `curve` it speaks NULL: only the self-test wants that. `name` is unique in the context.
  // Errors: configuration.
  [[nodiscard]] static base::Result<ClientConnection> open(const ZmqContext& context, const std::string& name,
                                                           const std::string& endpoint,
                                                           const std::optional<CurveClient>& curve,
                                                           const std::string& socks_proxy);
  // Waits for the end of the handshake, at most until `deadline_ms` of monotonic_ms or until `wakeup` is raised.
  Handshake wait_handshake(std::uint64_t deadline_ms, const Wakeup& wakeup);
  // Reads what the monitor has: true once the connection is gone.
  bool lost();

  ZmqSocket& socket() { return socket_; }
  ZmqSocket& monitor() { return monitor_; }

 private:
  ZmqSocket socket_;  // closed before the reading end of its monitor: see HandshakeGuard
  ZmqSocket monitor_;
  bool lost_ = false;

 public:
  ClientConnection() = default;
  ~ClientConnection();
  ClientConnection(ClientConnection&&) noexcept = default;
  ClientConnection& operator=(ClientConnection&& other) noexcept;
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;
};

}  // namespace besa::transport
