// The page of metrics, the port that it is read from, the pulse of a thread, and what the service manager is told.
#include "program/monitor.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>

#include "program/notify.h"
#include "program/pulse.h"
#include "tests/support/exposition.h"
#include "tests/unit/program/scratch.h"

namespace besa::program::test {
namespace {

// Sends bytes to a port of loopback and reads until the other side closes.
std::string ask_port(std::uint16_t port, const std::string& bytes) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  [[maybe_unused]] const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  std::string out;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::read(fd, buffer, sizeof buffer)) > 0;) {
    out.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(fd);
  return out;
}

std::string get(std::uint16_t port, const std::string& path, const std::string& host = "127.0.0.1") {
  return ask_port(port, "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

struct Watched {
  std::string ill;
  std::string not_ready;
  Histogram histogram{{1, 10}};
  std::unique_ptr<Monitor> monitor;

  Watched() {
    auto started = Monitor::start("127.0.0.1", 0,
                                  {[this](MetricsPage& page) {
                                     page.counter("besa_things_total", "Things.", 3, {{"level", LogLevel::info}});
                                     page.counter("besa_things_total", "Things.", 4, {{"level", LogLevel::debug}});
                                     page.histogram("besa_sizes", "Sizes.", histogram);
                                   },
                                   [this] { return ill; }, [this] { return not_ready; }});
    EXPECT_TRUE(started);
    if (started) monitor = std::move(*started);
  }
};

TEST(Monitor, MetricsAreInTheFormatAndMean) {
  Watched watched;
  watched.histogram.observe(5);
  const std::string answer = get(watched.monitor->port(), "/metrics");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200")) << answer;
  EXPECT_TRUE(has(answer, "version=0.0.4")) << answer;
  const auto page = support::read_exposition(answer.substr(answer.find("\r\n\r\n") + 4));
  EXPECT_EQ(page.complaints, std::vector<std::string>{});
  EXPECT_EQ(page.of("besa_things_total{level=\"info\"}"), 3);
  EXPECT_EQ(page.of("besa_things_total{level=\"debug\"}"), 4);
  EXPECT_EQ(page.of("besa_sizes_bucket{le=\"1\"}"), 0);
  EXPECT_EQ(page.of("besa_sizes_bucket{le=\"10\"}"), 1);
  EXPECT_EQ(page.of("besa_up"), 1);
  EXPECT_GT(page.of("besa_memory_resident_bytes"), 1e6);
}

TEST(Monitor, HealthSaysWhyNot) {
  Watched watched;
  const std::uint16_t port = watched.monitor->port();
  EXPECT_TRUE(get(port, "/healthz").starts_with("HTTP/1.1 200"));
  EXPECT_TRUE(get(port, "/readyz").starts_with("HTTP/1.1 200"));
  watched.not_ready = "nothing is appended: clock";
  EXPECT_TRUE(get(port, "/healthz").starts_with("HTTP/1.1 200"));
  const std::string not_ready = get(port, "/readyz");
  EXPECT_TRUE(not_ready.starts_with("HTTP/1.1 503")) << not_ready;
  EXPECT_TRUE(has(not_ready, "nothing is appended: clock"));
  watched.ill = "a thread stands still: gate";
  EXPECT_TRUE(get(port, "/healthz").starts_with("HTTP/1.1 503"));
}

TEST(Monitor, OnlyGetOnlyItsPathsOnlyLoopback) {
  const Watched watched;
  const std::uint16_t port = watched.monitor->port();
  EXPECT_TRUE(
      ask_port(port, "POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
          .starts_with("HTTP/1.1 405"));
  EXPECT_TRUE(get(port, "/").starts_with("HTTP/1.1 404"));
  EXPECT_TRUE(get(port, "/metrics/../x").starts_with("HTTP/1.1 404"));
  for (const char* host : {"127.0.0.1:9464", "localhost", "localhost:9464", "[::1]:9464", "127.0.0.2"}) {
    EXPECT_TRUE(get(port, "/healthz", host).starts_with("HTTP/1.1 200")) << host;
  }
  for (const char* host : {"evil.example", "evil.example:9464", "10.0.0.1", "127.0.0.1.evil.example", "[::2]", "["}) {
    EXPECT_TRUE(get(port, "/metrics", host).starts_with("HTTP/1.1 403")) << host;
  }
}

TEST(Monitor, AnAddressThatOthersReachIsTheAdministratorsToChange) {
  for (const char* address : {"0.0.0.0", "::", "10.0.0.1", "192.168.1.1", "localhost", "", "128.0.0.1", "127.0.0.1 "}) {
    EXPECT_FALSE(is_loopback(address)) << address;
    const auto refused = Monitor::start(address, 0, {});
    ASSERT_FALSE(refused) << address;
    EXPECT_EQ(refused.error().kind, base::ErrorKind::configuration) << address;
  }
  EXPECT_TRUE(is_loopback("127.0.0.1"));
  EXPECT_TRUE(is_loopback("127.1.2.3"));
  EXPECT_TRUE(is_loopback("::1"));
}

TEST(Monitor, APortInUseIsTheAdministratorsToChange) {
  const Watched watched;
  const auto second = Monitor::start("127.0.0.1", watched.monitor->port(), {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, base::ErrorKind::configuration);
}

TEST(Pulse, StandsStillOnlyWhileItShouldMove) {
  Pulse pulse;
  EXPECT_FALSE(pulse.stands_still(1'000'000, 10)) << "at rest";
  pulse.beat(0);
  EXPECT_FALSE(pulse.stands_still(10, 10));
  EXPECT_TRUE(pulse.stands_still(11, 10));
  pulse.beat(11);
  EXPECT_FALSE(pulse.stands_still(21, 10));
  pulse.rest();
  EXPECT_FALSE(pulse.stands_still(1'000, 10));
}

// A service manager that only listens.
class NotifySocket {
 public:
  explicit NotifySocket(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  ~NotifySocket() {
    ::unsetenv("NOTIFY_SOCKET");
    ::close(fd_);
  }
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;
  std::string next() const {
    char buffer[4096];
    const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
    return got < 0 ? "" : std::string(buffer, static_cast<std::size_t>(got));
  }

 private:
  int fd_;
};

TEST(Notify, TheServiceManagerIsToldALineEach) {
  const Scratch scratch;
  const NotifySocket socket(scratch / "notify");
  notify_ready();
  EXPECT_EQ(socket.next(), "READY=1");
  notify_status("all is well\nMAINPID=1");
  EXPECT_EQ(socket.next(), "STATUS=all is well MAINPID=1");
  notify_reloading();
  EXPECT_TRUE(socket.next().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  notify_stopping();
  EXPECT_EQ(socket.next(), "STOPPING=1");
}

TEST(Watchdog, IsFedOnlyWhileAliveAndNotTooOften) {
  const Scratch scratch;
  const NotifySocket socket(scratch / "notify");
  ::setenv("WATCHDOG_USEC", "3000000", 1);
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  Watchdog watchdog;
  EXPECT_TRUE(watchdog.wanted());
  EXPECT_EQ(::getenv("WATCHDOG_USEC"), nullptr) << "started programs must not speak for us";
  watchdog.feed(true, 10'000);
  EXPECT_EQ(socket.next(), "WATCHDOG=1");
  watchdog.feed(true, 10'999);
  EXPECT_EQ(socket.next(), "");
  watchdog.feed(false, 12'000);
  EXPECT_EQ(socket.next(), "") << "a thread stands still: the service manager must find out";
  watchdog.feed(true, 12'001);
  EXPECT_EQ(socket.next(), "WATCHDOG=1");
}

TEST(Watchdog, IsNotWantedWithoutAServiceManager) {
  ::unsetenv("WATCHDOG_USEC");
  EXPECT_FALSE(Watchdog().wanted());
}

}  // namespace
}  // namespace besa::program::test
