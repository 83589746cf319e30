#include "transport/gate.h"

#include <gtest/gtest.h>

#include <chrono>

#include "base/limits.h"
#include "tests/unit/transport/world.h"

namespace besa::transport::test {
namespace {

using base::Bytes;

Bytes text(std::string_view t) { return base::to_bytes(base::as_bytes(t)); }

TEST(Gate, ARequestCarriesTheKeyThatProvedItself) {
  World world;
  RawClient alice(world, world.alice);
  ASSERT_EQ(alice.handshake(), Handshake::admitted);
  ASSERT_TRUE(alice.send({text("hello")}));
  const auto got = world.requests(1);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].peer, world.alice.public_key());
  EXPECT_EQ(base::as_text(got[0].payload), "hello");
}

TEST(Gate, RepliesGoToTheConnectionTheyBelongTo) {
  World world;
  RawClient alice(world, world.alice);
  RawClient bob(world, world.bob);
  ASSERT_TRUE(alice.send({text("a")}) && bob.send({text("b")}));
  auto got = world.requests(2);
  ASSERT_EQ(got.size(), 2u);
  // Answered in the other order than they came.
  for (auto r = got.rbegin(); r != got.rend(); ++r) {
    ASSERT_TRUE(world.gate->reply(r->token, base::as_bytes("to " + std::string{base::as_text(r->payload)})));
  }
  EXPECT_EQ(alice.receive(), "to a");
  EXPECT_EQ(bob.receive(), "to b");
}

TEST(Gate, TwoConnectionsOfOneKeyAreToldApart) {
  World world;
  RawClient first(world, world.alice);
  RawClient second(world, world.alice);
  ASSERT_TRUE(first.send({text("1")}) && second.send({text("2")}));
  const auto got = world.requests(2);
  ASSERT_EQ(got.size(), 2u);
  EXPECT_NE(got[0].token, got[1].token);
  for (const auto& r : got) ASSERT_TRUE(world.gate->reply(r.token, r.payload));
  EXPECT_EQ(first.receive(), "1");
  EXPECT_EQ(second.receive(), "2");
}

TEST(Gate, AnEmptyFrameIsAnEmptyPayload) {
  World world;
  RawClient alice(world, world.alice);
  ASSERT_TRUE(alice.send({Bytes{}}));
  const auto got = world.requests(1);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_TRUE(got[0].payload.empty());
}

TEST(Gate, AReplyToAClosedConnectionIsUnavailable) {
  World world;
  std::vector<Request> got;
  {
    RawClient alice(world, world.alice);
    ASSERT_TRUE(alice.send({text("hello")}));
    got = world.requests(1);
    ASSERT_EQ(got.size(), 1u);
  }
  ASSERT_TRUE(eventually([&] {
    world.gate->poll(1);
    return !world.gate->reply(got[0].token, base::as_bytes("late")).has_value();
  }));
  const auto again = world.gate->reply(got[0].token, base::as_bytes("late"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, base::ErrorKind::unavailable);
  EXPECT_GE(world.gate->counters().replies_gone, 1u);
}

TEST(Gate, AnOversizedReplyIsRefused) {
  World world;
  const auto status = world.gate->reply(ConnectionToken{}, Bytes(base::limits::kFrameBytes + 1));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, base::ErrorKind::malformed);
}

// MANDATORY and sending without waiting: the slow peer's replies are refused, others get theirs.
TEST(Gate, ASlowConsumerDoesNotBlockOthers) {
  World world;
  RawClient slow(world, world.alice);
  ASSERT_TRUE(slow.send({text("hello")}));
  const auto got = world.requests(1);
  ASSERT_EQ(got.size(), 1u);
  const Bytes large(base::limits::kFrameBytes);
  base::Status status;
  for (int i = 0; i < 400 && status; ++i) status = world.gate->reply(got[0].token, large);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, base::ErrorKind::busy);
  EXPECT_EQ(world.gate->counters().replies_slow, 1u);

  const Serving serving(*world.gate, [](const Request&) { return std::string{"still here"}; });
  const auto bob = requester(world, world.bob);
  const auto answer = bob->request(base::as_bytes("?"), kSoonMs);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(base::as_text(*answer), "still here");
}

TEST(Gate, AnotherThreadPostsAReply) {
  World world;
  RawClient alice(world, world.alice);
  ASSERT_TRUE(alice.send({text("hello")}));
  const auto got = world.requests(1);
  ASSERT_EQ(got.size(), 1u);
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_TRUE(world.gate->post_reply(got[0].token, text("posted")));
  });
  world.gate->poll(kSoonMs);  // returns early: the post wakes it
  other.join();
  EXPECT_EQ(alice.receive(), "posted");
}

