#include "transport/gate.h"

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <optional>

#include "base/check.h"
#include "base/limits.h"
#include "crypto/secret/transport_key.h"
#include "transport/handshake_guard.h"
#include "transport/self_test.h"
#include "transport/zmq_handles.h"

namespace besa::transport {
namespace {

constexpr int kBacklog = 512;
constexpr int kLastRepliesMs = 500;
constexpr int kEvents = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                        ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

struct Posted {
  ConnectionToken token;
  base::Bytes payload;
};

void add_one(std::atomic<std::uint64_t>& counter) { counter.fetch_add(1, std::memory_order_relaxed); }

bool set_server_options(ZmqSocket& router, const crypto::TransportSecret& secret, bool ipv6) {
  return set_common_options(router) && router.set(ZMQ_ZAP_DOMAIN, kZapDomain) && router.set(kZapEnforceDomain, 1) &&
         router.set(ZMQ_CURVE_SERVER, 1) && router.set(ZMQ_CURVE_SECRETKEY, secret.view()) &&
         router.set(ZMQ_ROUTER_MANDATORY, 1) && router.set(ZMQ_ROUTER_HANDOVER, 0) &&
         router.set(ZMQ_BACKLOG, kBacklog) && (!ipv6 || router.set(ZMQ_IPV6, 1));
}

std::optional<std::string> bound_endpoint(const ZmqSocket& router) {
  std::array<char, 256> text{};
  std::size_t size = text.size();
  if (zmq_getsockopt(router.get(), ZMQ_LAST_ENDPOINT, text.data(), &size) != 0) return std::nullopt;
  return std::string{text.data()};
}

}  // namespace

// The order matters: the context outlives all sockets, the counters outlive the guard that writes them, and the guard
// (which reads the router's monitor) outlives the router.
struct Gate::Parts {
  GateCounters counters;
  ZmqContext context;
  HandshakeGuard guard;
  ZmqSocket router;
  std::string endpoint;
  base::TransportKey public_key;
  Wakeup wakeup;
  std::mutex posted_mutex;
  std::vector<Posted> posted;

  ~Parts() {
    if (router) zmq_socket_monitor(router.get(), nullptr, 0);
    router.close();
  }

