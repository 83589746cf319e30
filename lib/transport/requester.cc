#include "transport/requester.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <optional>

#include "base/check.h"
#include "base/limits.h"
#include "crypto/secret/transport_key.h"
#include "transport/client_connection.h"
#include "transport/zmq_handles.h"

namespace besa::transport {
namespace {

constexpr unsigned kDoublings = 20;
constexpr std::uint64_t kHandshakePatienceMs = 8'000;  // connect (5 s) and handshake (3 s)

tl::unexpected<base::Error> unavailable(const char* why) { return base::fail(base::ErrorKind::unavailable, why); }

}  // namespace

struct Requester::Parts {
  RequesterOptions options;
  crypto::TransportSecret secret;
  std::function<std::uint64_t()> random;
  ZmqContext context;
  std::unique_ptr<ClientConnection> connection;  // none: to be opened
  Wakeup wakeup;
  std::atomic<bool> interrupted{false};
  std::uint64_t connections = 0;    // so far; names the monitors
  unsigned failures = 0;            // in a row
  std::uint64_t not_before_ms = 0;  // back-off

  Parts(const RequesterOptions& o, crypto::TransportSecret s, std::function<std::uint64_t()> r)
      : options(o), secret(std::move(s)), random(std::move(r)) {}

  void give_up_connection();
  base::Status sleep_until(std::uint64_t at_ms);
  base::Status connect(std::uint64_t deadline_ms);
  base::Status connect_once(std::uint64_t deadline_ms);
  base::Result<base::Bytes> await_reply(std::uint64_t deadline_ms);
  base::Result<base::Bytes> take_reply();
};

base::Status check_endpoint(std::string_view endpoint) {
  constexpr std::string_view kScheme = "tcp://";
  const std::string_view rest = endpoint.starts_with(kScheme) ? endpoint.substr(kScheme.size()) : std::string_view{};
  const std::size_t colon = rest.rfind(':');
  const std::string_view host = rest.substr(0, colon == std::string_view::npos ? 0 : colon);
  const std::string_view digits = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon + 1);
  unsigned port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  const bool whole = error == std::errc{} && end == digits.data() + digits.size();
  constexpr std::string_view kHostCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]%";
  const bool named = !host.empty() && host.find_first_not_of(kHostCharacters) == std::string_view::npos;
  if (named && whole && port >= 1 && port <= UINT16_MAX) return {};
  return base::fail(base::ErrorKind::configuration,
                    "the broker's endpoint must be tcp://HOST:PORT, such as tcp://broker.example:7700");
}

base::Result<std::unique_ptr<Requester>> Requester::create(const RequesterOptions& options,
                                                           const crypto::TransportSecret& secret,
                                                           std::function<std::uint64_t()> random) {
  BESA_CHECK(random);
  BESA_TRY(check_endpoint(options.endpoint));
  BESA_ASSIGN(auto own, crypto::TransportSecret::from_bytes(secret.view()));
  return std::unique_ptr<Requester>(new Requester(std::make_unique<Parts>(options, std::move(own), std::move(random))));
}

