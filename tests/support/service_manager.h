// What systemd is to a daemon, as far as a test needs it: a socket for its messages, and a reader of its port.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace besa::support {

// While one exists, programs that are started find it in their environment.
class ServiceManager {
 public:
  // `watchdog_ms`: how often it wants to be fed; 0: not at all.
  explicit ServiceManager(const std::filesystem::path& socket, std::uint32_t watchdog_ms = 0);
  ~ServiceManager();
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  // Waits up to 20 s for a message that begins so, and gives it; others are passed over. Empty: none came.
  std::string await(const std::string& beginning) const;

 private:
  int socket_ = -1;
};

// A port of loopback that nobody listened on a moment ago.
std::uint16_t free_port();
// Status line, headers and body of GET; empty if nobody listens there.
std::string http_get(std::uint16_t port, const std::string& path);
std::string http_body(const std::string& answer);

}  // namespace besa::support
