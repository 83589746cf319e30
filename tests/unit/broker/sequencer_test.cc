// What the sequencer makes of statements: receipts, duplicates, counters, refusals, and what never becomes an entry.
#include "tests/unit/broker/broker_world.h"
#include "wire/statement.h"

namespace besa::broker {
namespace {

using core::StatementType;
using wire::WireError;

class SequencerTest : public BrokerWorld {
 protected:
  void SetUp() override { begin(); }
};

TEST_F(SequencerTest, LogBeginsWithGenesisAndEnrolments) {
  EXPECT_EQ(entry_at(0).type, StatementType::genesis);
  EXPECT_TRUE(entry_at(0).submitter.is_none());
  EXPECT_EQ(entry_at(1).type, StatementType::enrolment);
  EXPECT_EQ(size(), 12u);
}

TEST_F(SequencerTest, SecondGenesisIsNoEntry) {
  const std::uint64_t before = size();
  support::Network other;
  EXPECT_EQ(govern(other.genesis()).status, WireError::denied);
  EXPECT_EQ(size(), before);
}

TEST_F(SequencerTest, ReferralIsAcceptedWithAReceiptThatVerifies) {
  const wire::Receipt receipt = submit(referral(), *police_);
  ASSERT_EQ(receipt.status, WireError::none) << receipt.detail;
  const core::Entry entry = entry_of(receipt);
  EXPECT_TRUE(entry.decision.accepted());
  EXPECT_EQ(entry.submitter, police_->id);
  EXPECT_EQ(entry.sequence.value, size() - 1);
}

TEST_F(SequencerTest, ConsentCarriesWhatItsRowsAllow) {
  const Signed consent = network_.consent(*police_, rows_for_both({Category::contact, Category::health}));
  accept(consent, *police_);
  MessageSpec spec;
  spec.sections = {{Category::health, Basis::consent}};
  spec.consent = consent.reference;
  accept(network_.message(*police_, *shelter_, spec), *police_);
  const wire::Receipt refused = submit(network_.message(*police_, *iom_, spec), *police_);
  EXPECT_EQ(decision_of(refused).reason, Reason::not_covered);
}

TEST_F(SequencerTest, RepeatedStatementGivesTheSameEntry) {
  const Signed once = referral();
  const wire::Receipt first = submit(once, *police_);
  const std::uint64_t before = size();
  EXPECT_EQ(submit(once, *police_).entry, first.entry);
  EXPECT_EQ(size(), before);
  EXPECT_EQ(counters_.repeated, 1u);
}

TEST_F(SequencerTest, RepeatedStatementGivesTheSameEntryAfterARestart) {
  const Signed once = referral();
  const wire::Receipt first = submit(once, *police_);
  open();
  EXPECT_EQ(submit(once, *police_).entry, first.entry);
}

TEST_F(SequencerTest, RepeatedStatementGivesTheSameEntryAfterItExpired) {
  const Signed once = referral();
  const wire::Receipt first = submit(once, *police_);
  now_ = now_ + base::days(15);
  EXPECT_EQ(submit(once, *police_).entry, first.entry);
}

TEST_F(SequencerTest, StatementTwiceInOneRequestIsDecidedOnce) {
  const Signed once = referral();
  const std::uint64_t before = size();
  std::vector<Admission> both;
  both.push_back(admission(once, police_->id));
  both.push_back(admission(once, police_->id));
  const auto receipts = std::get<wire::SubmitReply>(ask(std::move(both)).body).receipts;
  ASSERT_EQ(receipts.size(), 2u);
  EXPECT_EQ(receipts[0].entry, receipts[1].entry);
  EXPECT_EQ(size(), before + 1);
}

TEST_F(SequencerTest, GovernanceRepeatedGivesTheSameEntry) {
  const Signed suspension = network_.suspension(*jobs_);
  const wire::Receipt first = govern(suspension);
  EXPECT_EQ(govern(suspension).entry, first.entry);
}

TEST_F(SequencerTest, CounterUsedForAnotherStatementIsReused) {
  network_.counter = 5;
  accept(referral(), *police_);
  network_.counter = 5;
  EXPECT_EQ(decision_of(submit(referral(), *police_)).reason, Reason::counter_reused);
}

TEST_F(SequencerTest, CounterAheadIsRefusedAndNotUsedUp) {
  network_.counter = UINT64_MAX;
  EXPECT_EQ(decision_of(submit(referral(), *police_)).reason, Reason::counter_ahead);
  const auto used = snapshot().log().sequence_of(police_->id, base::Counter{UINT64_MAX}).value();
  EXPECT_FALSE(used.has_value());
}

TEST_F(SequencerTest, CountersNeedNotComeInOrder) {
  network_.counter = 9;
  accept(referral(), *police_);
  network_.counter = 8;
  accept(referral(), *police_);
}

// The window of 1,024 slides over what lies below it.
class WindowTest : public SequencerTest {
 protected:
  void SetUp() override {
    SequencerTest::SetUp();
    network_.counter = 3;
    first_ = referral();
    first_receipt_ = submit(first_, *police_);
    const std::uint64_t base = network_.now.ms * 1000 + 1'000'000;
    for (std::uint64_t i = 0; i < 17; ++i) {
      std::vector<Admission> some;
      for (std::uint64_t k = 0; k < 64; ++k) {
        network_.counter = base + 64 * i + k;
        some.push_back(admission(network_.opened(*police_, first_.reference), police_->id));
      }
      static_cast<void>(ask(std::move(some)));
    }
  }
  Signed first_;
  wire::Receipt first_receipt_;
};

TEST_F(WindowTest, BelowTheWindowTheLogAnswers) {
  const std::uint64_t before = size();
  EXPECT_EQ(submit(first_, *police_).entry, first_receipt_.entry);
  network_.counter = 3;
  EXPECT_EQ(submit(referral(), *police_).status, WireError::counter_too_old);
  network_.counter = 4;
  EXPECT_EQ(submit(referral(), *police_).status, WireError::counter_too_old);
  EXPECT_EQ(size(), before);
}

// --- what never becomes an entry

struct Unlogged {
  const char* name;
  WireError error;
  std::function<void(wire::StatementParts&)> damage;
};

class UnloggedTest : public SequencerTest, public testing::WithParamInterface<Unlogged> {};

TEST_P(UnloggedTest, IsAnsweredWithoutAnEntry) {
  Signed damaged = referral();
  GetParam().damage(damaged.parts);
  const std::uint64_t before = size();
  const wire::Receipt receipt = submit(damaged, *police_);
  EXPECT_EQ(receipt.status, GetParam().error) << receipt.detail;
  EXPECT_EQ(size(), before);
  EXPECT_EQ(counters_.of(GetParam().error), 1u);
}

INSTANTIATE_TEST_SUITE_P(
    Statements, UnloggedTest,
    testing::Values(
        Unlogged{"no_body", WireError::malformed, [](auto& parts) { parts.body.clear(); }},
        Unlogged{"cut_body", WireError::malformed, [](auto& parts) { parts.body.pop_back(); }},
        Unlogged{"longer_body", WireError::malformed, [](auto& parts) { parts.body.resize(parts.body.size() + 8); }},
        Unlogged{"other_type", WireError::malformed,
                 [](auto& parts) { parts.type = core::media_type(StatementType::consent); }},
        Unlogged{"unknown_type", WireError::malformed, [](auto& parts) { parts.type = "application/json"; }},
        Unlogged{"later_type", WireError::unsupported,
                 [](auto& parts) { parts.type = core::media_type(StatementType::profile); }},
        Unlogged{"no_signature", WireError::bad_signature, [](auto& parts) { parts.blocks.clear(); }},
        Unlogged{"wrong_signature", WireError::bad_signature, [](auto& parts) { parts.blocks.back() ^= 1; }},
        Unlogged{"unknown_key", WireError::bad_signature, [](auto& parts) { parts.blocks.front() ^= 1; }},
        Unlogged{"cut_block", WireError::malformed, [](auto& parts) { parts.blocks.pop_back(); }},
        Unlogged{"row_not_under_the_root", WireError::malformed, [](auto& parts) { parts.rows.push_back({1, 2, 3}); }},
        Unlogged{"chunk_missing", WireError::ciphertext_mismatch, [](auto& parts) { parts.chunks.clear(); }},
        Unlogged{"chunk_changed", WireError::ciphertext_mismatch,
                 [](auto& parts) { parts.chunks[0].data.front() ^= 1; }},
        Unlogged{"chunk_cut", WireError::ciphertext_mismatch, [](auto& parts) { parts.chunks[0].data.pop_back(); }},
        Unlogged{"chunk_twice", WireError::ciphertext_mismatch,
                 [](auto& parts) { parts.chunks.push_back(parts.chunks[0]); }},
        Unlogged{"chunk_of_no_section", WireError::ciphertext_mismatch,
                 [](auto& parts) { parts.chunks.push_back({9, 0, {1}}); }}),
    [](const auto& one) { return std::string(one.param.name); });

TEST_F(SequencerTest, EveryFlippedBitOfABodyIsNoEntry) {
  const Signed whole = referral();
  const std::uint64_t before = size();
  for (std::size_t bit = 0; bit < 8 * whole.parts.body.size(); bit += 13) {
    Signed flipped = whole;
    flipped.parts.body[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    const Admission result = admission(flipped, police_->id);
    EXPECT_TRUE(std::holds_alternative<Refusal>(result)) << "bit " << bit;
  }
  EXPECT_EQ(size(), before);
}

TEST_F(SequencerTest, AnotherMembersStatementIsTheWrongSubmitter) {
  const std::uint64_t before = size();
  EXPECT_EQ(submit(referral(), *shelter_).status, WireError::wrong_submitter);
  EXPECT_EQ(size(), before);
}

TEST_F(SequencerTest, AParentCarriesForItsUnit) {
  Agency& unit = network_.add_agency(core::Sector::border_police, police_->id);
  accept_governance(network_.enrolment(unit));
  const wire::Receipt receipt = submit(network_.prekeys(unit), *police_);
  ASSERT_EQ(receipt.status, WireError::none) << receipt.detail;
  EXPECT_EQ(entry_of(receipt).submitter, police_->id);
}

TEST_F(SequencerTest, GovernanceBroughtByAMemberIsTheWrongSubmitter) {
  EXPECT_EQ(submit(network_.suspension(*jobs_), *police_).status, WireError::wrong_submitter);
}

TEST_F(SequencerTest, BrokersStatementsCannotBeBrought) {
  core::Tick tick{{}, network_.id()};
  Signed forged;
  forged.parts.type = core::media_type(StatementType::tick);
  forged.parts.body = wire::encode_tick(tick);
  EXPECT_EQ(submit(forged, *police_).status, WireError::wrong_submitter);
}

TEST_F(SequencerTest, StatementOfAnotherNetworkIsNoEntry) {
  support::Network other;
  other.name = "other.example";
  static_cast<void>(other.genesis());
  // The same keys on both networks, as a careless agency would have them.
  Agency& twin = other.add_agency(core::Sector::border_police);
  twin.id = police_->id;
  twin.signing = crypto::SigningKey::from_seed(police_->signing.seed()).value();
  EXPECT_EQ(submit(other.prekeys(twin), *police_).status, WireError::wrong_network);
}

// --- members that are not in force

TEST_F(SequencerTest, SuspendedMemberIsRefusedAndLoggedSixteenTimesAnHour) {
  accept_governance(network_.suspension(*police_));
  const std::uint64_t before = size();
  for (std::uint32_t i = 0; i < RefusalLimiter::kPerHour; ++i) {
    EXPECT_EQ(decision_of(submit(referral(), *police_)).reason, Reason::unknown_sender);
  }
  EXPECT_EQ(size(), before + RefusalLimiter::kPerHour);
  EXPECT_EQ(submit(referral(), *police_).status, WireError::not_member);
  EXPECT_EQ(size(), before + RefusalLimiter::kPerHour);
  EXPECT_EQ(counters_.not_logged, 1u);
  now_ = now_ + base::hours(1);
  EXPECT_EQ(decision_of(submit(referral(), *police_)).reason, Reason::unknown_sender);
}

TEST_F(SequencerTest, RemovedMemberIsRefusedAndLoggedSixteenTimesAnHour) {
  accept_governance(network_.removal(*police_));
  const std::uint64_t before = size();
  for (std::uint32_t i = 0; i < 2 * RefusalLimiter::kPerHour; ++i) static_cast<void>(submit(referral(), *police_));
  EXPECT_EQ(size(), before + RefusalLimiter::kPerHour);
  EXPECT_EQ(counters_.not_logged, RefusalLimiter::kPerHour);
}

TEST_F(SequencerTest, ASuspendedMemberIsCountedForWhatItBringsToo) {
  const crypto::SigningKey code = crypto::SigningKey::generate();
  core::ConsentRow row;
  row.member = shelter_->id;
  row.allow = {Category::health};
  row.purposes = {core::Purpose::protection};
  const Signed consent = network_.consent(*police_, {row}, &code);
  accept(consent, *police_);
  accept_governance(network_.suspension(*police_));
  const std::uint64_t before = size();
  for (std::uint32_t i = 0; i < 2 * RefusalLimiter::kPerHour; ++i) {
    static_cast<void>(submit(network_.person_withdrawal(*police_, consent.reference, code), *police_));
  }
  EXPECT_EQ(size(), before + RefusalLimiter::kPerHour);
  accept(network_.person_withdrawal(*shelter_, consent.reference, code), *shelter_);
}

TEST_F(SequencerTest, OneSuspendedMemberDoesNotUseUpAnothersRefusals) {
  accept_governance(network_.suspension(*police_));
  accept_governance(network_.suspension(*jobs_));
  for (std::uint32_t i = 0; i <= RefusalLimiter::kPerHour; ++i) static_cast<void>(submit(referral(), *police_));
  EXPECT_EQ(decision_of(submit(network_.prekeys(*jobs_), *jobs_)).reason, Reason::unknown_sender);
}

// The transport identity is still admitted, the signature still verifies: only the term is over, or has not begun.
TEST_F(SequencerTest, MemberOutsideItsTermIsRefused) {
  now_ = now_ + base::days(365);
  network_.now = now_;
  EXPECT_EQ(decision_of(submit(referral(), *police_)).reason, Reason::unknown_sender);
}

TEST_F(SequencerTest, MemberBeforeItsTermIsRefused) {
  network_.now = now_ + base::minutes(4);  // dates the term; a statement may lie so far ahead
  Agency& early = network_.add_agency(core::Sector::border_police);
  accept_governance(network_.enrolment(early));
  network_.now = now_;
  EXPECT_EQ(decision_of(submit(network_.prekeys(early), early)).reason, Reason::unknown_sender);
  now_ = now_ + base::minutes(4);
  accept(network_.prekeys(early), early);
}

// --- the sender's clock

TEST_F(SequencerTest, StatementDatedAheadOfTheBrokersClockIsRefused) {
  network_.now = now_ + base::minutes(5);
  accept(referral(), *police_);
  network_.now = now_ + base::minutes(5) + base::Duration{1};
  network_.counter = network_.now.ms;
  EXPECT_EQ(decision_of(submit(referral(), *police_)).reason, Reason::created_ahead);
}

TEST_F(SequencerTest, StatementFromYesterdayIsTakenUntilItExpires) {
  const Signed old = referral();
  now_ = now_ + base::days(1);
  accept(old, *police_);
  const Signed late = referral();
  now_ = now_ + base::days(30);
  network_.now = now_;
  EXPECT_EQ(decision_of(submit(late, *police_)).reason, Reason::expired);
}

TEST_F(SequencerTest, SuspendedMemberCannotPull) {
  accept_governance(network_.suspension(*shelter_));
  std::vector<Job> jobs;
  jobs.push_back({1, {}, PullJob{shelter_->id, 64, {}}});
  EXPECT_EQ(sequencer_->step(std::move(jobs), now_).answers.at(0).reply.status, WireError::not_member);
}

TEST_F(SequencerTest, ReinstatedMemberSendsAgain) {
  accept_governance(network_.suspension(*police_));
  accept_governance(network_.reinstatement(*police_));
  accept(referral(), *police_);
}

// --- proofs

TEST_F(SequencerTest, ReplyLeadsFromTheCheckpointThatTheClientHolds) {
  const auto held = sequencer_->publication().get();
  std::vector<Admission> one;
  one.push_back(admission(referral(), police_->id));
  const wire::Reply reply = ask(std::move(one), held->checkpoint.size);
  ASSERT_TRUE(reply.proofs);
  const auto next =
      core::verify_checkpoint(reply.proofs->checkpoint, sequencer_->origin(), network_.log_key().public_key());
  ASSERT_TRUE(next);
  EXPECT_TRUE(core::check_growth(held->checkpoint, next->checkpoint, reply.proofs->consistency));
  EXPECT_EQ(reply.proofs->governance.value, 6u);
  EXPECT_EQ(reply.proofs->now, now_);
}

TEST_F(SequencerTest, LargerTreeThanOursIsAnsweredWithoutDeciding) {
  const std::uint64_t before = size();
  std::vector<Admission> one;
  one.push_back(admission(referral(), police_->id));
  EXPECT_EQ(ask(std::move(one), base::TreeSize{before + 1}).status, WireError::rollback_seen);
  EXPECT_EQ(size(), before);
}

TEST_F(SequencerTest, SmallBatchesGiveTheSameAnswers) {
  options_.batch_statements = 1;
  open();
  std::vector<Job> jobs;
  for (std::uint64_t i = 0; i < 3; ++i) {
    std::vector<Admission> one;
    one.push_back(admission(referral(), police_->id));
    jobs.push_back({i, {}, SubmitJob{std::move(one)}});
  }
  const StepResult result = sequencer_->step(std::move(jobs), now_);
  ASSERT_EQ(result.answers.size(), 3u);
  for (std::uint64_t i = 0; i < 3; ++i) {
    EXPECT_EQ(result.answers[i].ticket, i);
    EXPECT_EQ(std::get<wire::SubmitReply>(result.answers[i].reply.body).receipts.at(0).status, WireError::none);
  }
  EXPECT_EQ(result.entries, 3u);
}

}  // namespace
}  // namespace besa::broker
