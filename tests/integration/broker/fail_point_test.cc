// The broker dies at every named step of a message's way to the disk, while a client waits for its answer. The client
// repeats: nothing that was acknowledged is lost, nothing is there twice, and a rebuild gives the same view.
#include <signal.h>

#include <chrono>
#include <thread>

#include "tests/integration/broker/real_broker.h"
#include "tests/support/fail_points.h"

#ifdef BESA_FAIL_POINTS

namespace besa::broker {
namespace {

class FailPointTest : public RealBroker {
 protected:
  support::Signed referral() {
    network_.now = clock_.now();
    return network_.message(*police_, *shelter_, {{core::Category::summary, core::Basis::legal_obligation}});
  }
  bool ends_within_half_a_second() const {
    for (int i = 0; i < 25 && !has_ended(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return has_ended();
  }
  // Ends at `point`: while it recovers what was acknowledged before, before it answers, or a moment after.
  void submit_until_it_ends(const std::string& point, const support::Signed& sent,
                            const support::Agency* sender = nullptr) {
    start_only({"BESA_FAIL_POINT=" + point});
    while (endpoint().empty() && !has_ended()) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    if (!has_ended()) {
      wire::Request request;
      request.body = wire::SubmitRequest{{sent.parts}};
      static_cast<void>(raw((sender != nullptr ? sender : police_)->transport)
                            ->request(wire::encode_request(request).value(), 5'000));
    }
    // Under load one settling can take what elsewhere takes two: then the step is passed with what comes next.
    for (int i = 0; i < 100 && !ends_within_half_a_second(); ++i) {
      wire::Request request;
      request.body = wire::SubmitRequest{{network_.prekeys(*police_).parts}};
      static_cast<void>(raw(police_->transport)->request(wire::encode_request(request).value(), 500));
    }
    EXPECT_EQ(end(0), -SIGKILL) << point;
  }
};

class AtEveryStep : public FailPointTest, public testing::WithParamInterface<const char*> {};

TEST_P(AtEveryStep, ADeathLosesNothingAndDoublesNothing) {
  begin_log();
  start();
  populate();
  const support::Signed before = referral();
  Client police = connect(*police_);
  const core::Entry acknowledged = submit(police, before);
  EXPECT_EQ(end(SIGKILL), -SIGKILL) << "what was just acknowledged may lie in a segment only";
  const support::Signed sent = referral();
  submit_until_it_ends(GetParam(), sent);

  start();
  Client again = connect(*police_);
  const core::Entry repeated = submit(again, sent, true);
  EXPECT_TRUE(repeated.decision.accepted());
  EXPECT_EQ(submit(again, before, true), acknowledged);
  EXPECT_EQ(submit(again, sent, true), repeated);
  Client shelter = connect(*shelter_);
  const auto pulled = shelter->pull(64, {});
  ASSERT_TRUE(pulled) << pulled.error().message;
  EXPECT_EQ(pulled->messages.size(), 2U);
  EXPECT_EQ(end(SIGKILL), -SIGKILL);
  const auto view = run({"dump", "--config", config_path()});
  ASSERT_EQ(view.code, 0) << view.output;
  const auto rebuilt = run({"rebuild", "--config", config_path()});
  EXPECT_EQ(rebuilt.code, 0) << rebuilt.output;
  EXPECT_EQ(run({"dump", "--config", config_path()}).output, view.output);
}

// "before_sign" and "signed" are passed once by the start itself.
INSTANTIATE_TEST_SUITE_P(Points, AtEveryStep,
                         testing::Values("batch_before_flush", "batch_flushed", "batch_published", "before_sign:2",
                                         "signed:2", "settle_before_commit", "settle_committed",
                                         "settle_before_commit:2", "settle_committed:2", "segment_before_flush",
                                         "segment_made"));

// The view is settled before what a crash left is recovered: cut short there, the rest must still be found.
TEST_F(FailPointTest, ARebuildThatIsCutShortHidesNothing) {
  begin_log();
  start();
  populate();
  const support::Signed sent = referral();
  EXPECT_EQ(end(SIGTERM), 0);
  submit_until_it_ends("batch_published", sent);
  for (const char* point : {"settle_committed", "settle_committed:2"}) {
    support::RunningProgram rebuild;
    rebuild.start(BESA_BROKER, {"rebuild", "--config", config_path()}, folder_ / "rebuild.log",
                  {std::string("BESA_FAIL_POINT=") + point});
    EXPECT_EQ(rebuild.end(0), -SIGKILL) << point;
  }
  start();
  Client police = connect(*police_);
  const core::Entry entry = submit(police, sent, true);
  Client shelter = connect(*shelter_);
  const auto pulled = shelter->pull(64, {});
  ASSERT_TRUE(pulled) << pulled.error().message;
  ASSERT_EQ(pulled->messages.size(), 1U);
  EXPECT_EQ(pulled->messages[0].proven.entry, entry);
}

class AtEveryStepOfAPurge : public FailPointTest, public testing::WithParamInterface<const char*> {};

// What a consent that is taken back leaves: no byte of it in any file, wherever the broker died.
TEST_P(AtEveryStepOfAPurge, TheCiphertextGoes) {
  begin_log();
  start();
  populate();
  const Resting sent = send_on_consent();
  EXPECT_EQ(end(SIGTERM), 0);
  ASSERT_TRUE(lies_in_a_segment(sent.message));

  submit_until_it_ends(GetParam(), network_.person_withdrawal(*shelter_, sent.consent.reference, sent.code), shelter_);
  start();
  EXPECT_FALSE(lies_in_a_segment(sent.message));
  Client shelter = connect(*shelter_);
  const auto pulled = shelter->pull(64, {});
  ASSERT_TRUE(pulled) << pulled.error().message;
  EXPECT_TRUE(pulled->messages.empty());
}

INSTANTIATE_TEST_SUITE_P(Points, AtEveryStepOfAPurge, testing::Values("purge_before_overwrite", "purge_overwritten"));

TEST(FailPoints, EveryOneOfTheBrokerIsTriedHere) {
  for (const char* folder : {"broker", "lib"}) {
    for (const std::string& point : support::fail_points_of(folder)) {
      EXPECT_TRUE(support::names_fail_point("tests/integration/broker/fail_point_test.cc", point)) << point;
    }
  }
}

}  // namespace
}  // namespace besa::broker

#endif
