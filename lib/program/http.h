// What the local HTTP server and client exchange.
#pragma once

#include <cstddef>
#include <map>
#include <string>

namespace besa::program {

inline constexpr std::size_t kHttpBodyBytes = std::size_t{2} * 1024 * 1024;

struct HttpRequest {
  std::string method;                        // GET, POST, PUT, DELETE
  std::string path;                          // decoded, without the query
  std::map<std::string, std::string> query;  // decoded; of a repeated name the last
  std::string body;                          // at most kHttpBodyBytes
};

struct HttpResponse {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
};

}  // namespace besa::program
