#include "agents/node/daemon.h"

#include <chrono>

#include "base/limits.h"

namespace besa::node {
namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t kWaitMarginMs = 5'000;
constexpr std::uint32_t kListenPauseMs = 1'000;

// Asks whether mail lies ready. The answer is only a reason to look: nothing of it is believed.
base::Result<bool> mail_waits(transport::Requester& requester) {
  wire::Request request;
  request.body = wire::WaitRequest{base::limits::kWaitMs};
  BESA_ASSIGN(const base::Bytes frame, wire::encode_request(request));
  BESA_ASSIGN(const base::Bytes answer, requester.request(frame, base::limits::kWaitMs + kWaitMarginMs));
  BESA_ASSIGN(const wire::Reply reply, wire::decode_reply(answer));
  const auto* wait = std::get_if<wire::WaitReply>(&reply.body);
  if (wait == nullptr) return base::fail(base::ErrorKind::busy, "the broker does not let this node wait now");
  return wait->queued;
}

}  // namespace

Daemon::Daemon(Node& node)
    : node_(node), desk_(node), notifier_({node.config.notify_command, node.config.notify_every}, node.log()) {}

std::uint64_t Daemon::steady_ms() const {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<milliseconds>(since).count());
}

bool Daemon::stands_still() const { return pulse_.stands_still(steady_ms(), kStallMs); }

base::Result<std::unique_ptr<Daemon>> Daemon::start(Node& node) {
  std::unique_ptr<Daemon> daemon(new Daemon(node));
  transport::RequesterOptions options;
  options.endpoint = node.config.endpoint;
  options.broker = node.config.broker;
  options.socks_proxy = node.config.socks_proxy;
  const auto chance = [&node] {
    std::array<std::uint8_t, 8> bytes{};
    node.random()(bytes);
    return base::ByteReader(bytes).u64();
  };
  BESA_ASSIGN(daemon->requester_, transport::Requester::create(options, node.transport(), chance));
  BESA_ASSIGN(daemon->waiting_, transport::Requester::create(options, node.transport(), chance));
  Daemon* self = daemon.get();
  const client::Exchange exchange = client::exchange_over(*daemon->requester_);
  daemon->worker_ = std::make_unique<Worker>(node, [self, exchange](base::ByteView frame, std::uint32_t timeout_ms) {
    self->pulse_.beat(self->steady_ms());
    auto answer = exchange(frame, timeout_ms);
    self->pulse_.beat(self->steady_ms());
    return answer;
  });
  program::HttpServerOptions http;
  http.socket_path = node.config.socket;
  BESA_ASSIGN(daemon->server_, program::HttpServer::start(http, [self](const program::HttpRequest& request) {
                return self->desk_.handle(request);
              }));
  {
    const std::lock_guard lock(node.mutex);
    node.set_waker([self] { self->wake(); });
    node.set_attention([self](Attention attention) { self->notifier_.tell(attention); });
  }
  daemon->work_thread_ = std::thread([self] { self->work(); });
  daemon->listen_thread_ = std::thread([self] { self->listen(); });
  return daemon;
}

Daemon::~Daemon() {
  server_.reset();
  {
    const std::lock_guard lock(node_.mutex);
    node_.set_waker({});
    node_.set_attention({});
  }
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  if (requester_) requester_->interrupt();
  if (waiting_) waiting_->interrupt();
  if (work_thread_.joinable()) work_thread_.join();
  if (listen_thread_.joinable()) listen_thread_.join();
}

void Daemon::wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

bool Daemon::sleep(std::uint32_t ms) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, milliseconds(ms), [this] { return stop_ || woken_; });
  woken_ = false;
  return !stop_;
}

void Daemon::work() {
  std::uint32_t pause = 0;
  while (sleep(pause)) {
    pulse_.beat(steady_ms());
    const base::Status result = worker_->round();
    pulse_.rest();
    pause = result ? static_cast<std::uint32_t>(node_.config.poll.ms) : worker_->pause_ms();
    {
      const std::lock_guard lock(mutex_);
      failing_ = !result;
      ++rounds_;
    }
    changed_.notify_all();
  }
}

bool Daemon::stopped_sending() {
  const std::lock_guard lock(node_.mutex);
  return !node_.stopped().empty();
}

// Waits at the broker; when mail lies ready the worker looks, and only after its round this thread asks again.
void Daemon::listen() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stop_ || rounds_ > 0; });
  while (!stop_) {
    lock.unlock();
    const bool silent = stopped_sending();
    const auto queued = silent ? base::Result<bool>(false) : mail_waits(*waiting_);
    lock.lock();
    if (stop_) return;
    if (silent) changed_.wait_for(lock, milliseconds(kListenPauseMs), [this] { return stop_; });
    if (queued && !*queued) continue;
    const std::uint64_t seen = rounds_;
    // Mail does not shorten the pause after a round that failed: that would ask ten times a second what was refused.
    if (queued && !failing_) woken_ = true;
    changed_.notify_all();
    if (queued) changed_.wait(lock, [&] { return stop_ || rounds_ > seen; });
    // Mail that stays although a round took it, or a broker that does not answer: not in a tight loop.
    const auto pause = milliseconds(queued ? kListenPauseMs / 10 : kListenPauseMs);
    changed_.wait_for(lock, pause, [this] { return stop_; });
  }
}

}  // namespace besa::node
