#include "agents/node/reach.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

#include "base/bytes.h"
#include "base/descriptor.h"

namespace besa::node {
namespace {

using base::Bytes;
using base::Descriptor;
using base::ErrorKind;
using base::fail;
using base::Result;
using base::Status;

constexpr std::string_view kScheme = "tcp://";
constexpr std::uint8_t kSocks5 = 5;
constexpr std::size_t kHostBytes = 255;

struct Place {
  std::string host;
  std::string port;
};

Place place_of(std::string_view text) {
  if (text.starts_with(kScheme)) text.remove_prefix(kScheme.size());
  const std::size_t colon = std::min(text.rfind(':'), text.size());
  std::string_view host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return {std::string(host), std::string(colon < text.size() ? text.substr(colon + 1) : "")};
}

tl::unexpected<base::Error> unreachable(const Place& place, const std::string& why) {
  return fail(ErrorKind::unavailable, place.host + ":" + place.port + " " + why);
}

bool await(int fd, short events, std::uint32_t timeout_ms) {
  pollfd item{fd, events, 0};
  return ::poll(&item, 1, static_cast<int>(timeout_ms)) == 1;
}

// An empty text: connected.
std::string connect_to(const addrinfo& address, const Descriptor& socket, std::uint32_t timeout_ms) {
  if (::connect(socket.number(), address.ai_addr, address.ai_addrlen) == 0) return {};
  if (errno != EINPROGRESS) return std::strerror(errno);
  if (!await(socket.number(), POLLOUT, timeout_ms)) return "does not answer";
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(socket.number(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) return std::strerror(errno);
  return error == 0 ? std::string() : std::strerror(error);
}

Result<Descriptor> open_connection(const Place& place, std::uint32_t timeout_ms) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(place.host.c_str(), place.port.c_str(), &hints, &found); error != 0) {
    return unreachable(place, std::string("is not known by name: ") + ::gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(found, &::freeaddrinfo);
  std::string why = "has no address";
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    Descriptor socket(::socket(at->ai_family, at->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, at->ai_protocol));
    if (!socket) continue;
    why = connect_to(*at, socket, timeout_ms);
    if (why.empty()) return socket;
  }
  return unreachable(place, why);
}

bool send_all(int fd, base::ByteView bytes) {
  return ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

template <std::size_t N>
bool receive(int fd, std::array<std::uint8_t, N>& into, std::uint32_t timeout_ms) {
  std::size_t got = 0;
  while (got < N) {
    if (!await(fd, POLLIN, timeout_ms)) return false;
    const ssize_t n = ::recv(fd, into.data() + got, N - got, 0);
    if (n <= 0) return false;
    got += static_cast<std::size_t>(n);
  }
  return true;
}

// Reply codes of RFC 1928 section 6.
const char* socks_words(std::uint8_t code) {
  switch (code) {
    case 2: return "does not allow the connection";
    case 3: return "cannot reach the broker's network";
    case 4: return "cannot reach the broker's host";
    case 5: return "was refused by the broker's host: nothing listens there";
    default: return "could not connect to the broker";
  }
}

Status ask_proxy(const Descriptor& socket, const Place& proxy, const Place& broker, std::uint32_t timeout_ms) {
  std::array<std::uint8_t, 2> method{};
  if (!send_all(socket.number(), Bytes{kSocks5, 1, 0}) || !receive(socket.number(), method, timeout_ms)) {
    return unreachable(proxy, "does not speak SOCKS5");
  }
  if (method[0] != kSocks5 || method[1] != 0) return unreachable(proxy, "is no SOCKS5 proxy without a password");
  unsigned port = 0;
  std::from_chars(broker.port.data(), broker.port.data() + broker.port.size(), port);
  if (broker.host.size() > kHostBytes) return unreachable(broker, "has too long a name");
  base::ByteWriter request;
  request.u8(kSocks5).u8(1).u8(0).u8(3).u8(static_cast<std::uint8_t>(broker.host.size()));
  request.raw(std::string_view(broker.host)).u16(static_cast<std::uint16_t>(port));
  std::array<std::uint8_t, 4> reply{};
  if (!send_all(socket.number(), request.bytes()) || !receive(socket.number(), reply, timeout_ms)) {
    return unreachable(proxy, "gives no answer about the broker");
  }
  if (reply[1] != 0) return unreachable(proxy, socks_words(reply[1]));
  return {};
}

}  // namespace

Status reach(const std::string& endpoint, const std::string& socks_proxy, std::uint32_t timeout_ms) {
  const Place broker = place_of(endpoint);
  if (socks_proxy.empty()) {
    BESA_TRY(open_connection(broker, timeout_ms));
    return {};
  }
  const Place proxy = place_of(socks_proxy);
  BESA_ASSIGN(const Descriptor socket, open_connection(proxy, timeout_ms));
  return ask_proxy(socket, proxy, broker, timeout_ms);
}

}  // namespace besa::node
