#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "program/file.h"
#include "program/http_client.h"
#include "program/http_server.h"
#include "tests/unit/program/scratch.h"

// That another user is refused cannot be tried without a second user: by hand, with root's `sudo -u`.
namespace besa::program::test {
namespace {

constexpr std::uint32_t kSoonMs = 20'000;

HttpResponse describe(const HttpRequest& r) {
  std::string query;
  for (const auto& [key, value] : r.query) query += key + "=" + value + ";";
  return {200, "text/plain", r.method + " " + r.path + " " + query + " " + r.body};
}

struct Served {
  Scratch scratch;
  std::string path = scratch / "api.sock";
  std::unique_ptr<HttpServer> server;
  HttpClient client{path};

  explicit Served(HttpServer::Handler handler = describe) {
    auto started = HttpServer::start({.socket_path = path}, std::move(handler));
    EXPECT_TRUE(started);
    if (started) server = std::move(*started);
  }
};

// A connection that says what it likes.
class RawPeer {
 public:
  explicit RawPeer(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    const timeval patience{20, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~RawPeer() { ::close(fd_); }
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  // Sends, then reads until the other side closes.
  std::string exchange(const std::string& bytes) {
    [[maybe_unused]] const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    ::shutdown(fd_, SHUT_WR);
    std::string all;
    char buffer[4096];
    ssize_t n = 0;
    while ((n = ::recv(fd_, buffer, sizeof buffer, 0)) > 0) all.append(buffer, static_cast<std::size_t>(n));
    return all;
  }

 private:
  int fd_;
};

std::string kind_of(const base::Result<HttpResponse>& r) {
  return r ? std::to_string(r->status) : std::string{to_string(r.error().kind)};
}

TEST(Http, ARequestGoesThere) {
  const Served served;
  const auto response = served.client.post("/messages/a%20b?state=queued&to=x%26y", "{\"a\":1}", kSoonMs);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 200u);
  EXPECT_EQ(response->content_type, "text/plain");
  EXPECT_EQ(response->body, "POST /messages/a b state=queued;to=x&y; {\"a\":1}");
}

TEST(Http, GetAndDeleteAndAnEmptyPost) {
  const Served served;
  EXPECT_EQ(served.client.get("/a", kSoonMs).value().body, "GET /a  ");
  EXPECT_EQ(served.client.request("DELETE", "/a", "", kSoonMs).value().body, "DELETE /a  ");
  EXPECT_EQ(served.client.post("/a", "", kSoonMs).value().body, "POST /a  ");
}

TEST(Http, AFailingStatusIsAResponse) {
  const Served served([](const HttpRequest&) { return HttpResponse{404, "application/json", "{}"}; });
  const auto response = served.client.get("/none", kSoonMs);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 404u);
  EXPECT_EQ(response->body, "{}");
}

TEST(Http, TheLargestBodyGoesBothWays) {
  const Served served([](const HttpRequest& r) { return HttpResponse{200, "text/plain", r.body}; });
  const std::string large(kHttpBodyBytes, 'x');
  const auto response = served.client.post("/", large, kSoonMs);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, large);
}

TEST(Http, ALargerBodyIsRefused) {
  bool asked = false;
  const Served served([&](const HttpRequest&) {
    asked = true;
    return HttpResponse{};
  });
  EXPECT_EQ(kind_of(served.client.post("/", std::string(kHttpBodyBytes + 1, 'x'), kSoonMs)), "413");
  EXPECT_FALSE(asked);
}

TEST(Http, ALargerBodyInChunksIsRefused) {
  const Served served;
  std::string bytes = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 3; ++i) bytes += "100000\r\n" + std::string(0x100000, 'x') + "\r\n";
  bytes += "0\r\n\r\n";
  EXPECT_NE(RawPeer(served.path).exchange(bytes).find(" 413 "), std::string::npos);
}

TEST(Http, AnAnswerTooLongIsMalformed) {
  const Served served(
      [](const HttpRequest&) { return HttpResponse{200, "text/plain", std::string(kHttpBodyBytes + 1, 'x')}; });
  EXPECT_EQ(kind_of(served.client.get("/", kSoonMs)), "malformed");
}

class HttpGarbage : public testing::TestWithParam<std::string> {};

