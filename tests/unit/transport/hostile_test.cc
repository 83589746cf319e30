// What must not get in, or must not do harm once in. Rows 12, 13 and 36 of the project's list of attacks.
#include <gtest/gtest.h>

#include "base/limits.h"
#include "tests/unit/transport/world.h"

namespace besa::transport::test {
namespace {

using base::Bytes;

Bytes text(std::string_view t) { return base::to_bytes(base::as_bytes(t)); }

TEST(Stranger, IsRefusedAtTheHandshake) {
  World world;
  const auto before = world.gate->counters().handshakes_unknown_key.load();
  RawClient stranger(world, world.stranger);
  EXPECT_EQ(stranger.handshake(), Handshake::refused_key);
  static_cast<void>(stranger.send({text("let me in")}));
  EXPECT_TRUE(world.gate->poll(100).empty());
  EXPECT_EQ(world.gate->counters().handshakes_unknown_key, before + 1);
}

TEST(Stranger, WithTheWrongServerKeyGetsNowhere) {
  World world;
  const ZmqContext context;
  const Wakeup never;
  const CurveClient curve{world.stranger.public_key(), world.alice.public_key(), world.alice.view()};
  auto client = ClientConnection::open(context, "raw", world.gate->endpoint(), curve, "");
  ASSERT_TRUE(client);
  EXPECT_EQ(client->wait_handshake(monotonic_ms() + kSoonMs, never), Handshake::failed);
}

TEST(Stranger, WithAMembersPublicKeyButNotItsSecretGetsNowhere) {
  World world;
  const ZmqContext context;
  const Wakeup never;
  const CurveClient curve{world.broker.public_key(), world.alice.public_key(), world.stranger.view()};
  auto client = ClientConnection::open(context, "raw", world.gate->endpoint(), curve, "");
  ASSERT_TRUE(client);
  EXPECT_EQ(client->wait_handshake(monotonic_ms() + kSoonMs, never), Handshake::failed);
}

TEST(Stranger, SpeakingNullIsClosed) {
  World world;
  const ZmqContext context;
  const Wakeup never;
  auto client = ClientConnection::open(context, "raw", world.gate->endpoint(), std::nullopt, "");
  ASSERT_TRUE(client);
  EXPECT_EQ(client->wait_handshake(monotonic_ms() + kSoonMs, never), Handshake::failed);
  EXPECT_TRUE(world.gate->poll(50).empty());
}

TEST(Stranger, SpeakingPlainIsClosed) {
  World world;
  const ZmqContext context;
  ZmqSocket client(context, ZMQ_DEALER);
  ASSERT_TRUE(set_common_options(client) && client.set(ZMQ_PLAIN_USERNAME, std::string_view{"alice"}) &&
              client.set(ZMQ_PLAIN_PASSWORD, std::string_view{"alice"}));
  const auto before = world.gate->counters().handshakes_failed.load();
  ASSERT_EQ(zmq_connect(client.get(), world.gate->endpoint().c_str()), 0);
  static_cast<void>(client.send(text("hello"), false));
  EXPECT_TRUE(eventually([&] { return world.gate->counters().handshakes_failed > before; }));
  EXPECT_TRUE(world.gate->poll(50).empty());
}

struct Garbage {
  const char* name;
  std::string bytes;
};

// ZMTP 3 greeting: signature, version 3.1, mechanism (20 bytes), as-server, filler.
std::string greeting(const std::string& mechanism) {
  std::string g = std::string("\xff\0\0\0\0\0\0\0\0\x7f\x03\x01", 12) + mechanism;
  g.resize(32, '\0');
  g.resize(64, '\0');
  return g;
}

class RawTcp : public testing::TestWithParam<Garbage> {};

TEST_P(RawTcp, IsClosedAndNeverARequest) {
  World world;
  TcpPeer peer(world.gate->endpoint());
  peer.send(base::as_bytes(GetParam().bytes));
  EXPECT_TRUE(peer.closed_within(kSoonMs));  // at once, or by the handshake's limit of 3 s
  EXPECT_TRUE(world.gate->poll(20).empty());
  // Members are served as before.
  EXPECT_EQ(RawClient(world, world.alice).handshake(), Handshake::admitted);
}

INSTANTIATE_TEST_SUITE_P(
    Garbage, RawTcp,
    testing::Values(
        Garbage{"Nothing", ""}, Garbage{"OneByte", "\xff"}, Garbage{"Http", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"},
        Garbage{"Tls", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + std::string(501, 'x')},
        Garbage{"Zeros", std::string(4096, '\0')}, Garbage{"Ones", std::string(4096, '\xff')},
        Garbage{"Zmtp1", std::string("\x01\x00\x06\x00hello", 9)},
        Garbage{"Zmtp2", std::string("\xff\0\0\0\0\0\0\0\x01\x7f\x01\x05\0\0\0\x05hello", 21)},
        Garbage{"GreetingNull", greeting("NULL") + std::string("\x04\x05READY", 7)},
        Garbage{"GreetingPlain", greeting("PLAIN")}, Garbage{"GreetingUnknown", greeting("GSSAPI")},
        Garbage{"GreetingCurveThenNothing", greeting("CURVE")},
        Garbage{"GreetingCurveThenHugeLength", greeting("CURVE") + std::string("\x06\x40\0\0\0\0\0\0\0", 9) + "HELLO"},
        Garbage{"GreetingCurveThenMessage", greeting("CURVE") + std::string("\x00\x05hello", 7)},
        Garbage{"GreetingCurveThenBadHello",
                greeting("CURVE") + std::string("\x04\xc8\x05HELLO\x01\x00", 10) + std::string(192, 'x')}),
    [](const auto& param) { return std::string{param.param.name}; });

TEST(Frames, TheLargestIsAccepted) {
  World world;
  RawClient alice(world, world.alice);
  ASSERT_TRUE(alice.send({Bytes(base::limits::kFrameBytes, 7)}));
  const auto got = world.requests(1);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].payload.size(), base::limits::kFrameBytes);
}

TEST(Frames, OneByteMoreClosesTheConnection) {
  World world;
  RawClient alice(world, world.alice);
  ASSERT_EQ(alice.handshake(), Handshake::admitted);
  ASSERT_TRUE(alice.send({Bytes(base::limits::kFrameBytes + 1, 7)}));
  EXPECT_TRUE(alice.lost_within(kSoonMs));
  EXPECT_TRUE(world.gate->poll(20).empty());
  EXPECT_EQ(RawClient(world, world.bob).handshake(), Handshake::admitted);
}

class ManyFrames : public testing::TestWithParam<std::size_t> {};

TEST_P(ManyFrames, AreDroppedWholeAndTheNextRequestIsServed) {
  World world;
  RawClient alice(world, world.alice);
  ASSERT_EQ(alice.handshake(), Handshake::admitted);
  ASSERT_TRUE(alice.send(std::vector<Bytes>(GetParam(), text("part"))));
  ASSERT_TRUE(alice.send({text("whole")}));
  const auto got = world.requests(1);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(base::as_text(got[0].payload), "whole");
  EXPECT_EQ(world.gate->counters().dropped_many_frames, 1u);
}

INSTANTIATE_TEST_SUITE_P(Counts, ManyFrames, testing::Values(2, 3, 10'000));

// As a REQ socket sends: an empty frame in front.
TEST(Frames, AnEmptyDelimiterMakesItTwo) {
  World world;
  RawClient alice(world, world.alice);
  ASSERT_TRUE(alice.send({Bytes{}, text("x")}));
  EXPECT_TRUE(eventually([&] {
    EXPECT_TRUE(world.gate->poll(10).empty());
    return world.gate->counters().dropped_many_frames == 1;
  }));
}

TEST(Frames, AClientThatNamesItselfIsNotHeard) {
  World world;
  const ZmqContext context;
  ZmqSocket client(context, ZMQ_DEALER);
  ASSERT_TRUE(set_common_options(client) && client.set(ZMQ_ROUTING_ID, std::string_view{"alice"}) &&
              client.set(ZMQ_CURVE_SERVERKEY, world.broker.public_key().view()) &&
              client.set(ZMQ_CURVE_PUBLICKEY, world.alice.public_key().view()) &&
              client.set(ZMQ_CURVE_SECRETKEY, world.alice.view()));
  ASSERT_EQ(zmq_connect(client.get(), world.gate->endpoint().c_str()), 0);
  ASSERT_TRUE(client.send(text("hello"), false));
  EXPECT_TRUE(eventually([&] {
    EXPECT_TRUE(world.gate->poll(10).empty());
    return world.gate->counters().dropped_own_routing_id == 1;
  }));
}

// Many half-open strangers: a member still gets through quickly.
TEST(Stranger, IdleConnectionsDoNotKeepMembersOut) {
  World world;
  std::vector<std::unique_ptr<TcpPeer>> idle;
  for (int i = 0; i < 200; ++i) idle.push_back(std::make_unique<TcpPeer>(world.gate->endpoint()));
  const Serving serving(*world.gate, [](const Request&) { return std::string{"ok"}; });
  const auto answer = requester(world, world.alice)->request(base::as_bytes("?"), kSoonMs);
  EXPECT_TRUE(answer);
}

TEST(Handshakes, FailuresAreCounted) {
  World world;
  const auto before = world.gate->counters().handshakes_failed.load();
  TcpPeer peer(world.gate->endpoint());
  peer.send(base::as_bytes(greeting("NULL")));
  EXPECT_TRUE(eventually([&] { return world.gate->counters().handshakes_failed > before; }));
  EXPECT_GE(world.gate->counters().connections_accepted, 1u);
}

}  // namespace
}  // namespace besa::transport::test
