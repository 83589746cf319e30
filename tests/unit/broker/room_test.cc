// No room left: nothing more is taken, the answer says so, reading goes on, and nothing that was acknowledged is lost.
#include "tests/unit/broker/broker_world.h"

namespace besa::broker {
namespace {

using wire::WireError;

class RoomTest : public BrokerWorld {
 protected:
  void SetUp() override {
    journal_options_.database.map_bytes = std::size_t{2} << 20;
    journal_options_.unsettled_entries = 64;
    begin();
  }
  // Referrals until one is not taken; how many were.
  std::size_t fill() {
    std::size_t taken = 0;
    while (taken < 5'000) {
      last_ = referral();
      answer_ = submit(last_, *police_);
      if (answer_.status != WireError::none) break;
      ++taken;
    }
    return taken;
  }
  Signed last_;
  wire::Receipt answer_;
};

TEST_F(RoomTest, FullIsAnsweredAndReadingGoesOn) {
  const std::uint64_t before = size();
  const std::size_t taken = fill();
  EXPECT_GT(taken, 10u);
  EXPECT_EQ(answer_.status, WireError::full);
  EXPECT_EQ(size(), before + taken);
  EXPECT_EQ(entry_at(size() - 1).submitter, police_->id);
  EXPECT_GT(counters_.failed_batches, 0u);
}

TEST_F(RoomTest, WithRoomItGoesOnWhereItStopped) {
  static_cast<void>(fill());
  const std::uint64_t before = size();
  journal_options_.database.map_bytes = std::size_t{64} << 20;
  open();
  EXPECT_EQ(size(), before);
  accept(last_, *police_);
}

TEST_F(RoomTest, ARequestThatFitsIsTakenThoughItsNeighbourDoesNot) {
  static_cast<void>(fill());
  std::vector<Job> jobs;
  std::vector<Admission> one;
  one.push_back(admission(last_, police_->id));
  jobs.push_back({0, {}, SubmitJob{std::move(one)}});
  jobs.push_back({1, {}, PullJob{jobs_->id, 64, {}}});
  const StepResult result = sequencer_->step(std::move(jobs), now_);
  ASSERT_EQ(result.answers.size(), 2u);
  EXPECT_EQ(result.answers[0].reply.status, WireError::full);
  EXPECT_EQ(result.answers[1].reply.status, WireError::none);
}

}  // namespace
}  // namespace besa::broker
