#include "transport/client_connection.h"

#include <array>
#include <cerrno>

namespace besa::transport {
namespace {

constexpr int kConnectMs = 5'000;
constexpr int kEvents = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                        ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                        ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED;

bool set_options(ZmqSocket& socket, const std::optional<CurveClient>& curve, const std::string& socks_proxy,
                 const std::string& endpoint) {
  if (!socket || !set_common_options(socket)) return false;
  if (!socket.set(ZMQ_RECONNECT_IVL, -1) || !socket.set(ZMQ_CONNECT_TIMEOUT, kConnectMs)) return false;
  if (endpoint.find('[') != std::string::npos && !socket.set(ZMQ_IPV6, 1)) return false;
  if (!socks_proxy.empty() && !socket.set(ZMQ_SOCKS_PROXY, std::string_view{socks_proxy})) return false;
  return !curve || (socket.set(ZMQ_CURVE_SERVERKEY, curve->server.view()) &&
                    socket.set(ZMQ_CURVE_PUBLICKEY, curve->own_public.view()) &&
                    socket.set(ZMQ_CURVE_SECRETKEY, curve->own_secret));
}

}  // namespace

base::Result<ClientConnection> ClientConnection::open(const ZmqContext& context, const std::string& name,
                                                      const std::string& endpoint,
                                                      const std::optional<CurveClient>& curve,
                                                      const std::string& socks_proxy) {
  ClientConnection made;
  made.socket_ = ZmqSocket(context, ZMQ_DEALER);
  if (!set_options(made.socket_, curve, socks_proxy, endpoint)) {
    return tl::unexpected(zmq_error(base::ErrorKind::configuration, "set up the connection"));
  }
  made.monitor_ = open_monitor(context, made.socket_, name, kEvents);
  if (!made.monitor_ || zmq_connect(made.socket_.get(), endpoint.c_str()) != 0) {
    return tl::unexpected(zmq_error(base::ErrorKind::configuration, "connect to " + endpoint));
  }
  return made;
}

ClientConnection::~ClientConnection() {
  if (socket_) zmq_socket_monitor(socket_.get(), nullptr, 0);
  socket_.close();
}

ClientConnection& ClientConnection::operator=(ClientConnection&& other) noexcept {
  if (socket_) zmq_socket_monitor(socket_.get(), nullptr, 0);
  socket_ = std::move(other.socket_);
  monitor_ = std::move(other.monitor_);
  lost_ = other.lost_;
  return *this;
}

Handshake ClientConnection::wait_handshake(std::uint64_t deadline_ms, const Wakeup& wakeup) {
  while (true) {
    MonitorEvent event;
    while (next_event(monitor_, event)) {
      if (event.event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) return Handshake::admitted;
      lost_ = true;
      return event.event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH && event.value == 400 ? Handshake::refused_key
                                                                                  : Handshake::failed;
    }
    const std::uint64_t now = monotonic_ms();
    if (now >= deadline_ms) return Handshake::timed_out;
    std::array<zmq_pollitem_t, 2> items{{{monitor_.get(), 0, ZMQ_POLLIN, 0}, {nullptr, wakeup.fd(), ZMQ_POLLIN, 0}}};
    const int ready = zmq_poll(items.data(), static_cast<int>(items.size()), static_cast<long>(deadline_ms - now));
    if (ready < 0 && errno != EINTR) return Handshake::failed;
    if ((items[1].revents & ZMQ_POLLIN) != 0) return Handshake::interrupted;
  }
}

bool ClientConnection::lost() {
  MonitorEvent event;
  while (next_event(monitor_, event)) lost_ = lost_ || event.event != ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
  return lost_;
}

}  // namespace besa::transport
