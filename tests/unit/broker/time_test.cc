// The broker's time, what falls due, halting, and starting again.
#include "broker/clock_guard.h"
#include "broker/rebuild.h"
#include "tests/unit/broker/broker_world.h"

namespace besa::broker {
namespace {

using core::MessageState;
using core::StatementType;
using wire::WireError;

class TimeTest : public BrokerWorld {
 protected:
  void SetUp() override { begin(); }
};

TEST_F(TimeTest, TimeOfTheLogNeverFalls) {
  now_ = now_ + base::minutes(3);
  accept(referral(), *police_);
  const base::Timestamp last = entry_at(size() - 1).now;
  now_ = support::kNetworkStart;
  accept(referral(), *police_);
  EXPECT_EQ(entry_at(size() - 1).now, last);
}

TEST_F(TimeTest, NothingIsDueNothingIsWritten) {
  const std::uint64_t before = size();
  EXPECT_EQ(tick().entries, 0u);
  EXPECT_EQ(size(), before);
}

TEST_F(TimeTest, TickComesByItselfWhenSomethingFallsDue) {
  const Signed sent = referral();
  accept(sent, *police_);
  ASSERT_TRUE(sequencer_->next_due());
  now_ = *sequencer_->next_due();
  EXPECT_EQ(tick().entries, 1u);
  EXPECT_EQ(entry_at(size() - 1).type, StatementType::tick);
  now_ = support::kNetworkStart + base::days(10);
  EXPECT_GE(tick().entries, 1u);
  EXPECT_EQ(state_of(sent.reference), MessageState::expired);
}

TEST_F(TimeTest, TickComesBeforeAnythingElse) {
  accept(referral(), *police_);
  now_ = now_ + base::days(9);
  network_.now = now_;
  const std::uint64_t before = size();
  accept(network_.prekeys(*iom_), *iom_);
  EXPECT_EQ(entry_at(before).type, StatementType::tick);
  EXPECT_EQ(entry_at(before + 1).type, StatementType::prekeys);
}

TEST_F(TimeTest, ExpiredMessageIsNotHandedOutAndItsCiphertextIsGone) {
  const Signed sent = referral();
  accept(sent, *police_);
  EXPECT_TRUE(snapshot().ciphertext(sent.reference, 0, 0));
  now_ = now_ + base::days(10);
  EXPECT_TRUE(pull(*shelter_).messages.empty());
  EXPECT_EQ(snapshot().ciphertext(sent.reference, 0, 0).error().kind, base::ErrorKind::not_found);
  EXPECT_TRUE(settle());
}

TEST_F(TimeTest, SenderIsToldOfTheExpiry) {
  const Signed sent = referral();
  const std::uint64_t at = entry_of(submit(sent, *police_)).sequence.value;
  now_ = now_ + base::days(10);
  static_cast<void>(tick());
  bool told = false;
  for (const wire::Notice& notice : pull(*police_, 64, at).notices) {
    told = told || notice.code == core::number_of(core::NoticeCode::message_expired);
  }
  EXPECT_TRUE(told);
}

// --- halting

TEST_F(TimeTest, HaltedSequencerAnswersAndAppendsNothing) {
  sequencer_->halt(WireError::clock);
  sequencer_->halt(WireError::rollback_seen);
  const std::uint64_t before = size();
  EXPECT_EQ(submit(referral(), *police_).status, WireError::clock);
  now_ = now_ + base::days(100);
  EXPECT_EQ(tick().entries, 0u);
  EXPECT_EQ(size(), before);
}

struct ClockCase {
  const char* name;
  std::int64_t start_ms;  // against the last entry
  std::int64_t step_ms;   // of the wall clock, then
  bool confirmed;
  ClockGuard::Trouble trouble;
  bool stepped = false;  // in an earlier run
};

class ClockTest : public testing::TestWithParam<ClockCase> {};

TEST_P(ClockTest, SaysWhetherTheClockCanBeTrusted) {
  const ClockCase& one = GetParam();
  const base::Timestamp last = support::kNetworkStart;
  const auto moved = [&](std::int64_t by) { return base::Timestamp{last.ms + static_cast<std::uint64_t>(by)}; };
  program::FakeClock clock(moved(one.start_ms));
  ClockGuard guard(clock, last, one.stepped);
  if (one.confirmed) guard.confirm();
  clock.pass(base::hours(3));
  static_cast<void>(guard.now());
  clock.set(base::Timestamp{clock.now().ms + static_cast<std::uint64_t>(one.step_ms)});
  EXPECT_EQ(guard.now().has_value(), one.trouble == ClockGuard::Trouble::none);
  EXPECT_EQ(guard.trouble(), one.trouble);
}

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kDay = 24 * 60 * kMinute;
INSTANTIATE_TEST_SUITE_P(
    Clocks, ClockTest,
    testing::Values(ClockCase{"runs", 0, 0, false, ClockGuard::Trouble::none},
                    ClockCase{"corrected", -1'000, 59'000, false, ClockGuard::Trouble::none},
                    ClockCase{"behind_the_log", -2 * kMinute, 0, false, ClockGuard::Trouble::behind_log},
                    ClockCase{"a_day_past_the_log", kDay + 1, 0, false, ClockGuard::Trouble::long_after_log},
                    ClockCase{"a_day_past_but_confirmed", kDay + 1, 0, true, ClockGuard::Trouble::none},
                    ClockCase{"steps_ahead", 0, kMinute + 1, false, ClockGuard::Trouble::stepped},
                    ClockCase{"steps_back", 0, -kMinute - 1, false, ClockGuard::Trouble::stepped},
                    ClockCase{"steps_though_confirmed", 0, kDay, true, ClockGuard::Trouble::stepped},
                    ClockCase{"stepped_before_the_start", 0, 0, false, ClockGuard::Trouble::stepped, true},
                    ClockCase{"stepped_and_confirmed", 0, 0, true, ClockGuard::Trouble::none, true}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(ClockGuardTest, TroubleStays) {
  program::FakeClock clock(support::kNetworkStart);
  ClockGuard guard(clock, support::kNetworkStart, false);
  clock.set(support::kNetworkStart + base::hours(1));
  EXPECT_FALSE(guard.now());
  clock.set(support::kNetworkStart);
  EXPECT_FALSE(guard.now());
}

// Many steps under the bound move the clock as far as one over it.
TEST(ClockGuardTest, SmallStepsAddUp) {
  program::FakeClock clock(support::kNetworkStart);
  ClockGuard guard(clock, support::kNetworkStart, false);
  for (int i = 0; i < 2; ++i) {
    clock.pass(base::minutes(1));
    clock.set(clock.now() + base::Duration{29'000});
    EXPECT_TRUE(guard.now());
  }
  clock.pass(base::minutes(1));
  clock.set(clock.now() + base::Duration{29'000});
  EXPECT_FALSE(guard.now());
  EXPECT_EQ(guard.trouble(), ClockGuard::Trouble::stepped);
}

TEST(ClockGuardTest, ASecondADayIsNoStep) {
  program::FakeClock clock(support::kNetworkStart);
  ClockGuard guard(clock, support::kNetworkStart, false);
  for (int day = 0; day < 200; ++day) {
    clock.pass(base::days(1));
    clock.set(clock.now() + base::Duration{1'000});
    ASSERT_TRUE(guard.now()) << day;
  }
}

// Nothing is appended while the clock lies behind the last entry, by how little ever.
TEST(ClockGuardTest, AStartALittleBehindTheLogWaits) {
  const base::Timestamp last = support::kNetworkStart + base::minutes(1);
  program::FakeClock clock(support::kNetworkStart);
  ClockGuard guard(clock, last, false);
  clock.pass(base::Duration{59'999});
  EXPECT_FALSE(guard.now());
  EXPECT_EQ(guard.trouble(), ClockGuard::Trouble::none);
  clock.pass(base::Duration{1});
  EXPECT_EQ(guard.now(), last);
  clock.set(support::kNetworkStart + base::Duration{59'000});
  EXPECT_TRUE(guard.now()) << "a small step later is what the core keeps from falling";
}

TEST(ClockGuardTest, AStartBehindTheLogGoesOnOnceConfirmed) {
  program::FakeClock clock(support::kNetworkStart);
  ClockGuard guard(clock, support::kNetworkStart + base::days(1), false);
  EXPECT_FALSE(guard.now());
  guard.confirm();
  EXPECT_TRUE(guard.now());
}

// --- starting again

TEST_F(TimeTest, RestartKeepsWhatWasAcknowledged) {
  const Signed sent = referral();
  accept(sent, *police_);
  const std::string before = dump();
  const auto published = sequencer_->publication().get();
  open();
  EXPECT_EQ(dump(), before);
  EXPECT_EQ(sequencer_->publication().get()->checkpoint, published->checkpoint);
  EXPECT_EQ(pull(*shelter_).messages.size(), 1u);
}

TEST_F(TimeTest, AnotherLogKeyIsRefused) {
  const crypto::SigningKey other = crypto::SigningKey::generate();
  sequencer_.reset();
  const auto opened = Sequencer::open(*journal_, other, options_, counters_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, base::ErrorKind::configuration);
}

TEST_F(TimeTest, ViewThatDoesNotEndWithTheLogIsDamaged) {
  {
    auto batch = journal_->begin().value();
    batch.drop_view();
    ASSERT_TRUE(batch.commit());
    ASSERT_TRUE(settle());
  }
  const auto opened = try_open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, base::ErrorKind::damaged);
}

TEST_F(TimeTest, RebuiltViewIsEqual) {
  const Signed sent = referral();
  accept(sent, *police_);
  static_cast<void>(pull(*shelter_));
  accept(network_.received(*shelter_, {sent.reference}), *shelter_);
  accept_governance(network_.suspension(*jobs_));
  now_ = now_ + base::days(12);
  static_cast<void>(tick());
  const std::string before = dump();
  std::uint64_t done = 0;
  const auto rebuilt = rebuild(*journal_, [&](std::uint64_t at, std::uint64_t) { done = at; });
  ASSERT_TRUE(rebuilt) << rebuilt.error().message;
  EXPECT_FALSE(rebuilt->differs) << rebuilt->why;
  EXPECT_EQ(rebuilt->entries, size());
  EXPECT_EQ(done, size());
  EXPECT_EQ(dump(), before);
  open();
}

TEST_F(TimeTest, RebuildNamesTheEntryThatDiffers) {
  // An entry that no rule would have made: the last one once more.
  {
    auto batch = journal_->begin().value();
    core::Entry entry = entry_at(size() - 1);
    entry.sequence.value += 1;
    journal::Append forged;
    forged.entry = core::encode_entry(entry);
    forged.beside = snapshot().log().beside(base::Sequence{size() - 1}).value();
    ASSERT_TRUE(batch.append(forged));
    ASSERT_TRUE(batch.commit());
    ASSERT_TRUE(settle());
  }
  const auto rebuilt = rebuild(*journal_, [](std::uint64_t, std::uint64_t) {});
  ASSERT_TRUE(rebuilt) << rebuilt.error().message;
  ASSERT_TRUE(rebuilt->differs);
  EXPECT_EQ(rebuilt->differs->value, size() - 1);
}

TEST_F(TimeTest, SecondBrokerOnTheFolderIsRefused) {
  const auto second = journal::Journal::open(folder_ / "journal");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, base::ErrorKind::busy);
}

}  // namespace
}  // namespace besa::broker
