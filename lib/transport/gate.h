// The broker's door: a ROUTER socket over CURVE. Bytes come in with the transport key that proved itself at the
// handshake, bytes go back to the connection they came on. The gate reads no byte of a payload and holds no state of
// the network; it could run as a process of its own.
//
// What it promises
// - Who has no admitted transport key never reaches `poll`: NULL, PLAIN, raw TCP, HTTP, TLS and unknown CURVE keys are
//   closed at the handshake. `start` proves that on its own socket before it returns.
// - One request is one frame of at most limits::kFrameBytes. A request of more frames is dropped whole and counted.
//   An empty frame is a request with an empty payload; the layer above answers it as malformed.
// - Nothing blocks on a slow peer: its replies are dropped and counted, the peer asks again.
//
// What it does not promise
// - Standing up to an admitted peer that takes the next automatic routing id: libzmq ends the process then. Connects
//   are limited by key and minute; a restart loses nothing.
// - Membership after the handshake: a key that stops being admitted keeps its live connections. The layer above looks
//   up `Request::peer` for every request.
// - Bounded memory against an admitted peer that sends an endless message of many frames: the library keeps unfinished
//   messages outside every limit. Run the gate under a memory limit; a restart loses nothing.
//
// Clients: a DEALER socket, no routing id of their own (requests of such are dropped), one frame a request.
// Source: docs/protocol.md, "Requests". RFC 27 (ZAP), RFC 26 (CurveZMQ).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace besa::crypto {
class TransportSecret;
}

namespace besa::transport {

// Names a live connection until it closes; a later connection never gets the same one. Only good for replying.
struct ConnectionToken {
  std::array<std::uint8_t, 5> bytes{};
  friend auto operator<=>(const ConnectionToken&, const ConnectionToken&) = default;
};

struct Request {
  ConnectionToken token;
  base::TransportKey peer;  // proved at the handshake
  base::Bytes payload;      // 0 to limits::kFrameBytes
};

// Counted since the start; any thread may read. For metrics, and for the attack alarm. The self-test's two refusals
// are among them.
struct GateCounters {
  std::atomic<std::uint64_t> handshakes_admitted{0};
  std::atomic<std::uint64_t> handshakes_unknown_key{0};  // refused by `admit`
  std::atomic<std::uint64_t> handshakes_too_often{0};    // over connects_per_key_and_minute
  std::atomic<std::uint64_t> handshakes_failed{0};       // not CURVE, broken, given up
  std::atomic<std::uint64_t> connections_accepted{0};
  std::atomic<std::uint64_t> connections_closed{0};
  std::atomic<std::uint64_t> requests{0};  // handed to the layer above
  std::atomic<std::uint64_t> dropped_many_frames{0};
  std::atomic<std::uint64_t> dropped_own_routing_id{0};
  std::atomic<std::uint64_t> dropped_no_user{0};  // must stay 0: no identity on a request
  std::atomic<std::uint64_t> replies{0};
  std::atomic<std::uint64_t> replies_gone{0};  // the connection had closed
  std::atomic<std::uint64_t> replies_slow{0};  // the peer does not read
};

struct GateOptions {
  std::string address = "127.0.0.1";  // of an interface; an IPv6 address stands in brackets
  std::uint16_t port = 0;             // 0: any free one, see endpoint()
  // Decides at the handshake whether a key may connect. Called on the gate's own thread for handshakes: must be
  // thread-safe, quick, and must not throw.
  std::function<bool(const base::TransportKey&)> admit;
  std::uint32_t connects_per_key_and_minute = 60;
};

class Gate {
 public:
  // Binds and tests itself: connects with an unknown key and without any, and starts only if both were refused.
  // `secret` is copied into the socket; the caller may forget it.
  // Errors: configuration (address in use or not ours; the self-test failed), io. Cost: some milliseconds.
  [[nodiscard]] static base::Result<std::unique_ptr<Gate>> start(const GateOptions& options,
                                                                 const crypto::TransportSecret& secret);
  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  // Where clients connect: tcp://address:port.
  const std::string& endpoint() const;
  // Of the secret handed to start; clients need it.
  const base::TransportKey& public_key() const;

  // Sends posted replies, then returns the requests at hand, at most `most`; waits up to `timeout_ms` if there are
  // none. Returns early (maybe with nothing) after post_reply or wake. Fair between connections.
  // Thread: poll and reply belong to one thread.
  std::vector<Request> poll(std::uint32_t timeout_ms, std::size_t most = 64);

  // Errors: unavailable (the connection has closed), busy (the peer does not read). Neither needs more than a count:
  // the peer asks again. Thread: that of poll.
  base::Status reply(const ConnectionToken& token, base::ByteView payload);

  // From any thread: the thread of poll sends it. At most kPostedReplies wait; more: false, and the reply is dropped.
  bool post_reply(const ConnectionToken& token, base::Bytes payload);
  // From any thread: poll returns.
  void wake();
  // Before the end: sends what was posted, and lets the destructor wait up to half a second until the peers have taken
  // what was sent to them. Thread: that of poll.
  void finish_sending();

  const GateCounters& counters() const;

  static constexpr std::size_t kPostedReplies = 4'096;

 private:
  struct Parts;
  explicit Gate(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace besa::transport
