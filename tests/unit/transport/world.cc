#include "tests/unit/transport/world.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>

namespace besa::transport::test {

World::World() { start(options()); }

GateOptions World::options() {
  GateOptions o;
  o.admit = [this](const base::TransportKey& key) {
    return key == alice.public_key() || (bob_is_member && key == bob.public_key());
  };
  return o;
}

void World::start(GateOptions with) {
  gate.reset();
  auto started = Gate::start(with, broker);
  ASSERT_TRUE(started) << started.error().message;
  gate = std::move(*started);
}

std::vector<Request> World::requests(std::size_t count) {
  std::vector<Request> all;
  const std::uint64_t end = monotonic_ms() + kSoonMs;
  while (all.size() < count && monotonic_ms() < end) {
    for (Request& r : gate->poll(50)) all.push_back(std::move(r));
  }
  return all;
}

RawClient::RawClient(const World& world, const crypto::TransportSecret& own) {
  const CurveClient curve{world.broker.public_key(), own.public_key(), own.view()};
  auto opened = ClientConnection::open(context_, "raw", world.gate->endpoint(), curve, "");
  if (opened) connection_ = std::move(*opened);
}

Handshake RawClient::handshake() { return connection_.wait_handshake(monotonic_ms() + kSoonMs, never_); }

bool RawClient::send(const std::vector<base::Bytes>& frames) {
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (!connection_.socket().send(frames[i], i + 1 < frames.size())) return false;
  }
  return true;
}

std::string RawClient::receive(std::uint32_t timeout_ms) {
  zmq_pollitem_t item{connection_.socket().get(), 0, ZMQ_POLLIN, 0};
  if (zmq_poll(&item, 1, static_cast<long>(timeout_ms)) <= 0) return "nothing";
  ZmqMessage message;
  if (!message.receive(connection_.socket())) return "nothing";
  std::string all{base::as_text(message.view())};
  while (message.more() && message.receive(connection_.socket())) all += base::as_text(message.view());
  return all;
}

bool RawClient::lost_within(std::uint32_t timeout_ms) {
  const std::uint64_t end = monotonic_ms() + timeout_ms;
  while (monotonic_ms() < end) {
    if (connection_.lost()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

Serving::Serving(Gate& gate, Handler handler) : gate_(gate) {
  thread_ = std::thread([this, handler = std::move(handler)] {
    while (!stop_) {
      for (const Request& request : gate_.poll(1'000)) {
        const std::string answer = handler(request);
        if (answer != kSilence) static_cast<void>(gate_.reply(request.token, base::as_bytes(answer)));
      }
    }
  });
}

Serving::~Serving() {
  stop_ = true;
  gate_.wake();
  thread_.join();
}

TcpPeer::TcpPeer(const std::string& endpoint) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1))));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
}

TcpPeer::~TcpPeer() { ::close(fd_); }

void TcpPeer::send(base::ByteView bytes) {
  // The other side may have closed already; that is what the tests look for.
  [[maybe_unused]] const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

bool TcpPeer::closed_within(std::uint32_t timeout_ms) {
  const std::uint64_t end = monotonic_ms() + timeout_ms;
  while (monotonic_ms() < end) {
    pollfd item{fd_, POLLIN, 0};
    if (::poll(&item, 1, static_cast<int>(end - monotonic_ms())) <= 0) continue;
    std::array<char, 4096> buffer{};
    if (::recv(fd_, buffer.data(), buffer.size(), 0) <= 0) return true;
  }
  return false;
}

std::unique_ptr<Requester> requester(const World& world, const crypto::TransportSecret& own, std::uint32_t backoff_ms) {
  RequesterOptions o;
  o.endpoint = world.gate->endpoint();
  o.broker = world.broker.public_key();
  o.backoff_first_ms = backoff_ms;
  auto made = Requester::create(o, own, [] { return std::uint64_t{7}; });
  EXPECT_TRUE(made);
  return made ? std::move(*made) : nullptr;
}

bool eventually(const std::function<bool()>& condition) {
  const std::uint64_t end = monotonic_ms() + kSoonMs;
  while (monotonic_ms() < end) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return condition();
}

}  // namespace besa::transport::test
