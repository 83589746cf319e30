// What waits now, counted by walking over the view: exact whatever its size, over many rounds or one.
#include "broker/census.h"
#include "envelope/sign.h"
#include "tests/unit/broker/broker_world.h"
#include "wire/statement.h"

namespace besa::broker {
namespace {

class CensusTest : public BrokerWorld {
 protected:
  void SetUp() override { begin(); }
  // Rounds until a walk that began at `now_` has ended.
  Census take(std::size_t most) {
    for (int i = 0; i < 1'000; ++i) {
      EXPECT_TRUE(taker_.round(snapshot(), now_, most));
      if (const auto done = taker_.get(); done && done->begun == now_) return *done;
    }
    ADD_FAILURE() << "the walk does not end";
    return {};
  }
  // The clock goes on; what falls due is ticked.
  void pass(base::Duration by) {
    now_ = now_ + by;
    network_.now = now_;
    static_cast<void>(tick());
  }

  Signed erased(const base::Reference& message) {
    core::WithdrawalAnswer body;
    body.header.network = network_.id();
    body.header.author = shelter_->id;
    body.header.counter = base::Counter{now_.ms * 1'000 + 7};
    body.header.created = now_;
    body.header.expires = now_ + base::days(1);
    body.message = message;
    body.answer = core::DebtAnswer::erased;
    Signed out;
    out.parts.type = core::media_type(core::StatementType::withdrawal_answer);
    out.parts.body = wire::encode_withdrawal_answer(body);
    out.id = core::statement_id(core::StatementType::withdrawal_answer, out.parts.body);
    core::SignatureBlock block;
    block.key = shelter_->signing_key();
    block.signature = shelter_->signing.sign(core::signed_bytes(base::id_cast<base::Digest>(out.id)));
    out.parts.blocks = core::encode_block(block);
    return out;
  }

  CensusTaker taker_;
};

TEST_F(CensusTest, EveryWaitingMessageIsCountedAndTheOldestIsTheOldest) {
  const base::Timestamp first = now_;
  constexpr std::uint64_t kWaiting = 37;
  for (std::uint64_t i = 0; i < kWaiting; ++i) {
    accept(i % 2 == 0 ? referral() : network_.message(*police_, *iom_, {{Category::summary, Basis::legal_obligation}}),
           *police_);
    pass({1'000});
  }
  for (const std::size_t most : {1U, 7U, 36U, 37U, 38U, 5'000U}) {
    pass(CensusTaker::kEvery);
    const Census census = take(most);
    EXPECT_EQ(census.queued, kWaiting) << most;
    EXPECT_EQ(census.oldest_since, first) << most;
    EXPECT_EQ(census.answers_overdue, 0u);
  }
}

TEST_F(CensusTest, AnEmptyQueueHasNoOldest) {
  const Census census = take(1);
  EXPECT_EQ(census.queued, 0u);
  EXPECT_FALSE(census.oldest);
}

TEST_F(CensusTest, AWalkBeginsOnlyAfterItsTime) {
  take(5'000);
  accept(referral(), *police_);
  now_ = now_ + base::Duration{CensusTaker::kEvery.ms - 1};
  ASSERT_TRUE(taker_.round(snapshot(), now_));
  EXPECT_EQ(taker_.get()->queued, 0u);
  now_ = now_ + base::Duration{1};
  ASSERT_TRUE(taker_.round(snapshot(), now_));
  EXPECT_EQ(taker_.get()->queued, 1u);
}

// The total of what became overdue only grows; what is outstanding goes down again when somebody answers.
TEST_F(CensusTest, AWithdrawalThatIsAnsweredLateIsOverdueNoMore) {
  const Signed consent = network_.consent(*police_, rows_for_both({Category::contact}));
  accept(consent, *police_);
  MessageSpec spec;
  spec.sections = {{Category::contact, Basis::consent}};
  spec.consent = consent.reference;
  const Signed message = network_.message(*police_, *shelter_, spec);
  accept(message, *police_);
  ASSERT_EQ(pull(*shelter_).messages.size(), 1u);
  accept(network_.withdrawal(*police_, consent.reference), *police_);
  static_cast<void>(tick());
  EXPECT_EQ(take(5'000).withdrawal_answers_overdue, 0u);
  for (int day = 0; day < 20; ++day) pass(base::days(1));
  EXPECT_EQ(take(3).withdrawal_answers_overdue, 1u);
  EXPECT_EQ(counters_.withdrawal_answers_overdue, 1u);
  accept(erased(message.reference), *shelter_);
  pass(CensusTaker::kEvery);
  EXPECT_EQ(take(3).withdrawal_answers_overdue, 0u);
  EXPECT_EQ(counters_.withdrawal_answers_overdue, 1u);
}

}  // namespace
}  // namespace besa::broker
