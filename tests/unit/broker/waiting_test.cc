#include "broker/waiting.h"

#include <gtest/gtest.h>

#include "broker/door.h"

namespace besa::broker {
namespace {

base::MemberId member(std::uint8_t number) {
  base::MemberId out;
  out.bytes.fill(number);
  return out;
}

Parked request(std::uint8_t of, std::uint8_t connection, std::uint64_t until_ms = 100) {
  Parked out;
  out.member = member(of);
  out.token.bytes.fill(connection);
  out.until_ms = until_ms;
  return out;
}

TEST(WaitingTest, WhoHasNotPulledIsAnsweredAtOnce) {
  Waiting waiting;
  const auto now = waiting.park(request(1, 1));
  ASSERT_EQ(now.size(), 1u);
  EXPECT_TRUE(now[0].queued);
  EXPECT_EQ(waiting.parked(), 0u);
}

TEST(WaitingTest, QuietMemberWaitsUntilSomethingComes) {
  Waiting waiting;
  waiting.quieten(member(1));
  EXPECT_TRUE(waiting.park(request(1, 1)).empty());
  EXPECT_TRUE(waiting.stir(member(2)).empty());
  const auto released = waiting.stir(member(1));
  ASSERT_EQ(released.size(), 1u);
  EXPECT_TRUE(released[0].queued);
  EXPECT_EQ(waiting.park(request(1, 1)).size(), 1u) << "nothing was pulled since";
}

TEST(WaitingTest, TimeEndsTheWait) {
  Waiting waiting;
  waiting.quieten(member(1));
  static_cast<void>(waiting.park(request(1, 1, 100)));
  EXPECT_TRUE(waiting.expire(99).empty());
  const auto released = waiting.expire(100);
  ASSERT_EQ(released.size(), 1u);
  EXPECT_FALSE(released[0].queued);
  EXPECT_TRUE(waiting.park(request(1, 1)).empty()) << "still quiet";
}

TEST(WaitingTest, SecondWaitEndsTheFirst) {
  Waiting waiting;
  waiting.quieten(member(1));
  static_cast<void>(waiting.park(request(1, 1)));
  const auto released = waiting.park(request(1, 2));
  ASSERT_EQ(released.size(), 1u);
  EXPECT_EQ(released[0].parked.token.bytes[0], 1);
  EXPECT_FALSE(released[0].queued);
  EXPECT_EQ(waiting.parked(), 1u);
}

TEST(WaitingTest, GovernanceWakesEverybody) {
  Waiting waiting;
  for (std::uint8_t i = 1; i <= 3; ++i) {
    waiting.quieten(member(i));
    static_cast<void>(waiting.park(request(i, i)));
  }
  EXPECT_EQ(waiting.stir_all().size(), 3u);
  EXPECT_EQ(waiting.parked(), 0u);
}

base::TransportKey peer(std::uint8_t number) {
  base::TransportKey out;
  out.bytes.fill(number);
  return out;
}

TEST(DoorTest, OnePeerCannotFillTheBroker) {
  Door door;
  for (std::size_t i = 0; i < kRequestsOfOnePeer; ++i) EXPECT_TRUE(door.enter(peer(1), 10));
  EXPECT_FALSE(door.enter(peer(1), 10));
  EXPECT_TRUE(door.enter(peer(2), 10));
  door.leave(peer(1), 10);
  EXPECT_TRUE(door.enter(peer(1), 10));
}

TEST(DoorTest, StatementsWithoutAnAnswerAreBounded) {
  Door door;
  constexpr std::size_t kFull = base::limits::kUnansweredPerMember / base::limits::kStatementsPerSubmit;
  for (std::size_t i = 0; i < kFull; ++i) {
    ASSERT_TRUE(door.enter(peer(1), 10));
    EXPECT_TRUE(door.hold(peer(1), base::limits::kStatementsPerSubmit));
  }
  ASSERT_TRUE(door.enter(peer(1), 10));
  EXPECT_FALSE(door.hold(peer(1), 1));
  ASSERT_TRUE(door.enter(peer(2), 10));
  EXPECT_TRUE(door.hold(peer(2), 1)) << "each peer has its own";
  door.leave(peer(1), 10, base::limits::kStatementsPerSubmit);
  EXPECT_TRUE(door.hold(peer(1), 1));
}

TEST(DoorTest, BytesAreBounded) {
  Door door;
  EXPECT_TRUE(door.enter(peer(1), kBytesInside));
  EXPECT_FALSE(door.enter(peer(2), 1));
  door.leave(peer(1), kBytesInside);
  EXPECT_TRUE(door.enter(peer(2), 1));
}

TEST(DoorTest, RequestsAreBounded) {
  Door door;
  for (std::size_t i = 0; i < kRequestsInside; ++i) {
    EXPECT_TRUE(door.enter(peer(static_cast<std::uint8_t>(i / kRequestsOfOnePeer)), 0));
  }
  EXPECT_FALSE(door.enter(peer(200), 0));
  EXPECT_EQ(door.requests(), kRequestsInside);
}

}  // namespace
}  // namespace besa::broker
