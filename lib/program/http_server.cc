#include "program/http_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/check.h"
#include "program/file.h"

namespace besa::program {
namespace {

constexpr int kBacklog = 64;
constexpr std::size_t kConnectionMemory = std::size_t{32} * 1024;  // header lines
constexpr std::size_t kThrownAway = 4 * kHttpBodyBytes;

// What is known of a request while its body comes in.
struct Incoming {
  HttpRequest request;
  std::size_t received = 0;

  Incoming() = default;
  Incoming(const Incoming&) = delete;
  Incoming& operator=(const Incoming&) = delete;
  ~Incoming() { ::explicit_bzero(request.body.data(), request.body.size()); }  // it may have held a person's code
};

// "127.0.0.1", "127.0.0.1:9464", "[::1]:9464", "localhost:9464"; none (HTTP/1.0) is fine as well.
bool host_is_loopback(MHD_Connection* connection) {
  const char* header = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);
  std::string host = header == nullptr ? "localhost" : header;
  if (const std::size_t end = host.find(']'); host.starts_with('[') && end != std::string::npos) {
    host = host.substr(1, end - 1);
  } else {
    host = host.substr(0, host.find(':'));
  }
  return host == "localhost" || is_loopback(host);
}

bool peer_is_ours(MHD_Connection* connection) {
  const MHD_ConnectionInfo* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  if (info == nullptr) return false;
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(info->connect_fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == 0 || peer.uid == ::geteuid();
}

MHD_Result answer(MHD_Connection* connection, const HttpResponse& response) {
  MHD_Response* made = MHD_create_response_from_buffer(response.body.size(), const_cast<char*>(response.body.data()),
                                                       MHD_RESPMEM_MUST_COPY);
  if (made == nullptr) return MHD_NO;
  MHD_add_response_header(made, MHD_HTTP_HEADER_CONTENT_TYPE, response.content_type.c_str());
  MHD_add_response_header(made, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
  const MHD_Result queued = MHD_queue_response(connection, response.status, made);
  MHD_destroy_response(made);
  return queued;
}

HttpResponse problem(unsigned status, const char* code) {
  return {status, "application/json", std::string{"{\"error\":\""} + code + "\"}"};
}

bool announces_too_much(MHD_Connection* connection) {
  const char* length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
  if (length == nullptr) return false;
  // microhttpd has refused what is not a number; more than 19 digits is too much in any case.
  return std::strlen(length) > 19 || std::strtoull(length, nullptr, 10) > kHttpBodyBytes;
}

MHD_Result collect_query(void* into, MHD_ValueKind, const char* key, const char* value) {
  auto& query = *static_cast<std::map<std::string, std::string>*>(into);
  query[key] = value == nullptr ? "" : value;
  return MHD_YES;
}

// The socket file, ready for connections. Between bind and listen nobody can connect, so the mode is set in time.
base::Result<int> listen_on(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return tl::unexpected(file_error(errno, "make the socket", path));
  const bool ok = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                  ::chmod(path.c_str(), 0600) == 0 && ::listen(fd, kBacklog) == 0;
  if (ok) return fd;
  const int error_number = errno;
  ::close(fd);
  return tl::unexpected(file_error(error_number, "listen on", path));
}

union SocketAddress {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

// The address with its port, of loopback only; otherwise its family is AF_UNSPEC.
SocketAddress loopback_address(const std::string& text, std::uint16_t port) {
  SocketAddress out{};
  in_addr v4{};
  in6_addr v6{};
  if (::inet_pton(AF_INET, text.c_str(), &v4) == 1 && (ntohl(v4.s_addr) >> 24) == 127) {
    out.v4 = {};
    out.v4.sin_family = AF_INET;
    out.v4.sin_port = htons(port);
    out.v4.sin_addr = v4;
  } else if (::inet_pton(AF_INET6, text.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6)) {
    out.v6 = {};
    out.v6.sin6_family = AF_INET6;
    out.v6.sin6_port = htons(port);
    out.v6.sin6_addr = v6;
  }
  return out;
}

base::Result<int> listen_on_port(const HttpServerOptions& options) {
  const std::string name = options.address + ":" + std::to_string(options.port);
  const SocketAddress address = loopback_address(options.address, options.port);
  if (address.any.sa_family == AF_UNSPEC) {
    return base::fail(base::ErrorKind::configuration,
                      options.address + " can be reached from elsewhere, or is no address: use 127.0.0.1 or ::1");
  }
  const int fd = ::socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return tl::unexpected(file_error(errno, "make the socket", name));
  const int yes = 1;
  const bool ok = ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
                  ::bind(fd, &address.any, sizeof address) == 0 && ::listen(fd, kBacklog) == 0;
  if (ok) return fd;
  base::Error error = file_error(errno, "listen on", name);
  if (errno == EADDRINUSE) error = {base::ErrorKind::configuration, name + " is in use: name another port"};
  ::close(fd);
  return tl::unexpected(std::move(error));
}

std::uint16_t port_of(int fd) {
  SocketAddress bound{};
  socklen_t size = sizeof bound;
  if (::getsockname(fd, &bound.any, &size) != 0) return 0;
  return ntohs(bound.any.sa_family == AF_INET6 ? bound.v6.sin6_port : bound.v4.sin_port);
}

// Removes a socket file that nobody listens on.
base::Status remove_stale(const std::string& path) {
  struct stat about{};
  if (::lstat(path.c_str(), &about) != 0) return {};
  if (!S_ISSOCK(about.st_mode)) {
    return base::fail(base::ErrorKind::configuration, path + " exists and is no socket; remove it or name another");
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return tl::unexpected(file_error(errno, "make the socket", path));
  const bool dead =
      ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 && errno == ECONNREFUSED;
  ::close(fd);
  if (!dead) return base::fail(base::ErrorKind::already_exists, path + " is in use; is the program running already?");
  if (::unlink(path.c_str()) != 0) return tl::unexpected(file_error(errno, "remove", path));
  return {};
}

}  // namespace

struct HttpServer::Parts {
  std::string path;  // empty: on a port
  std::uint16_t port = 0;
  Handler handler;
  MHD_Daemon* daemon = nullptr;

  ~Parts() {
    if (daemon == nullptr) return;
    MHD_stop_daemon(daemon);  // closes the listening socket
    if (!path.empty()) ::unlink(path.c_str());
  }

  MHD_Result begin(MHD_Connection* connection, const char* url, const char* method, void** state) {
    const bool may_ask = path.empty() ? host_is_loopback(connection) : peer_is_ours(connection);
    if (!may_ask) return answer(connection, problem(403, "denied"));
    if (announces_too_much(connection)) return answer(connection, problem(413, "too_large"));
    auto incoming = std::make_unique<Incoming>();
    incoming->request.method = method;
    incoming->request.path = url;
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, collect_query, &incoming->request.query);
    *state = incoming.release();  // forget() takes it back
    return MHD_YES;
  }

  MHD_Result take_body(Incoming& incoming, const char* data, std::size_t* size) {
    incoming.received += *size;
    if (incoming.received <= kHttpBodyBytes) incoming.request.body.append(data, *size);
    *size = 0;
    return incoming.received > kThrownAway ? MHD_NO : MHD_YES;
  }

  MHD_Result finish(MHD_Connection* connection, const Incoming& incoming) {
    if (incoming.received > kHttpBodyBytes) return answer(connection, problem(413, "too_large"));
    return answer(connection, handler(incoming.request));
  }
};

namespace {

// Exceptions (no memory, a careless handler) must not run through a C library.
MHD_Result on_request(void* parts_pointer, MHD_Connection* connection, const char* url, const char* method, const char*,
                      const char* data, std::size_t* size, void** state) {
  auto& parts = *static_cast<HttpServer::Parts*>(parts_pointer);
  try {
    if (*state == nullptr) return parts.begin(connection, url, method, state);
    auto& incoming = *static_cast<Incoming*>(*state);
    if (*size != 0) return parts.take_body(incoming, data, size);
    return parts.finish(connection, incoming);
  } catch (...) {
    return answer(connection, problem(500, "failed"));
  }
}

void forget(void*, MHD_Connection*, void** state, MHD_RequestTerminationCode) {
  delete static_cast<Incoming*>(*state);
  *state = nullptr;
}

void no_log(void*, const char*, va_list) {}

}  // namespace

namespace {

base::Result<int> open_socket(const HttpServerOptions& options) {
  if (options.socket_path.empty() && !options.address.empty()) return listen_on_port(options);
  if (options.socket_path.empty() || options.socket_path.size() >= sizeof(sockaddr_un::sun_path)) {
    return base::fail(base::ErrorKind::configuration, "the path of a socket has 1 to 107 bytes");
  }
  BESA_TRY(remove_stale(options.socket_path));
  return listen_on(options.socket_path);
}

}  // namespace

bool is_loopback(const std::string& address) { return loopback_address(address, 0).any.sa_family != AF_UNSPEC; }

base::Result<std::unique_ptr<HttpServer>> HttpServer::start(const HttpServerOptions& options, Handler handler) {
  BESA_CHECK(handler);
  BESA_ASSIGN(const int fd, open_socket(options));
  auto parts = std::make_unique<Parts>();
  parts->path = options.socket_path;
  parts->port = parts->path.empty() ? port_of(fd) : std::uint16_t{0};
  parts->handler = std::move(handler);
  constexpr unsigned kFlags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL;
  parts->daemon = MHD_start_daemon(kFlags, 0, nullptr, nullptr, &on_request, parts.get(), MHD_OPTION_EXTERNAL_LOGGER,
                                   &no_log, nullptr, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
                                   options.connections, MHD_OPTION_CONNECTION_TIMEOUT, options.idle_seconds,
                                   MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionMemory, MHD_OPTION_NOTIFY_COMPLETED,
                                   &forget, nullptr, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
  if (parts->daemon == nullptr) {
    ::close(fd);
    if (!parts->path.empty()) ::unlink(parts->path.c_str());
    return base::fail(base::ErrorKind::io, "cannot serve HTTP on " + options.socket_path + options.address);
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(parts)));
}

std::uint16_t HttpServer::port() const { return parts_->port; }

HttpServer::HttpServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
HttpServer::~HttpServer() = default;

}  // namespace besa::program