Requester::Requester(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Requester::~Requester() = default;

void Requester::interrupt() {
  parts_->interrupted = true;
  parts_->wakeup.raise();
}

base::Result<base::Bytes> Requester::request(base::ByteView payload, std::uint32_t timeout_ms) {
  if (payload.size() > base::limits::kFrameBytes) {
    return base::fail(base::ErrorKind::malformed, "a request is over the limit of one frame");
  }
  const std::uint64_t deadline_ms = monotonic_ms() + timeout_ms;
  BESA_TRY(parts_->connect(deadline_ms));
  if (!parts_->connection->socket().send(payload, false)) {
    parts_->give_up_connection();
    return unavailable("the broker closed the connection");
  }
  auto reply = parts_->await_reply(deadline_ms);
  if (reply) {
    parts_->failures = 0;
  } else {
    parts_->give_up_connection();
  }
  return reply;
}

// Throws the socket away and sets when the next may be opened: a random part, half to all, of a doubling wait.
void Requester::Parts::give_up_connection() {
  connection.reset();
  const std::uint64_t doubled = std::uint64_t{options.backoff_first_ms} << std::min(failures, kDoublings);
  const std::uint64_t wait_ms = std::min<std::uint64_t>(doubled, options.backoff_most_ms);
  ++failures;
  not_before_ms = monotonic_ms() + wait_ms / 2 + random() % (wait_ms / 2 + 1);
}

base::Status Requester::Parts::sleep_until(std::uint64_t at_ms) {
  while (!interrupted) {
    const std::uint64_t now = monotonic_ms();
    if (now >= at_ms) return {};
    zmq_pollitem_t item{nullptr, wakeup.fd(), ZMQ_POLLIN, 0};
    zmq_poll(&item, 1, static_cast<long>(at_ms - now));
  }
  return unavailable("interrupted");
}

base::Status Requester::Parts::connect(std::uint64_t deadline_ms) {
  if (interrupted) return unavailable("interrupted");
  if (connection) {
    // Idle connections die, and what nobody asked for must not become an answer.
    ZmqMessage stray;
    if (!connection->lost() && !stray.receive(connection->socket())) return {};
    give_up_connection();
  }
  while (true) {
    BESA_TRY(sleep_until(std::min(not_before_ms, deadline_ms)));
    if (monotonic_ms() >= deadline_ms) return unavailable("the broker cannot be reached");
    auto tried = connect_once(deadline_ms);
    if (tried) return {};
    give_up_connection();
    if (tried.error().kind != base::ErrorKind::unavailable || interrupted) return tried;
  }
}

base::Status Requester::Parts::connect_once(std::uint64_t deadline_ms) {
  const CurveClient curve{options.broker, secret.public_key(), secret.view()};
  BESA_ASSIGN(ClientConnection opened, ClientConnection::open(context, "requester-" + std::to_string(++connections),
                                                              options.endpoint, curve, options.socks_proxy));
  connection = std::make_unique<ClientConnection>(std::move(opened));
  const std::uint64_t patience_ms = std::min(deadline_ms, monotonic_ms() + kHandshakePatienceMs);
  switch (connection->wait_handshake(patience_ms, wakeup)) {
    case Handshake::admitted: return {};
    case Handshake::refused_key:
      return base::fail(base::ErrorKind::denied, "the broker does not admit this transport key");
    case Handshake::failed: return unavailable("no connection to the broker");
    case Handshake::timed_out: return unavailable("the broker does not answer");
    case Handshake::interrupted: break;
  }
  return unavailable("interrupted");
}

base::Result<base::Bytes> Requester::Parts::await_reply(std::uint64_t deadline_ms) {
  while (!interrupted) {
    std::array<zmq_pollitem_t, 3> items{{{connection->socket().get(), 0, ZMQ_POLLIN, 0},
                                         {connection->monitor().get(), 0, ZMQ_POLLIN, 0},
                                         {nullptr, wakeup.fd(), ZMQ_POLLIN, 0}}};
    const std::uint64_t now = monotonic_ms();
    const auto wait_ms = static_cast<long>(deadline_ms > now ? deadline_ms - now : 0);
    const int ready = zmq_poll(items.data(), static_cast<int>(items.size()), wait_ms);
    if (ready < 0 && errno != EINTR) return unavailable("the connection broke");
    if ((items[0].revents & ZMQ_POLLIN) != 0) return take_reply();
    if ((items[1].revents & ZMQ_POLLIN) != 0 && connection->lost()) {
      return unavailable("the connection was lost before the answer came");
    }
    if (ready == 0 && monotonic_ms() >= deadline_ms) return unavailable("no answer in time");
  }
  return unavailable("interrupted");
}

base::Result<base::Bytes> Requester::Parts::take_reply() {
  ZmqMessage reply;
  if (!reply.receive(connection->socket())) return unavailable("the connection broke");
  if (reply.more()) {
    return base::fail(base::ErrorKind::misbehaviour, "the broker answered with more than one frame");
  }
  return base::to_bytes(reply.view());
}

}  // namespace besa::transport
