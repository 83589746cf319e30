#include "transport/zmq_handles.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "base/check.h"
#include "base/limits.h"

namespace besa::transport {
namespace {

// CURVE wraps a payload as "\x07MESSAGE", nonce (8), tag (16), flags (1); libzmq's limit counts the wrapped frame.
constexpr std::int64_t kCurveBytes = 8 + 8 + 16 + 1;
constexpr int kHandshakeMs = 3'000;
constexpr std::int64_t kLargestFrame = std::int64_t{base::limits::kFrameBytes} + kCurveBytes;
constexpr int kHeartbeatEveryMs = 10'000;
constexpr int kHeartbeatTimeoutMs = 30'000;
constexpr int kHeartbeatTtlMs = 40'000;
constexpr int kHighWaterMark = 64;
constexpr int kKeepAliveIdleSeconds = 60;
constexpr int kKeepAliveEverySeconds = 15;
constexpr int kKeepAliveProbes = 4;

}  // namespace

ZmqContext::~ZmqContext() {
  while (handle_ != nullptr && zmq_ctx_term(handle_) != 0 && errno == EINTR) {
  }
}

ZmqSocket& ZmqSocket::operator=(ZmqSocket&& other) noexcept {
  if (this != &other) {
    close();
    handle_ = std::exchange(other.handle_, nullptr);
  }
  return *this;
}

void ZmqSocket::close() {
  if (handle_ != nullptr) zmq_close(std::exchange(handle_, nullptr));
}

bool ZmqSocket::send(base::ByteView frame, bool more) {
  const int flags = ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0);
  return zmq_send(handle_, frame.data(), frame.size(), flags) >= 0;
}

std::string_view ZmqMessage::property(const char* name) const {
  const char* value = zmq_msg_gets(&message_, name);
  return value == nullptr ? std::string_view{} : std::string_view{value};
}

void drain(const ZmqSocket& socket, ZmqMessage& message) {
  while (message.more() && message.receive(socket)) {
  }
}

bool next_event(const ZmqSocket& monitor, MonitorEvent& out) {
  ZmqMessage message;
  if (!message.receive(monitor)) return false;
  const base::ByteView frame = message.view();
  std::uint16_t event = 0;
  if (frame.size() == sizeof event + sizeof out.value) {
    std::memcpy(&event, frame.data(), sizeof event);
    std::memcpy(&out.value, frame.data() + sizeof event, sizeof out.value);
  }
  out.event = event;
  drain(monitor, message);
  return true;
}

ZmqSocket open_monitor(const ZmqContext& context, const ZmqSocket& socket, const std::string& name, int events) {
  const std::string address = "inproc://" + name;
  if (zmq_socket_monitor(socket.get(), address.c_str(), events) != 0) return {};
  ZmqSocket end(context, ZMQ_PAIR);
  if (!end || !end.set(ZMQ_LINGER, 0) || zmq_connect(end.get(), address.c_str()) != 0) return {};
  return end;
}

bool set_common_options(ZmqSocket& socket) {
  return socket.set(ZMQ_LINGER, 0) && socket.set(ZMQ_MAXMSGSIZE, kLargestFrame) &&
         socket.set(ZMQ_HANDSHAKE_IVL, kHandshakeMs) && socket.set(ZMQ_HEARTBEAT_IVL, kHeartbeatEveryMs) &&
         socket.set(ZMQ_HEARTBEAT_TIMEOUT, kHeartbeatTimeoutMs) && socket.set(ZMQ_HEARTBEAT_TTL, kHeartbeatTtlMs) &&
         socket.set(ZMQ_SNDHWM, kHighWaterMark) && socket.set(ZMQ_RCVHWM, kHighWaterMark) &&
         socket.set(ZMQ_TCP_KEEPALIVE, 1) && socket.set(ZMQ_TCP_KEEPALIVE_IDLE, kKeepAliveIdleSeconds) &&
         socket.set(ZMQ_TCP_KEEPALIVE_INTVL, kKeepAliveEverySeconds) &&
         socket.set(ZMQ_TCP_KEEPALIVE_CNT, kKeepAliveProbes);
}

Wakeup::Wakeup() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) { BESA_CHECK(fd_ >= 0); }

Wakeup::~Wakeup() { ::close(fd_); }

void Wakeup::raise() const {
  const std::uint64_t one = 1;
  // Fails only when the counter is full: then it is raised already.
  [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
}

void Wakeup::clear() const {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = ::read(fd_, &count, sizeof count);
}

std::uint64_t monotonic_ms() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
}

base::Error zmq_error(base::ErrorKind kind, const std::string& tried) {
  return {kind, "cannot " + tried + ": " + zmq_strerror(errno)};
}

}  // namespace besa::transport
