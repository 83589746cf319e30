// HTTP for the programs of one machine, on a Unix socket or on a port of loopback.
//
// On a Unix socket, its mode is 0600, and the kernel's word on the peer (SO_PEERCRED) must be our own user or root:
// others get 403. On a port every user of the machine may ask, so nothing private is ever served there; a request that
// names another host than loopback gets 403, so that no web page in a browser of this machine reads it through a name
// of its own. A body over kHttpBodyBytes gets 413. Every answer is whole in memory; nothing is streamed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "program/http.h"

namespace besa::program {

// Is it an address that only this machine can reach?
bool is_loopback(const std::string& address);

struct HttpServerOptions {
  std::string socket_path{};   // at most 107 bytes, in an existing folder; or empty, and then:
  std::string address{};       // of loopback: 127.0.0.0/8 or ::1
  std::uint16_t port = 0;      // 0: any free one
  unsigned connections = 64;   // at once, a thread each; more are closed
  unsigned idle_seconds = 30;  // a silent connection is closed
};

class HttpServer {
 public:
  // Called on a thread of its connection, several at once. May block; an exception becomes a 500.
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  // A socket file that nobody listens on is removed first; a live one is already_exists.
  // Errors: already_exists, configuration (path too long, or something that is no socket stands there; an address that
  // is not of loopback, a port in use), denied, io.
  [[nodiscard]] static base::Result<std::unique_ptr<HttpServer>> start(const HttpServerOptions& options,
                                                                       Handler handler);
  // Waits for running handlers, then removes the socket file.
  ~HttpServer();
  // The one that was taken; 0 on a Unix socket.
  std::uint16_t port() const;
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  struct Parts;

 private:
  explicit HttpServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace besa::program