  void send_posted(Gate& gate);
  bool wait(std::uint32_t timeout_ms);
  enum class Received { nothing, dropped, request };
  Received receive(Request& out);
};

base::Result<std::unique_ptr<Gate>> Gate::start(const GateOptions& options, const crypto::TransportSecret& secret) {
  BESA_CHECK(options.admit);
  auto parts = std::make_unique<Parts>();
  parts->public_key = secret.public_key();
  BESA_TRY(parts->guard.bind(parts->context));

  parts->router = ZmqSocket(parts->context, ZMQ_ROUTER);
  const bool ipv6 = options.address.find('[') != std::string::npos;
  if (!parts->router || !set_server_options(parts->router, secret, ipv6)) {
    return tl::unexpected(zmq_error(base::ErrorKind::io, "set up the gate's socket"));
  }
  ZmqSocket monitor = open_monitor(parts->context, parts->router, "gate-monitor", kEvents);
  if (!monitor) return tl::unexpected(zmq_error(base::ErrorKind::io, "watch the gate's socket"));
  parts->guard.run(std::move(monitor), options.admit, options.connects_per_key_and_minute, parts->counters);

  const std::string wanted =
      "tcp://" + options.address + ":" + (options.port == 0 ? std::string{"*"} : std::to_string(options.port));
  if (zmq_bind(parts->router.get(), wanted.c_str()) != 0) {
    base::Error error = zmq_error(base::ErrorKind::configuration, "listen on " + wanted);
    error.message += "; it needs the IP address of one of this machine's interfaces and a port that nobody uses";
    return tl::unexpected(std::move(error));
  }
  const auto bound = bound_endpoint(parts->router);
  if (!bound) return tl::unexpected(zmq_error(base::ErrorKind::io, "ask for the gate's port"));
  parts->endpoint = *bound;
  BESA_TRY(strangers_are_refused(parts->endpoint, parts->public_key));
  return std::unique_ptr<Gate>(new Gate(std::move(parts)));
}

Gate::Gate(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Gate::~Gate() = default;

const std::string& Gate::endpoint() const { return parts_->endpoint; }
const base::TransportKey& Gate::public_key() const { return parts_->public_key; }
const GateCounters& Gate::counters() const { return parts_->counters; }

std::vector<Request> Gate::poll(std::uint32_t timeout_ms, std::size_t most) {
  parts_->send_posted(*this);
  std::vector<Request> requests;
  if (!parts_->wait(timeout_ms)) return requests;
  parts_->send_posted(*this);
  // Dropped messages count against the turn as well, so that a flood of them cannot hold it up.
  for (std::size_t turn = 0; turn < most; ++turn) {
    Request request;
    const auto received = parts_->receive(request);
    if (received == Parts::Received::nothing) break;
    if (received == Parts::Received::request) requests.push_back(std::move(request));
  }
  return requests;
}

bool Gate::Parts::wait(std::uint32_t timeout_ms) {
  std::array<zmq_pollitem_t, 2> items{{{router.get(), 0, ZMQ_POLLIN, 0}, {nullptr, wakeup.fd(), ZMQ_POLLIN, 0}}};
  const int ready = zmq_poll(items.data(), static_cast<int>(items.size()), static_cast<long>(timeout_ms));
  if (ready < 0) BESA_CHECK(errno == EINTR);
  if ((items[1].revents & ZMQ_POLLIN) != 0) wakeup.clear();
  return ready > 0;
}

Gate::Parts::Received Gate::Parts::receive(Request& out) {
  ZmqMessage id;
  if (!id.receive(router)) return Received::nothing;
  ZmqMessage payload;
  if (!id.more() || !payload.receive(router)) return Received::dropped;
  if (payload.more()) {
    drain(router, payload);
    add_one(counters.dropped_many_frames);
    return Received::dropped;
  }
  // libzmq's own ids are a zero and four bytes; any other was chosen by the client.
  const base::ByteView token = id.view();
  if (token.size() != out.token.bytes.size() || token[0] != 0) {
    add_one(counters.dropped_own_routing_id);
    return Received::dropped;
  }
  std::copy(token.begin(), token.end(), out.token.bytes.begin());
  // The routing id's frame carries no User-Id after a poll; the payload's does.
  const auto user = base::from_hex(payload.property("User-Id"));
  if (!user || !base::TransportKey::read(*user, out.peer) || out.peer.is_none()) {
    add_one(counters.dropped_no_user);
    return Received::dropped;
  }
  out.payload = base::to_bytes(payload.view());
  add_one(counters.requests);
  return Received::request;
}

base::Status Gate::reply(const ConnectionToken& token, base::ByteView payload) {
  if (payload.size() > base::limits::kFrameBytes) {
    return base::fail(base::ErrorKind::malformed, "a reply is over the limit of one frame");
  }
  if (!parts_->router.send(token.bytes, true)) {
    if (errno == EAGAIN) {
      add_one(parts_->counters.replies_slow);
      return base::fail(base::ErrorKind::busy, "the peer does not read its replies");
    }
    add_one(parts_->counters.replies_gone);
    return base::fail(base::ErrorKind::unavailable, "the connection has closed");
  }
  if (!parts_->router.send(payload, false)) {
    add_one(parts_->counters.replies_gone);
    return base::fail(base::ErrorKind::unavailable, "the connection has closed");
  }
  add_one(parts_->counters.replies);
  return {};
}

void Gate::Parts::send_posted(Gate& gate) {
  std::vector<Posted> batch;
  {
    const std::lock_guard lock(posted_mutex);
    batch.swap(posted);
  }
  // What fails is counted in reply; the peer asks again.
  for (const Posted& item : batch) static_cast<void>(gate.reply(item.token, item.payload));
}

bool Gate::post_reply(const ConnectionToken& token, base::Bytes payload) {
  {
    const std::lock_guard lock(parts_->posted_mutex);
    if (parts_->posted.size() >= kPostedReplies) return false;
    parts_->posted.push_back({token, std::move(payload)});
  }
  parts_->wakeup.raise();
  return true;
}

void Gate::finish_sending() {
  parts_->send_posted(*this);
  static_cast<void>(
      parts_->router.set(ZMQ_LINGER, kLastRepliesMs));  // without it they are dropped, and peers ask again
}

void Gate::wake() { parts_->wakeup.raise(); }

}  // namespace besa::transport
