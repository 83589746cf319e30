// HTTP on a Unix socket, for the programs of one machine. The socket's mode is 0600, and the kernel's word on the peer
// (SO_PEERCRED) must be our own user or root: others get 403. A body over kHttpBodyBytes gets 413. Every answer is
// whole in memory; nothing is streamed.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "program/http.h"

namespace besa::program {

struct HttpServerOptions {
  std::string socket_path;     // at most 107 bytes, in an existing folder
  unsigned connections = 64;   // at once, a thread each; more are closed
  unsigned idle_seconds = 30;  // a silent connection is closed
};

class HttpServer {
 public:
  // Called on a thread of its connection, several at once. May block; an exception becomes a 500.
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  // A socket file that nobody listens on is removed first; a live one is already_exists.
  // Errors: already_exists, configuration (path too long, or something that is no socket stands there), denied, io.
  [[nodiscard]] static base::Result<std::unique_ptr<HttpServer>> start(const HttpServerOptions& options,
                                                                       Handler handler);
  // Waits for running handlers, then removes the socket file.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  struct Parts;

 private:
  explicit HttpServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace besa::program
