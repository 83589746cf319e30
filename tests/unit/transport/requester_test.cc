#include "transport/requester.h"

#include <gtest/gtest.h>

#include <chrono>

#include "base/limits.h"
#include "tests/unit/transport/world.h"

namespace besa::transport::test {
namespace {

using base::ErrorKind;

std::string outcome(const base::Result<base::Bytes>& r) {
  return r ? std::string{base::as_text(*r)} : std::string{to_string(r.error().kind)};
}

std::string echo(const Request& r) { return std::string{base::as_text(r.payload)}; }

TEST(Requester, ManyRequestsOneAfterTheOther) {
  World world;
  const Serving serving(*world.gate, echo);
  const auto alice = requester(world, world.alice);
  for (int i = 0; i < 50; ++i) {
    const std::string text = "request " + std::to_string(i);
    ASSERT_EQ(outcome(alice->request(base::as_bytes(text), kSoonMs)), text);
  }
  EXPECT_EQ(world.gate->counters().handshakes_admitted, 1u);  // all on one connection
}

TEST(Requester, TheLargestRequestAndReply) {
  World world;
  const Serving serving(*world.gate, echo);
  const base::Bytes large(base::limits::kFrameBytes, 'x');
  const auto reply = requester(world, world.alice)->request(large, kSoonMs);
  ASSERT_TRUE(reply);
  EXPECT_EQ(*reply, large);
}

TEST(Requester, AnOversizedRequestIsMalformed) {
  World world;
  const base::Bytes large(base::limits::kFrameBytes + 1);
  EXPECT_EQ(outcome(requester(world, world.alice)->request(large, 100)), "malformed");
}

TEST(Requester, AKeyThatIsNotAdmittedIsDenied) {
  World world;
  const Serving serving(*world.gate, echo);
  EXPECT_EQ(outcome(requester(world, world.stranger)->request(base::as_bytes("?"), kSoonMs)), "denied");
}

TEST(Requester, NobodyThereIsUnavailableWithinTheTimeout) {
  World world;
  const auto alice = requester(world, world.alice);
  world.gate.reset();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(outcome(alice->request(base::as_bytes("?"), 300)), "unavailable");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

TEST(Requester, ALateReplyIsNeverTheAnswerToALaterRequest) {
  World world;
  std::vector<Request> held;
  const Serving serving(*world.gate, [&](const Request& r) -> std::string {
    if (echo(r) == "first") {
      held.push_back(r);
      return kSilence;
    }
    // The answer to the first comes now, before that to the second.
    for (const Request& late : held) world.gate->post_reply(late.token, base::to_bytes(base::as_bytes("late")));
    return "answer to " + echo(r);
  });
  const auto alice = requester(world, world.alice);
  EXPECT_EQ(outcome(alice->request(base::as_bytes("first"), 200)), "unavailable");
  EXPECT_EQ(outcome(alice->request(base::as_bytes("second"), kSoonMs)), "answer to second");
  EXPECT_EQ(outcome(alice->request(base::as_bytes("third"), kSoonMs)), "answer to third");
}

TEST(Requester, AReplyThatNobodyAskedForIsNotTheNextAnswer) {
  World world;
  const Serving serving(*world.gate, [&](const Request& r) -> std::string {
    static_cast<void>(world.gate->reply(r.token, base::as_bytes("reply to " + echo(r))));
    return "and one more";
  });
  const auto alice = requester(world, world.alice);
  EXPECT_EQ(outcome(alice->request(base::as_bytes("1"), kSoonMs)), "reply to 1");
  std::this_thread::sleep_for(std::chrono::milliseconds(100));  // the surprise has arrived
  EXPECT_EQ(outcome(alice->request(base::as_bytes("2"), kSoonMs)), "reply to 2");
}

TEST(Requester, ConnectsAgainAfterTheGateCameBack) {
  World world;
  const auto alice = requester(world, world.alice);
  {
    const Serving serving(*world.gate, echo);
    ASSERT_EQ(outcome(alice->request(base::as_bytes("before"), kSoonMs)), "before");
  }
  GateOptions same = world.options();
  same.port =
      static_cast<std::uint16_t>(std::stoi(world.gate->endpoint().substr(world.gate->endpoint().rfind(':') + 1)));
  world.gate.reset();
  EXPECT_EQ(outcome(alice->request(base::as_bytes("gone"), 200)), "unavailable");
  world.start(same);
  ASSERT_TRUE(world.gate);
  const Serving serving(*world.gate, echo);
  EXPECT_EQ(outcome(alice->request(base::as_bytes("after"), kSoonMs)), "after");
}

TEST(Requester, ALostConnectionEndsTheWaitAtOnce) {
  World world;
  const auto alice = requester(world, world.alice);
  std::thread other([&] {
    while (world.requests(1).empty()) {
    }
    world.gate.reset();
  });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(outcome(alice->request(base::as_bytes("?"), 60'000)), "unavailable");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  other.join();
}

TEST(Requester, InterruptEndsTheWaitAndStays) {
  World world;
  const auto alice = requester(world, world.alice);
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    alice->interrupt();
  });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(outcome(alice->request(base::as_bytes("?"), 60'000)), "unavailable");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  other.join();
  EXPECT_EQ(outcome(alice->request(base::as_bytes("?"), 60'000)), "unavailable");
}

TEST(Requester, BacksOffLongerWithEveryFailure) {
  World world;
  RequesterOptions o;
  o.endpoint = world.gate->endpoint();
  o.broker = world.broker.public_key();
  o.backoff_first_ms = 10;
  int asked = 0;
  const auto made = Requester::create(o, world.alice, [&] {
    ++asked;
    return std::uint64_t{0};
  });
  ASSERT_TRUE(made);
  world.gate.reset();
  EXPECT_EQ(outcome((*made)->request(base::as_bytes("?"), 1'000)), "unavailable");
  // Half of 10, 20, 40, ... ms: 5 + 10 + 20 + 40 + 80 + 160 + 320 = 635 fit, the eighth wait does not.
  EXPECT_GE(asked, 3);
  EXPECT_LE(asked, 9);
}

TEST(Requester, AnEndpointThatIsNoneIsTheAdministratorsToChange) {
  World world;
  RequesterOptions o;
  o.endpoint = "broker.example";
  const auto made = Requester::create(o, world.alice, [] { return std::uint64_t{0}; });
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::configuration);
}

// A server that is not our gate: CURVE with the right key, any frames it likes.
TEST(Requester, AReplyOfTwoFramesIsMisbehaviour) {
  World world;
  const ZmqContext context;
  ZmqSocket server(context, ZMQ_ROUTER);
  ASSERT_TRUE(set_common_options(server) && server.set(ZMQ_CURVE_SERVER, 1) &&
              server.set(ZMQ_CURVE_SECRETKEY, world.broker.view()));
  ASSERT_EQ(zmq_bind(server.get(), "tcp://127.0.0.1:*"), 0);
  std::array<char, 256> endpoint{};
  std::size_t size = endpoint.size();
  ASSERT_EQ(zmq_getsockopt(server.get(), ZMQ_LAST_ENDPOINT, endpoint.data(), &size), 0);
  std::thread other([&] {
    zmq_pollitem_t item{server.get(), 0, ZMQ_POLLIN, 0};
    if (zmq_poll(&item, 1, kSoonMs) <= 0) return;
    ZmqMessage id;
    ASSERT_TRUE(id.receive(server));
    ASSERT_TRUE(server.send(id.view(), true) && server.send(base::as_bytes("a"), true) &&
                server.send(base::as_bytes("b"), false));
  });
  RequesterOptions o;
  o.endpoint = endpoint.data();
  o.broker = world.broker.public_key();
  const auto made = Requester::create(o, world.alice, [] { return std::uint64_t{0}; });
  ASSERT_TRUE(made);
  EXPECT_EQ(outcome((*made)->request(base::as_bytes("?"), kSoonMs)), "misbehaviour");
  other.join();
}

}  // namespace
}  // namespace besa::transport::test
