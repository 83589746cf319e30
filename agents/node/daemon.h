// The shell around a node: the worker's thread, a second connection that only waits for mail, and the local API. All
// threads end when it is destroyed.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "agents/node/desk.h"
#include "agents/node/node.h"
#include "agents/node/notifier.h"
#include "agents/node/worker.h"
#include "program/http_server.h"
#include "program/pulse.h"
#include "transport/requester.h"

namespace besa::node {

class Daemon {
 public:
  // Errors: configuration (endpoint, socket path), already_exists (another node listens on the socket), denied, io.
  [[nodiscard]] static base::Result<std::unique_ptr<Daemon>> start(Node& node);
  ~Daemon();
  // Does the worker stand still? Any thread. An exchange with the broker is bounded by its own time.
  bool stands_still() const;
  static constexpr std::uint64_t kStallMs = 120'000;
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

 private:
  explicit Daemon(Node& node);
  std::uint64_t steady_ms() const;
  void work();
  void listen();
  bool stopped_sending();
  void wake();
  // Sleeps until woken, stopped, or the time is over. False: stop.
  bool sleep(std::uint32_t ms);

  Node& node_;
  Desk desk_;
  Notifier notifier_;
  program::Pulse pulse_;
  std::unique_ptr<transport::Requester> requester_;
  std::unique_ptr<transport::Requester> waiting_;
  std::unique_ptr<Worker> worker_;
  std::unique_ptr<program::HttpServer> server_;

  std::mutex mutex_;  // of what follows; never held together with the node's lock for long
  std::condition_variable changed_;
  bool stop_ = false;
  bool woken_ = false;
  bool failing_ = false;  // the newest round
  std::uint64_t rounds_ = 0;
  std::thread work_thread_;
  std::thread listen_thread_;
};

}  // namespace besa::node