TEST(Gate, WakeEndsAPoll) {
  World world;
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    world.gate->wake();
  });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(world.gate->poll(30'000).empty());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  other.join();
}

TEST(Gate, PostedRepliesAreBounded) {
  World world;
  for (std::size_t i = 0; i < Gate::kPostedReplies; ++i) ASSERT_TRUE(world.gate->post_reply(ConnectionToken{}, {}));
  EXPECT_FALSE(world.gate->post_reply(ConnectionToken{}, {}));
  world.gate->poll(0);
  EXPECT_TRUE(world.gate->post_reply(ConnectionToken{}, {}));
}

TEST(Gate, PollReturnsAtMostWhatWasAskedFor) {
  World world;
  RawClient alice(world, world.alice);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(alice.send({text("x")}));
  std::size_t got = 0;
  EXPECT_TRUE(eventually([&] {
    const std::size_t now = world.gate->poll(10, 2).size();
    EXPECT_LE(now, 2u);
    return (got += now) == 5;
  }));
}

TEST(Gate, APortInUseIsTheAdministratorsToChange) {
  World world;
  GateOptions same = world.options();
  same.port =
      static_cast<std::uint16_t>(std::stoi(world.gate->endpoint().substr(world.gate->endpoint().rfind(':') + 1)));
  const auto second = Gate::start(same, world.broker);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, base::ErrorKind::configuration);
}

TEST(Gate, DoesNotStartWhenItWouldLetAStrangerIn) {
  World world;
  GateOptions open = world.options();
  open.admit = [](const base::TransportKey&) { return true; };
  const auto started = Gate::start(open, world.broker);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind, base::ErrorKind::configuration);
  EXPECT_NE(started.error().message.find("self-test"), std::string::npos);
}

TEST(GateDeathTest, TheProcessEndsWhenTheHandshakeThreadDies) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        const auto secret = crypto::TransportSecret::generate();
        GateOptions broken;
        broken.admit = [](const base::TransportKey&) -> bool { throw 1; };
        static_cast<void>(Gate::start(broken, secret));
      },
      "");
}

TEST(Gate, ConnectsOfAKeyAreLimited) {
  World world;
  GateOptions strict = world.options();
  strict.connects_per_key_and_minute = 3;
  world.start(strict);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(RawClient(world, world.alice).handshake(), Handshake::admitted);
  EXPECT_EQ(RawClient(world, world.alice).handshake(), Handshake::failed);
  EXPECT_EQ(world.gate->counters().handshakes_too_often, 1u);
  // Another key has its own allowance.
  EXPECT_EQ(RawClient(world, world.bob).handshake(), Handshake::admitted);
}

// With HANDOVER a second connection of the same routing id would be given the first one's replies.
TEST(Gate, AnotherConnectionCannotTakeOverALiveRoutingId) {
  World world;
  RawClient alice(world, world.alice);
  ASSERT_TRUE(alice.send({text("hello")}));
  const auto got = world.requests(1);
  ASSERT_EQ(got.size(), 1u);
  const ZmqContext context;
  ZmqSocket thief(context, ZMQ_DEALER);
  ASSERT_TRUE(set_common_options(thief) && thief.set(ZMQ_ROUTING_ID, base::ByteView(got[0].token.bytes)) &&
              thief.set(ZMQ_CURVE_SERVERKEY, world.broker.public_key().view()) &&
              thief.set(ZMQ_CURVE_PUBLICKEY, world.bob.public_key().view()) &&
              thief.set(ZMQ_CURVE_SECRETKEY, world.bob.view()));
  ASSERT_EQ(zmq_connect(thief.get(), world.gate->endpoint().c_str()), 0);
  ASSERT_TRUE(thief.send(text("mine"), false));
  ASSERT_TRUE(eventually([&] { return world.gate->counters().handshakes_admitted == 2; }));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(world.gate->poll(20).empty());
  ASSERT_TRUE(world.gate->reply(got[0].token, base::as_bytes("for alice")));
  EXPECT_EQ(alice.receive(), "for alice");
  zmq_pollitem_t item{thief.get(), 0, ZMQ_POLLIN, 0};
  EXPECT_EQ(zmq_poll(&item, 1, 200), 0);
}

// ZAP runs at the handshake only. The layer above asks for membership with every request.
TEST(Gate, AKeyThatIsNoLongerAdmittedKeepsItsConnectionButGetsNoNewOne) {
  World world;
  RawClient bob(world, world.bob);
  ASSERT_EQ(bob.handshake(), Handshake::admitted);
  world.bob_is_member = false;
  ASSERT_TRUE(bob.send({text("still here")}));
  const auto got = world.requests(1);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].peer, world.bob.public_key());
  EXPECT_EQ(RawClient(world, world.bob).handshake(), Handshake::refused_key);
}

}  // namespace
}  // namespace besa::transport::test
