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

  std::vector<core::ConsentRow> rows() const {
    core::ConsentRow row;
    row.member = shelter_->id;
    row.allow = {Category::health};
    row.purposes = {core::Purpose::protection};
    return {row};
  }
  wire::Reply look_up(const base::TransportKey& peer, const base::LookupTag& tag) {
    wire::Request request;
    request.body = wire::LookupRequest{tag};
    Visit visit;
    visit.peer = peer;
    visit.payload = wire::encode_request(request).value();
    return std::get<wire::Reply>(worker_->handle(visit));
  }
  static std::vector<base::Reference> found(const wire::Reply& reply) {
    return std::get<wire::LookupReply>(reply.body).references;
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

// --- a person's code

TEST_F(WorkerTest, LookupAnswersWithTheReferencesThatCarryTheTagAndNothingElse) {
  const crypto::SigningKey code = crypto::SigningKey::generate();
  const Signed coded = network_.consent(*police_, rows(), &code);
  ASSERT_TRUE(decision_of(submit(coded, *police_)).accepted());
  ASSERT_TRUE(decision_of(submit(network_.consent(*police_, rows()), *police_)).accepted());
  const base::LookupTag tag = support::tag_of(code);
  for (const Agency* agency : {police_, shelter_, jobs_}) {
    const wire::Reply reply = look_up(agency->transport.public_key(), tag);
    EXPECT_EQ(reply.status, wire::WireError::none);
    EXPECT_EQ(found(reply), std::vector{coded.reference});
    EXPECT_TRUE(reply.proofs.has_value());
  }
  for (std::size_t bit = 0; bit < 8 * base::LookupTag::kSize; bit += 31) {
    base::LookupTag near = tag;
    near.bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    const wire::Reply reply = look_up(police_->transport.public_key(), near);
    EXPECT_EQ(reply.status, wire::WireError::none) << "as if it were there";
    EXPECT_TRUE(found(reply).empty());
  }
  EXPECT_TRUE(found(look_up(police_->transport.public_key(), {})).empty()) << "no consent is found without a code";
}

TEST_F(WorkerTest, LookupIsForMembersInForce) {
  const auto administrator = network_.administrators()[0].transport.public_key();
  EXPECT_EQ(look_up(administrator, {}).status, wire::WireError::denied);
  EXPECT_EQ(look_up(crypto::TransportSecret::generate().public_key(), {}).status, wire::WireError::not_member);
  accept_governance(network_.suspension(*shelter_));
  EXPECT_EQ(look_up(shelter_->transport.public_key(), {}).status, wire::WireError::not_member);
}

TEST_F(WorkerTest, LookupsOfOneMemberAreBoundedAnHourFoundOrNot) {
  const auto police = police_->transport.public_key();
  for (std::uint32_t i = 0; i < base::limits::kLookupsPerHour; ++i) {
    ASSERT_EQ(look_up(police, {}).status, wire::WireError::none) << i;
  }
  const wire::Reply over = look_up(police, {});
  EXPECT_EQ(over.status, wire::WireError::busy);
  EXPECT_GT(over.retry_after_ms, 0u);
  EXPECT_LE(over.retry_after_ms, base::hours(1).ms);
  EXPECT_EQ(look_up(shelter_->transport.public_key(), {}).status, wire::WireError::none) << "each for itself";
  EXPECT_EQ(counters_.lookups, base::limits::kLookupsPerHour + 2);
  EXPECT_EQ(counters_.lookups_turned_away, 1u);
  clock_->set(now_ + base::hours(1));
  EXPECT_EQ(look_up(police, {}).status, wire::WireError::none);
}

}  // namespace
}  // namespace besa::broker
