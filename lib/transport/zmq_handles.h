// Inside lib/transport only: owners of libzmq's handles. Nothing here throws; errno tells what failed.
#pragma once

#include <zmq.h>

#include <cstdint>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"

namespace besa::transport {

// Debian's header names it only for draft builds; the library knows it. Without it an empty domain lets strangers in.
inline constexpr int kZapEnforceDomain = 93;

class ZmqContext {
 public:
  ZmqContext() : handle_(zmq_ctx_new()) {}
  ~ZmqContext();
  ZmqContext(const ZmqContext&) = delete;
  ZmqContext& operator=(const ZmqContext&) = delete;
  void* get() const { return handle_; }

 private:
  void* handle_;
};

class ZmqSocket {
 public:
  ZmqSocket() = default;
  ZmqSocket(const ZmqContext& context, int type) : handle_(zmq_socket(context.get(), type)) {}
  ~ZmqSocket() { close(); }
  ZmqSocket(ZmqSocket&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  ZmqSocket& operator=(ZmqSocket&& other) noexcept;
  ZmqSocket(const ZmqSocket&) = delete;
  ZmqSocket& operator=(const ZmqSocket&) = delete;

  void* get() const { return handle_; }
  explicit operator bool() const { return handle_ != nullptr; }
  void close();

  bool set(int option, int value) { return zmq_setsockopt(handle_, option, &value, sizeof value) == 0; }
  bool set(int option, std::int64_t value) { return zmq_setsockopt(handle_, option, &value, sizeof value) == 0; }
  bool set(int option, base::ByteView value) {
    return zmq_setsockopt(handle_, option, value.data(), value.size()) == 0;
  }
  bool set(int option, std::string_view value) { return set(option, base::as_bytes(value)); }

  // One frame, without waiting. False: errno.
  bool send(base::ByteView frame, bool more);

 private:
  void* handle_ = nullptr;
};

class ZmqMessage {
 public:
  ZmqMessage() { zmq_msg_init(&message_); }
  ~ZmqMessage() { zmq_msg_close(&message_); }
  ZmqMessage(const ZmqMessage&) = delete;
  ZmqMessage& operator=(const ZmqMessage&) = delete;

  // Replaces the content by the next frame at hand, without waiting. False: errno.
  bool receive(const ZmqSocket& socket) { return zmq_msg_recv(&message_, socket.get(), ZMQ_DONTWAIT) >= 0; }
  bool more() const { return zmq_msg_more(&message_) != 0; }
  base::ByteView view() const {
    return {static_cast<const std::uint8_t*>(zmq_msg_data(const_cast<zmq_msg_t*>(&message_))), zmq_msg_size(&message_)};
  }
  // A property of the connection it came on; empty if there is none.
  std::string_view property(const char* name) const;

 private:
  mutable zmq_msg_t message_{};
};

// Reads and throws away what is left of a message whose last read frame said "more".
void drain(const ZmqSocket& socket, ZmqMessage& message);

// What a socket monitor reports; see zmq_socket_monitor(3).
struct MonitorEvent {
  int event = 0;
  std::uint32_t value = 0;
};
// The next event at hand, if any.
bool next_event(const ZmqSocket& monitor, MonitorEvent& out);
// Starts the monitor of `socket` and gives the end to read from. `name` is unique in the context.
ZmqSocket open_monitor(const ZmqContext& context, const ZmqSocket& socket, const std::string& name, int events);

// The limits and timeouts that both ends share.
bool set_common_options(ZmqSocket& socket);

// An eventfd.
class Wakeup {
 public:
  Wakeup();
  ~Wakeup();
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;
  int fd() const { return fd_; }
  void raise() const;
  void clear() const;

 private:
  int fd_;
};

// Milliseconds of a clock that never falls.
std::uint64_t monotonic_ms();

// `configuration` or `io`, with libzmq's words.
base::Error zmq_error(base::ErrorKind kind, const std::string& tried);

}  // namespace besa::transport
