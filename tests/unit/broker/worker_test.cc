// What one request comes to before the sequencer sees it.
#include "broker/worker.h"

#include "tests/unit/broker/broker_world.h"

namespace besa::broker {
namespace {

using base::limits::kStatementsPerSubmit;
using base::limits::kUnansweredPerMember;

class WorkerTest : public BrokerWorld {
 protected:
  void SetUp() override {
    begin();
    clock_.emplace(now_);
    worker_.emplace(*journal_, *sequencer_, door_, network_.log_key().public_key(), rollback_, *clock_, log_,
                    counters_);
  }
  // A request of the police with as many statements as one takes, inside the door.
  Visit submission() {
    wire::Request request;
    request.body = wire::SubmitRequest{std::vector(kStatementsPerSubmit, network_.prekeys(*police_).parts)};
    Visit visit;
    visit.peer = police_->transport.public_key();
    visit.payload = wire::encode_request(request).value();
    visit.bytes = visit.payload.size();
    EXPECT_TRUE(door_.enter(visit.peer, visit.bytes));
    return visit;
  }

  Door door_;
  RollbackProof rollback_{folder_ / "rollback-seen"};
  program::Logger log_{program::LogLevel::error, [](program::LogLevel, std::string_view) {}};
  std::optional<program::FakeClock> clock_;
  std::optional<Worker> worker_;
};

TEST_F(WorkerTest, StatementsPastThoseWithoutAnAnswerAreBusy) {
  for (std::size_t held = 0; held < kUnansweredPerMember; held += kStatementsPerSubmit) {
    EXPECT_TRUE(std::holds_alternative<Job>(worker_->handle(submission())));
  }
  const Visit over = submission();
  const Onward refused = worker_->handle(over);
  ASSERT_TRUE(std::holds_alternative<wire::Reply>(refused));
  EXPECT_EQ(std::get<wire::Reply>(refused).status, wire::WireError::busy);
  EXPECT_GT(std::get<wire::Reply>(refused).retry_after_ms, 0u);
  door_.leave(over.peer, over.bytes, kStatementsPerSubmit);
  EXPECT_TRUE(std::holds_alternative<Job>(worker_->handle(submission())));
}

TEST_F(WorkerTest, WhoIsNoMemberIsAnsweredBeforeAnythingIsRead) {
  Visit visit;
  visit.peer = crypto::TransportSecret::generate().public_key();
  visit.payload = {1, 2, 3};
  const Onward answer = worker_->handle(visit);
  ASSERT_TRUE(std::holds_alternative<wire::Reply>(answer));
  EXPECT_EQ(std::get<wire::Reply>(answer).status, wire::WireError::not_member);
}

}  // namespace
}  // namespace besa::broker