TEST_P(HttpGarbage, NeverReachesTheHandlerAndOthersAreServed) {
  int asked = 0;
  const Served served([&](const HttpRequest&) {
    ++asked;
    return HttpResponse{};
  });
  const std::string answer = RawPeer(served.path).exchange(GetParam());
  EXPECT_EQ(answer.find("200 OK"), std::string::npos);
  EXPECT_EQ(asked, 0);
  EXPECT_EQ(kind_of(served.client.get("/", kSoonMs)), "200");
}

INSTANTIATE_TEST_SUITE_P(All, HttpGarbage,
                         testing::Values(std::string(4096, '\0'), std::string(200'000, 'A'), "hello\r\n\r\n",
                                         "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n",
                                         "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
                                         "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nshort",
                                         "GET / HTTP/1.1\r\n" + std::string(100'000, 'a') + ": b\r\n\r\n"));

TEST(Http, AHandlerThatThrowsIsA500) {
  const Served served([](const HttpRequest&) -> HttpResponse { throw std::runtime_error("secret"); });
  const auto response = served.client.get("/", kSoonMs);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 500u);
  EXPECT_EQ(response->body.find("secret"), std::string::npos);
}

TEST(Http, ASlowHandlerDoesNotHoldOthers) {
  std::atomic<bool> go{false};
  const Served served([&](const HttpRequest& r) {
    while (r.path == "/slow" && !go) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return HttpResponse{};
  });
  std::thread slow([&] { EXPECT_EQ(kind_of(served.client.get("/slow", kSoonMs)), "200"); });
  for (int i = 0; i < 5; ++i) EXPECT_EQ(kind_of(served.client.get("/quick", kSoonMs)), "200");
  go = true;
  slow.join();
}

TEST(Http, NoAnswerInTimeIsUnavailable) {
  std::atomic<bool> go{false};
  const Served served([&](const HttpRequest&) {
    while (!go) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return HttpResponse{};
  });
  EXPECT_EQ(kind_of(served.client.get("/", 100)), "unavailable");
  go = true;
}

TEST(Http, NobodyThereIsUnavailable) {
  const Scratch scratch;
  EXPECT_EQ(kind_of(HttpClient(scratch / "none.sock").get("/", kSoonMs)), "unavailable");
}

TEST(Http, ATargetThatNeedsEncodingIsMalformed) {
  const HttpClient client("unused");
  for (const char* target : {"", "x", "/a b", "/a\r\nX: y", "/\xc3\xa9"}) {
    EXPECT_EQ(kind_of(client.get(target, kSoonMs)), "malformed") << target;
  }
  EXPECT_EQ(url_encode("a b/é~"), "a%20b%2F%C3%A9~");
}

TEST(HttpSocket, IsForUsAlone) {
  const Served served;
  struct stat about{};
  ASSERT_EQ(::stat(served.path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
}

TEST(HttpSocket, IsRemovedAtTheEnd) {
  Served served;
  served.server.reset();
  EXPECT_FALSE(exists(served.path));
}

TEST(HttpSocket, AStaleFileIsReplaced) {
  const Scratch scratch;
  const std::string path = scratch / "api.sock";
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(fd);  // as after a crash: the file stays
  EXPECT_TRUE(HttpServer::start({.socket_path = path}, describe));
}

TEST(HttpSocket, ALiveOneIsNotTaken) {
  const Served served;
  const auto second = HttpServer::start({.socket_path = served.path}, describe);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, base::ErrorKind::already_exists);
  EXPECT_EQ(kind_of(served.client.get("/", kSoonMs)), "200");
}

TEST(HttpSocket, AnotherFileIsNotRemoved) {
  const Scratch scratch;
  ASSERT_TRUE(write_file(scratch / "file", base::as_bytes("precious")));
  const auto started = HttpServer::start({.socket_path = scratch / "file"}, describe);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind, base::ErrorKind::configuration);
  EXPECT_EQ(read_text_file(scratch / "file", 100).value(), "precious");
}

TEST(HttpSocket, APathTooLongIsTheAdministratorsToChange) {
  const auto started = HttpServer::start({.socket_path = "/tmp/" + std::string(200, 'x')}, describe);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind, base::ErrorKind::configuration);
}

}  // namespace
}  // namespace besa::program::test
