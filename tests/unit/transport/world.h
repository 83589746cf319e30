// A gate on loopback and the clients that try it, kind and hostile.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "crypto/secret/transport_key.h"
#include "transport/client_connection.h"
#include "transport/gate.h"
#include "transport/requester.h"

namespace besa::transport::test {

inline constexpr std::uint32_t kSoonMs = 20'000;

// A gate that admits alice and bob.
struct World {
  crypto::TransportSecret broker = crypto::TransportSecret::generate();
  crypto::TransportSecret alice = crypto::TransportSecret::generate();
  crypto::TransportSecret bob = crypto::TransportSecret::generate();
  crypto::TransportSecret stranger = crypto::TransportSecret::generate();
  std::atomic<bool> bob_is_member{true};
  std::unique_ptr<Gate> gate;

  World();
  GateOptions options();
  void start(GateOptions with);
  // Polls until `count` requests came, or kSoonMs passed.
  std::vector<Request> requests(std::size_t count);
};

// A client that sends what it likes, over CURVE.
class RawClient {
 public:
  RawClient(const World& world, const crypto::TransportSecret& own);
  Handshake handshake();
  bool send(const std::vector<base::Bytes>& frames);
  // The next message's frames joined, or "nothing".
  std::string receive(std::uint32_t timeout_ms = kSoonMs);
  bool lost_within(std::uint32_t timeout_ms);
  ClientConnection& connection() { return connection_; }

 private:
  ZmqContext context_;
  ClientConnection connection_;
  Wakeup never_;
};

// Runs a gate's loop on its own thread until the end; answers by `handler`, or not at all if that gives "silence".
class Serving {
 public:
  using Handler = std::function<std::string(const Request&)>;
  Serving(Gate& gate, Handler handler);
  ~Serving();

 private:
  Gate& gate_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

inline constexpr const char* kSilence = "silence";

// A plain TCP connection to an endpoint tcp://127.0.0.1:port.
class TcpPeer {
 public:
  explicit TcpPeer(const std::string& endpoint);
  ~TcpPeer();
  TcpPeer(const TcpPeer&) = delete;
  TcpPeer& operator=(const TcpPeer&) = delete;
  void send(base::ByteView bytes);
  // True once the other side has closed; whatever it sent before is thrown away.
  bool closed_within(std::uint32_t timeout_ms);

 private:
  int fd_ = -1;
};

std::unique_ptr<Requester> requester(const World& world, const crypto::TransportSecret& own,
                                     std::uint32_t backoff_ms = 20);
bool eventually(const std::function<bool()>& condition);

}  // namespace besa::transport::test
