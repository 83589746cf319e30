#include "transport/handshake_guard.h"

#include <array>
#include <cerrno>

#include "base/check.h"

namespace besa::transport {
namespace {

constexpr const char* kZapEndpoint = "inproc://zeromq.zap.01";
constexpr std::uint64_t kMinuteMs = 60'000;
// Only admitted keys have a window, so this is far over any real number of members.
constexpr std::size_t kWindows = 65'536;
// version, request id, domain, address, routing id, mechanism, credentials
constexpr std::size_t kZapFrames = 7;
constexpr int kEventsPerTurn = 256;

void add_one(std::atomic<std::uint64_t>& counter) { counter.fetch_add(1, std::memory_order_relaxed); }

}  // namespace

base::Status HandshakeGuard::bind(const ZmqContext& context) {
  handler_ = ZmqSocket(context, ZMQ_REP);
  if (!handler_ || !handler_.set(ZMQ_LINGER, 0) || zmq_bind(handler_.get(), kZapEndpoint) != 0) {
    return tl::unexpected(zmq_error(base::ErrorKind::io, "bind the handshake handler"));
  }
  return {};
}

void HandshakeGuard::run(ZmqSocket monitor, std::function<bool(const base::TransportKey&)> admit,
                         std::uint32_t connects_per_minute, GateCounters& counters) {
  BESA_CHECK(handler_ && monitor && admit);
  monitor_ = std::move(monitor);
  admit_ = std::move(admit);
  connects_per_minute_ = connects_per_minute;
  counters_ = &counters;
  thread_ = std::thread([this] { loop(); });
}

HandshakeGuard::~HandshakeGuard() {
  stop_ = true;
  stop_wakeup_.raise();
  if (thread_.joinable()) thread_.join();
}

// noexcept: an exception in here, from `admit` for instance, ends the process as well.
void HandshakeGuard::loop() noexcept {
  while (!stop_) {
    std::array<zmq_pollitem_t, 3> items{{{handler_.get(), 0, ZMQ_POLLIN, 0},
                                         {monitor_.get(), 0, ZMQ_POLLIN, 0},
                                         {nullptr, stop_wakeup_.fd(), ZMQ_POLLIN, 0}}};
    if (zmq_poll(items.data(), static_cast<int>(items.size()), -1) < 0) {
      BESA_CHECK(errno == EINTR);
      continue;
    }
    if ((items[0].revents & ZMQ_POLLIN) != 0) answer();
    if ((items[1].revents & ZMQ_POLLIN) != 0) count_events();
  }
}

void HandshakeGuard::answer() {
  std::array<ZmqMessage, kZapFrames> frames;
  if (!frames[0].receive(handler_)) return;
  std::size_t got = 1;
  while (frames[got - 1].more() && got < kZapFrames && frames[got].receive(handler_)) ++got;
  const bool last = !frames[got - 1].more();
  drain(handler_, frames[got - 1]);

  base::TransportKey key;
  const bool whole =
      got == kZapFrames && base::as_text(frames[0].view()) == "1.0" && base::as_text(frames[2].view()) == kZapDomain;
  const Verdict verdict = whole ? judge(frames[5].view(), frames[6].view(), last, key) : Verdict::broken;

  std::string_view code = "400";
  switch (verdict) {
    case Verdict::admit:
      code = "200";
      add_one(counters_->handshakes_admitted);
      break;
    case Verdict::unknown_key: add_one(counters_->handshakes_unknown_key); break;
    case Verdict::too_often:
      code = "300";
      add_one(counters_->handshakes_too_often);
      break;
    case Verdict::broken: break;
  }
  const std::string user = verdict == Verdict::admit ? base::to_hex(key.view()) : std::string{};
  // A reply that cannot be sent leaves the handshake unanswered, and that closes it in three seconds.
  const auto text = [](std::string_view t) { return base::as_bytes(t); };
  static_cast<void>(handler_.send(text("1.0"), true) &&
                    handler_.send(got > 1 ? frames[1].view() : base::ByteView{}, true) &&
                    handler_.send(text(code), true) && handler_.send(text(""), true) &&
                    handler_.send(text(user), true) && handler_.send(text(""), false));
}

HandshakeGuard::Verdict HandshakeGuard::judge(base::ByteView mechanism, base::ByteView credentials, bool last,
                                              base::TransportKey& key) {
  if (base::as_text(mechanism) != "CURVE" || !last) return Verdict::broken;
  if (!base::TransportKey::read(credentials, key)) return Verdict::broken;
  if (key.is_none() || !admit_(key)) return Verdict::unknown_key;
  return too_often(key) ? Verdict::too_often : Verdict::admit;
}

bool HandshakeGuard::too_often(const base::TransportKey& key) {
  const std::uint64_t now = monotonic_ms();
  if (windows_.size() >= kWindows) {
    std::erase_if(windows_, [now](const auto& item) { return now - item.second.from_ms >= kMinuteMs; });
    if (windows_.size() >= kWindows) return true;
  }
  Window& window = windows_[key];
  if (window.connects == 0 || now - window.from_ms >= kMinuteMs) window = {now, 0};
  if (window.connects >= connects_per_minute_) return true;
  ++window.connects;
  return false;
}

void HandshakeGuard::count_events() {
  MonitorEvent event;
  for (int i = 0; i < kEventsPerTurn && next_event(monitor_, event); ++i) {
    switch (event.event) {
      case ZMQ_EVENT_ACCEPTED: add_one(counters_->connections_accepted); break;
      case ZMQ_EVENT_DISCONNECTED: add_one(counters_->connections_closed); break;
      case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
      case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL: add_one(counters_->handshakes_failed); break;
      default: break;  // the rest is libzmq's bookkeeping; refused keys are counted where they are judged
    }
  }
}

}  // namespace besa::transport
