// Inside lib/transport only: the thread that answers every handshake (ZAP, RFC 27) and counts what the socket monitor
// reports. libzmq lets strangers in when no handler answers, so the handler is bound before any server socket, and if
// the thread ends without being told to, the process ends.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <thread>

#include "base/ids.h"
#include "transport/gate.h"
#include "transport/zmq_handles.h"

namespace besa::transport {

inline constexpr std::string_view kZapDomain = "besa";

class HandshakeGuard {
 public:
  // Binds the handler. Call before the server socket exists in `context`.
  [[nodiscard]] base::Status bind(const ZmqContext& context);
  // Starts the thread. `monitor` is the reading end of the server socket's monitor.
  void run(ZmqSocket monitor, std::function<bool(const base::TransportKey&)> admit, std::uint32_t connects_per_minute,
           GateCounters& counters);
  HandshakeGuard() = default;
  // Close the server socket first: its monitor must have a reader as long as it lives.
  ~HandshakeGuard();
  HandshakeGuard(const HandshakeGuard&) = delete;
  HandshakeGuard& operator=(const HandshakeGuard&) = delete;

 private:
  enum class Verdict { admit, unknown_key, too_often, broken };
  struct Window {
    std::uint64_t from_ms = 0;
    std::uint32_t connects = 0;
  };

  void loop() noexcept;
  void answer();
  void count_events();
  Verdict judge(base::ByteView mechanism, base::ByteView credentials, bool last, base::TransportKey& key);
  bool too_often(const base::TransportKey& key);

  ZmqSocket handler_;
  ZmqSocket monitor_;
  std::function<bool(const base::TransportKey&)> admit_;
  std::uint32_t connects_per_minute_ = 0;
  GateCounters* counters_ = nullptr;
  std::map<base::TransportKey, Window> windows_;
  Wakeup stop_wakeup_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace besa::transport
