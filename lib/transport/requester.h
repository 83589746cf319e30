// A client's side of the gate: sends one request over CURVE and waits for its one reply.
//
// A reply is never taken for the answer to another request: after a timeout, a lost connection or a surprise the
// socket is thrown away, and with it whatever would still have come. Requests must be safe to repeat: after
// `unavailable` nobody knows whether the broker saw it.
// Source: docs/protocol.md, "Requests".
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace besa::crypto {
class TransportSecret;
}

namespace besa::transport {

struct RequesterOptions {
  std::string endpoint;                    // tcp://host:port
  base::TransportKey broker;               // its public transport key: nobody else can answer
  std::string socks_proxy;                 // host:port of a SOCKS5 proxy, or empty
  std::uint32_t backoff_first_ms = 200;    // doubles with every failure in a row ...
  std::uint32_t backoff_most_ms = 30'000;  // ... up to this; the wait is a random part (half to all) of it
};

// Is it tcp://HOST:PORT, with a port from 1 to 65535? Errors: configuration.
[[nodiscard]] base::Status check_endpoint(std::string_view endpoint);

class Requester {
 public:
  // `random` gives 64 random bits (only for jitter). Connects at the first request.
  // Errors: configuration (an endpoint that is none).
  [[nodiscard]] static base::Result<std::unique_ptr<Requester>> create(const RequesterOptions& options,
                                                                       const crypto::TransportSecret& secret,
                                                                       std::function<std::uint64_t()> random);
  ~Requester();
  Requester(const Requester&) = delete;
  Requester& operator=(const Requester&) = delete;

  // Returns the reply, or an error within about `timeout_ms`. Waits out the back-off and connects first if it must;
  // connecting is tried again until the time is over, a request that went out is not sent a second time.
  // Errors: unavailable (not reached, connection lost, no reply in time, interrupted), denied (the broker does not
  // admit this key), malformed (payload over limits::kFrameBytes), misbehaviour (a reply of more than one frame, or
  // one that nobody asked for). Thread: one at a time.
  [[nodiscard]] base::Result<base::Bytes> request(base::ByteView payload, std::uint32_t timeout_ms);

  // From any thread: a waiting request returns `unavailable` at once, and so does every later one.
  void interrupt();

 private:
  struct Parts;
  explicit Requester(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace besa::transport
