// The settings without which libzmq waits too long, keeps too much or loses silently. Each is asked back, from the
// library or from the system.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <filesystem>

#include "base/limits.h"
#include "tests/unit/transport/world.h"

namespace besa::transport::test {
namespace {

struct Option {
  const char* name;
  int option;
  int expected;
};

class CommonOption : public testing::TestWithParam<Option> {};

TEST_P(CommonOption, IsSet) {
  const ZmqContext context;
  ZmqSocket socket(context, ZMQ_ROUTER);
  ASSERT_TRUE(set_common_options(socket));
  int value = -1;
  std::size_t size = sizeof value;
  ASSERT_EQ(zmq_getsockopt(socket.get(), GetParam().option, &value, &size), 0);
  EXPECT_EQ(value, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Options, CommonOption,
                         testing::Values(Option{"Linger", ZMQ_LINGER, 0}, Option{"Handshake", ZMQ_HANDSHAKE_IVL, 3'000},
                                         Option{"HeartbeatEvery", ZMQ_HEARTBEAT_IVL, 10'000},
                                         Option{"HeartbeatTimeout", ZMQ_HEARTBEAT_TIMEOUT, 30'000},
                                         Option{"HeartbeatTtl", ZMQ_HEARTBEAT_TTL, 40'000},
                                         Option{"SendMark", ZMQ_SNDHWM, 64}, Option{"ReceiveMark", ZMQ_RCVHWM, 64},
                                         Option{"KeepAlive", ZMQ_TCP_KEEPALIVE, 1}),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(CommonOptions, FrameIsBounded) {
  const ZmqContext context;
  ZmqSocket socket(context, ZMQ_ROUTER);
  ASSERT_TRUE(set_common_options(socket));
  std::int64_t value = -1;
  std::size_t size = sizeof value;
  ASSERT_EQ(zmq_getsockopt(socket.get(), ZMQ_MAXMSGSIZE, &value, &size), 0);
  EXPECT_GE(value, std::int64_t{base::limits::kFrameBytes});
  EXPECT_LE(value, std::int64_t{base::limits::kFrameBytes} + 64);
}

int int_option(int file, int level, int option) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(file, level, option, &value, &size) == 0 ? value : -1;
}

int port_of(int file) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  const bool known = ::getsockname(file, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  return known && address.sin_family == AF_INET ? ntohs(address.sin_port) : -1;
}

// This process's sockets on the gate's port: the listening one, or those that it accepted.
std::vector<int> sockets_of(const Gate& gate, bool listening) {
  const int port = std::stoi(gate.endpoint().substr(gate.endpoint().rfind(':') + 1));
  std::vector<int> out;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int file = std::stoi(entry.path().filename());
    if (port_of(file) == port && int_option(file, SOL_SOCKET, SO_ACCEPTCONN) == (listening ? 1 : 0))
      out.push_back(file);
  }
  return out;
}

TEST(GateSocket, LetsManyConnectionsQueue) {
  const World world;
  const auto listening = sockets_of(*world.gate, true);
  ASSERT_EQ(listening.size(), 1u);
  tcp_info info{};
  socklen_t size = sizeof info;
  ASSERT_EQ(::getsockopt(listening[0], IPPROTO_TCP, TCP_INFO, &info, &size), 0);
  EXPECT_EQ(info.tcpi_sacked, 512u) << "of a listening socket: its backlog";
}

TEST(GateSocket, NoticesADeadPeer) {
  World world;
  RawClient alice(world, world.alice);
  ASSERT_EQ(alice.handshake(), Handshake::admitted);
  const auto accepted = sockets_of(*world.gate, false);
  ASSERT_FALSE(accepted.empty());
  for (const int file : accepted) {
    EXPECT_EQ(int_option(file, SOL_SOCKET, SO_KEEPALIVE), 1);
    EXPECT_EQ(int_option(file, IPPROTO_TCP, TCP_KEEPIDLE), 60);
  }
}

}  // namespace
}  // namespace besa::transport::test
