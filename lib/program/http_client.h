// Asks a local HTTP server over its Unix socket. One connection a request.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "program/http.h"

namespace besa::program {

class HttpClient {
 public:
  explicit HttpClient(std::string socket_path) : socket_path_(std::move(socket_path)) {}

  // `target` is the path with its query, already encoded: /messages?state=queued. A status that says failure is still
  // a response. Errors: unavailable (nobody listens, no answer in time), denied (the socket is not ours), malformed
  // (answer over kHttpBodyBytes, or none that is HTTP).
  [[nodiscard]] base::Result<HttpResponse> request(std::string_view method, const std::string& target,
                                                   std::string_view body, std::uint32_t timeout_ms) const;
  [[nodiscard]] base::Result<HttpResponse> get(const std::string& target, std::uint32_t timeout_ms) const {
    return request("GET", target, {}, timeout_ms);
  }
  [[nodiscard]] base::Result<HttpResponse> post(const std::string& target, std::string_view body,
                                                std::uint32_t timeout_ms) const {
    return request("POST", target, body, timeout_ms);
  }

 private:
  std::string socket_path_;
};

// Percent-encodes everything but letters, digits and -._~ (RFC 3986 section 2.3).
std::string url_encode(std::string_view text);

}  // namespace besa::program
