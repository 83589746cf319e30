// What a member gets when it pulls, and what the log says about it.
#include "broker/rollback.h"
#include "core/decide.h"
#include "tests/unit/broker/broker_world.h"

namespace besa::broker {
namespace {

using core::MessageState;
using core::NoticeCode;
using core::StatementType;
using wire::WireError;

class PullTest : public BrokerWorld {
 protected:
  void SetUp() override { begin(); }

  Reading reading() {
    published_ = sequencer_->publication().get();
    snapshot_.emplace(snapshot());
    return {*snapshot_, *published_, now_};
  }
  Caller as(const Agency& agency) const { return {agency.id, false, true}; }
  std::vector<StatementType> types_since(std::uint64_t from) const {
    std::vector<StatementType> out;
    for (std::uint64_t i = from; i < size(); ++i) out.push_back(entry_at(i).type);
    return out;
  }

  std::shared_ptr<const Published> published_;
  std::optional<journal::Snapshot> snapshot_;
};

TEST_F(PullTest, NothingQueuedGivesNothingAndNoEntry) {
  const std::uint64_t before = size();
  const wire::PullReply reply = pull(*shelter_);
  EXPECT_TRUE(reply.messages.empty());
  EXPECT_FALSE(reply.more);
  EXPECT_EQ(size(), before);
}

TEST_F(PullTest, MessageComesWithEntryBodyAndCiphertext) {
  const Signed sent = referral();
  const wire::Receipt receipt = submit(sent, *police_);
  const wire::PullReply reply = pull(*shelter_);
  ASSERT_EQ(reply.messages.size(), 1u);
  const wire::PulledMessage& message = reply.messages[0];
  EXPECT_EQ(message.log.entry, receipt.entry);
  EXPECT_EQ(message.log.body, sent.parts.body);
  EXPECT_EQ(message.log.blocks, sent.parts.blocks);
  EXPECT_TRUE(message.log.rows.empty());
  EXPECT_EQ(message.chunks, sent.parts.chunks);
  EXPECT_EQ(entry_at(size() - 1).type, StatementType::hand_out);
  EXPECT_EQ(state_of(sent.reference), MessageState::handed_out);
}

TEST_F(PullTest, PullingAgainGivesTheSameWithoutAnEntry) {
  accept(referral(), *police_);
  static_cast<void>(pull(*shelter_));
  const std::uint64_t before = size();
  EXPECT_EQ(pull(*shelter_).messages.size(), 1u);
  EXPECT_EQ(size(), before);
}

TEST_F(PullTest, ReceivedMessageIsNotGivenAgain) {
  const Signed sent = referral();
  accept(sent, *police_);
  static_cast<void>(pull(*shelter_));
  accept(network_.received(*shelter_, {sent.reference}), *shelter_);
  EXPECT_TRUE(pull(*shelter_).messages.empty());
  EXPECT_EQ(state_of(sent.reference), MessageState::received);
}

TEST_F(PullTest, NobodyElseGetsIt) {
  accept(referral(), *police_);
  EXPECT_TRUE(pull(*iom_).messages.empty());
}

TEST_F(PullTest, LimitLeavesTheRestForLater) {
  for (int i = 0; i < 3; ++i) accept(referral(), *police_);
  const wire::PullReply reply = pull(*shelter_, 2);
  EXPECT_EQ(reply.messages.size(), 2u);
  EXPECT_TRUE(reply.more);
}

TEST_F(PullTest, ManyLargeMessagesFillOneFrameOnly) {
  for (int i = 0; i < 4; ++i) {
    accept(network_.message(*police_, *shelter_,
                            {{Category::summary, Basis::legal_obligation, core::Grant::now, 100'000}}),
           *police_);
  }
  const wire::PullReply reply = pull(*shelter_);
  ASSERT_EQ(reply.messages.size(), 4u);
  std::size_t chunks = 0;
  for (const wire::PulledMessage& message : reply.messages) chunks += message.chunks.size();
  EXPECT_GE(chunks, 3u);
  EXPECT_LT(chunks, 5u);
}

TEST_F(PullTest, OneHandOutASender) {
  Agency& other = network_.add_agency(core::Sector::border_police);
  accept_governance(network_.enrolment(other));
  accept(referral(), *police_);
  accept(network_.message(other, *shelter_, {{Category::summary, Basis::legal_obligation}}), other);
  accept(referral(), *police_);
  const std::uint64_t before = size();
  EXPECT_EQ(pull(*shelter_).messages.size(), 3u);
  EXPECT_EQ(types_since(before), (std::vector{StatementType::hand_out, StatementType::hand_out}));
}

TEST_F(PullTest, SectionsForLaterStayBehind) {
  const Signed consent = network_.consent(*police_, rows_for_both({Category::exploitation, Category::contact}));
  accept(consent, *police_);
  MessageSpec spec;
  spec.consent = consent.reference;
  spec.sections = {{Category::contact, Basis::consent}, {Category::exploitation, Basis::consent, core::Grant::later}};
  const Signed sent = network_.message(*police_, *shelter_, spec);
  accept(sent, *police_);
  const wire::PullReply reply = pull(*shelter_);
  ASSERT_EQ(reply.messages.size(), 1u);
  ASSERT_EQ(reply.messages[0].chunks.size(), 1u);
  EXPECT_EQ(reply.messages[0].chunks[0].section, 0u);
  const auto later = answer_fetch(reading(), as(*shelter_), {sent.reference, 1, 0});
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().error, WireError::denied);
}

TEST_F(PullTest, SuspendedSendersMessageIsWithheldOnce) {
  const Signed sent = referral();
  accept(sent, *police_);
  accept_governance(network_.suspension(*police_));
  const std::uint64_t before = size();
  EXPECT_TRUE(pull(*shelter_).messages.empty());
  EXPECT_TRUE(pull(*shelter_).messages.empty());
  EXPECT_EQ(types_since(before), std::vector{StatementType::withhold});
  EXPECT_EQ(state_of(sent.reference), MessageState::withheld);
}

TEST_F(PullTest, WithheldMessageGoesOnceItsSenderIsBack) {
  accept(referral(), *police_);
  accept_governance(network_.suspension(*police_));
  static_cast<void>(pull(*shelter_));
  accept_governance(network_.reinstatement(*police_));
  EXPECT_EQ(pull(*shelter_).messages.size(), 1u);
}

TEST_F(PullTest, PolicyInForceAtTheHandOutDecides) {
  const Signed sent = referral();
  accept(sent, *police_);
  core::Policy stricter = support::small_policy();
  stricter.rules.pop_back();
  stricter.rules[1].send.erase(Basis::legal_obligation);
  accept_governance(network_.policy(stricter));
  EXPECT_TRUE(pull(*shelter_).messages.empty());
  EXPECT_EQ(entry_at(size() - 1).type, StatementType::withhold);
}

TEST_F(PullTest, MessageUnderAnOlderPolicyIsHandedOutIfTheNewOneAllowsIt) {
  accept(referral(), *police_);
  accept_governance(network_.policy(support::small_policy()));
  EXPECT_EQ(pull(*shelter_).messages.size(), 1u);
}

TEST_F(PullTest, StalePolicyIsRefusedAtSubmission) {
  const Signed stale = referral();
  accept_governance(network_.policy(support::small_policy()));
  EXPECT_EQ(decision_of(submit(stale, *police_)).reason, Reason::policy_stale);
}

// A sender that is suspended with a full queue must not hide what others sent: the next pull looks behind it.
TEST_F(PullTest, MessagesBehindManyThatAreKeptBackAreFound) {
  options_.queue_rows_per_pull = 128;
  open();
  for (std::size_t sent = 0; sent < options_.queue_rows_per_pull; sent += 64) {
    std::vector<Admission> some;
    for (std::size_t i = 0; i < 64; ++i) some.push_back(admission(referral(), police_->id));
    static_cast<void>(ask(std::move(some)));
  }
  Agency& other = network_.add_agency(core::Sector::border_police);
  accept_governance(network_.enrolment(other));
  const Signed behind = network_.message(other, *shelter_, {{Category::summary, Basis::legal_obligation}});
  accept(behind, other);
  accept_governance(network_.suspension(*police_));
  const wire::PullReply first = pull(*shelter_);
  EXPECT_TRUE(first.messages.empty());
  EXPECT_TRUE(first.more) << "so that the client pulls again";
  const wire::PullReply second = pull(*shelter_);
  ASSERT_EQ(second.messages.size(), 1u);
  EXPECT_EQ(state_of(behind.reference), MessageState::handed_out);
  EXPECT_FALSE(second.more);
  // The end was seen: from the front again, and governance that changes the verdicts begins there as well.
  EXPECT_TRUE(pull(*shelter_).more);
  accept_governance(network_.reinstatement(*police_));
  EXPECT_EQ(pull(*shelter_).messages.size(), 64u);
}

// --- notices

TEST_F(PullTest, SenderIsToldWhatMoved) {
  const Signed sent = referral();
  const wire::Receipt receipt = submit(sent, *police_);
  const std::uint64_t sequence = entry_of(receipt).sequence.value;
  static_cast<void>(pull(*shelter_));
  accept(network_.received(*shelter_, {sent.reference}), *shelter_);
  const auto notices = pull(*police_, 64, sequence).notices;
  ASSERT_EQ(notices.size(), 2u);
  EXPECT_EQ(notices[0].code, core::number_of(NoticeCode::message_moved));
  EXPECT_EQ(notices[0].reference, sent.reference);
  EXPECT_EQ(entry_at(notices[0].sequence.value).type, StatementType::hand_out);
  EXPECT_EQ(entry_at(notices[1].sequence.value).type, StatementType::received);
  EXPECT_EQ(pull(*police_, 64, notices[0].sequence.value).notices.size(), 1u);
}

TEST_F(PullTest, StepSaysWhoHasSomethingToPull) {
  std::vector<Admission> one;
  one.push_back(admission(referral(), police_->id));
  std::vector<Job> jobs;
  jobs.push_back({1, {}, SubmitJob{std::move(one)}});
  const StepResult sent = sequencer_->step(std::move(jobs), now_);
  EXPECT_EQ(sent.stirred, std::vector{shelter_->id});
  std::vector<Job> pulls;
  pulls.push_back({2, {}, PullJob{shelter_->id, 64, {}}});
  const StepResult pulled = sequencer_->step(std::move(pulls), now_);
  EXPECT_EQ(pulled.emptied, std::vector{shelter_->id});
  EXPECT_EQ(pulled.stirred, std::vector{police_->id});
}

// --- reading

TEST_F(PullTest, FetchGivesAChunkOnlyOnceItWasHandedOut) {
  const Signed sent = referral();
  accept(sent, *police_);
  EXPECT_FALSE(answer_fetch(reading(), as(*shelter_), {sent.reference, 0, 0}));
  static_cast<void>(pull(*shelter_));
  const auto chunk = answer_fetch(reading(), as(*shelter_), {sent.reference, 0, 0});
  ASSERT_TRUE(chunk) << chunk.error().detail;
  EXPECT_EQ(chunk->data, sent.parts.chunks[0].data);
  EXPECT_FALSE(answer_fetch(reading(), as(*iom_), {sent.reference, 0, 0}));
  EXPECT_EQ(answer_fetch(reading(), as(*shelter_), {sent.reference, 0, 1}).error().error, WireError::not_found);
}

TEST_F(PullTest, EntriesAreReadByThoseWhoMay) {
  const Signed sent = referral();
  const std::uint64_t at = entry_of(submit(sent, *police_)).sequence.value;
  const auto read = [&](const Agency& agency, std::uint64_t sequence) {
    return answer_entry(reading(), as(agency), {base::Sequence{sequence}, 1}).has_value();
  };
  EXPECT_TRUE(read(*police_, at));
  EXPECT_FALSE(read(*shelter_, at));
  EXPECT_FALSE(read(*iom_, at));
  EXPECT_TRUE(read(*iom_, 0));
  EXPECT_TRUE(read(*iom_, at - 1));  // prekeys
  static_cast<void>(pull(*shelter_));
  EXPECT_TRUE(read(*shelter_, at));
  EXPECT_TRUE(read(*shelter_, at + 1));
  EXPECT_TRUE(read(*police_, at + 1));
  EXPECT_FALSE(read(*iom_, at + 1));
  EXPECT_EQ(answer_entry(reading(), as(*police_), {base::Sequence{size()}, 1}).error().error, WireError::not_found);
}

TEST_F(PullTest, AdministratorsReadGovernanceOnly) {
  const Caller administrator{base::id_cast<base::MemberId>(network_.administrators()[0].organisation), true, true};
  EXPECT_TRUE(answer_entry(reading(), administrator, {base::Sequence{1}, 1}));
  EXPECT_FALSE(answer_entry(reading(), administrator, {base::Sequence{size() - 1}, 1}));
  EXPECT_FALSE(answer_prekeys(reading(), administrator, {police_->id}));
}

TEST_F(PullTest, AppointedAuditorReadsRunsWithRows) {
  core::ConsentRow own;
  own.member = police_->id;
  own.allow = {Category::contact};
  own.purposes = {core::Purpose::protection};
  accept(network_.consent(*police_, {own}), *police_);
  EXPECT_FALSE(answer_entry(reading(), as(*auditor_), {base::Sequence{size() - 1}, 8}));
  accept_governance(network_.appointment(*auditor_));
  const auto run = answer_entry(reading(), as(*auditor_), {base::Sequence{0}, 1024});
  ASSERT_TRUE(run);
  ASSERT_EQ(run->entries.size(), size());
  EXPECT_EQ(run->entries[size() - 2].rows.size(), 16u);
  EXPECT_FALSE(run->entries[6].policy.empty());
  now_ = now_ + base::days(31);
  EXPECT_FALSE(answer_entry(reading(), as(*auditor_), {base::Sequence{size() - 2}, 1}));
}

TEST_F(PullTest, PolicyTravelsToEveryMember) {
  const auto entry = answer_entry(reading(), as(*shelter_), {base::Sequence{6}, 1});
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->entries.at(0).policy.empty(), false);
}

TEST_F(PullTest, PrekeysAreTheNewestInForce) {
  accept(network_.prekeys(*shelter_), *shelter_);
  const std::uint64_t newest = size() - 1;
  const auto found = answer_prekeys(reading(), as(*police_), {shelter_->id});
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(core::decode_entry(found->log.entry).value().sequence.value, newest);
  now_ = now_ + base::days(21);
  EXPECT_EQ(answer_prekeys(reading(), as(*police_), {shelter_->id}).error().error, WireError::not_found);
}

TEST_F(PullTest, HelloKnowsOurOwnNotes) {
  const auto older = sequencer_->publication().get();
  accept(referral(), *police_);
  const base::PublicKey key = network_.log_key().public_key();
  EXPECT_FALSE(shows_rollback(reading(), "", key).value());
  EXPECT_FALSE(shows_rollback(reading(), older->note, key).value());
  EXPECT_FALSE(shows_rollback(reading(), published_->note, key).value());
  const auto signed_note = [&](core::Checkpoint checkpoint, const crypto::SigningKey& by) {
    return core::note_from(checkpoint, by.public_key(), by.sign(base::as_bytes(core::note_text(checkpoint))));
  };
  core::Checkpoint larger = published_->checkpoint;
  larger.size.value += 5;
  EXPECT_TRUE(shows_rollback(reading(), signed_note(larger, network_.log_key()), key).value());
  EXPECT_FALSE(shows_rollback(reading(), signed_note(larger, network_.administrators()[0].signing), key).value());
  core::Checkpoint other = older->checkpoint;
  other.root.bytes[0] ^= 1;
  EXPECT_TRUE(shows_rollback(reading(), signed_note(other, network_.log_key()), key).value());
}

}  // namespace
}  // namespace besa::broker
