// An older copy of the log, the loss accepted, and what is offered again: decided in its old order, once, and only with
// a receipt that the lost log gave.
#include <filesystem>

#include "base/limits.h"
#include "broker/rollback.h"
#include "tests/unit/broker/broker_world.h"

namespace besa::broker {
namespace {

using core::MessageState;
using wire::WireError;

// What a node keeps of a statement that was acknowledged.
struct Kept {
  Signed statement;
  base::MemberId submitter;
  wire::LostReceipt receipt;
};

class RecoveryTest : public BrokerWorld {
 protected:
  void SetUp() override {
    begin();
    consent_ = network_.consent(*police_, rows_for_both({Category::contact}));
    accept(consent_, *police_);
  }

  // The copy that is restored later.
  void back_up() {
    kept_ = sequencer_->publication().get()->checkpoint;
    close();
    std::filesystem::copy(folder_ / "journal", folder_ / "backup", std::filesystem::copy_options::recursive);
    open();
  }
  void restore() {
    lost_note_ = sequencer_->publication().get()->note;
    close();
    std::filesystem::remove_all(folder_ / "journal");
    std::filesystem::copy(folder_ / "backup", folder_ / "journal", std::filesystem::copy_options::recursive);
    open();
  }

  Kept acknowledged(const Signed& statement, const base::MemberId& submitter) {
    std::vector<Admission> one;
    one.push_back(admission(statement, submitter));
    const wire::Reply reply = ask(std::move(one));
    const auto& receipt = std::get<wire::SubmitReply>(reply.body).receipts.at(0);
    EXPECT_TRUE(entry_of(receipt).decision.accepted()) << core::name_of(entry_of(receipt).decision.reason);
    return {statement, submitter, {receipt.entry, receipt.proof, reply.proofs->checkpoint}};
  }
  Kept acknowledged(const Signed& statement, const Agency& agency) { return acknowledged(statement, agency.id); }
  Signed on_consent() {
    MessageSpec spec;
    spec.sections = {{Category::contact, Basis::consent}};
    spec.consent = consent_.reference;
    return network_.message(*police_, *shelter_, spec);
  }

  core::LossAccepted loss(std::uint64_t epoch = 1) const {
    core::LossAccepted out;
    out.kept_size = kept_.size;
    out.kept_root = kept_.root;
    const auto lost = core::verify_checkpoint(lost_note_, sequencer_->origin(), network_.log_key().public_key());
    EXPECT_TRUE(lost);
    out.lost_size = lost->checkpoint.size;
    out.lost_root = lost->checkpoint.root;
    out.lost_signature = lost->signature;
    out.epoch = epoch;
    out.until = now_ + base::hours(1);
    return out;
  }
  void accept_loss() { accept_governance(network_.loss(loss())); }
  WireError offer(const Kept& kept) { return offer(kept, kept.receipt); }
  WireError offer(const Kept& kept, const wire::LostReceipt& receipt) {
    std::vector<Admission> one;
    one.push_back(admit_again(kept.statement.parts, receipt, kept.submitter, snapshot().view()));
    const wire::Reply reply = ask(std::move(one));
    return std::get<wire::SubmitReply>(reply.body).receipts.at(0).status;
  }
  void end_recovery() {
    now_ = now_ + base::hours(1);
    const StepResult result = tick();
    EXPECT_TRUE(result.errors.empty());
    EXPECT_TRUE(result.stirred_all);
    static_cast<void>(tick());
  }
  bool recovering() const { return core::read_head(snapshot().view()).value()->recovering; }

  Signed consent_;
  core::Checkpoint kept_;
  std::string lost_note_;
};

TEST_F(RecoveryTest, WhatWasAcknowledgedArrivesOnceAndWhatWasWithdrawnNot) {
  back_up();
  const Kept first = acknowledged(referral(), *police_);
  const Kept second = acknowledged(referral(), *police_);
  const Kept withdrawn = acknowledged(on_consent(), *police_);
  ASSERT_EQ(pull(*shelter_).messages.size(), 3u);
  const Kept received = acknowledged(network_.received(*shelter_, {first.statement.reference}), *shelter_);
  const Kept withdrawal = acknowledged(network_.withdrawal(*police_, consent_.reference), *police_);
  restore();
  accept_loss();
  EXPECT_EQ(sequencer_->publication().get()->checkpoint.origin, sequencer_->origin());
  EXPECT_TRUE(sequencer_->origin().ends_with("/1"));
  // In any order, and one of them twice.
  for (const Kept* kept : {&withdrawal, &received, &withdrawn, &second, &first, &second}) {
    EXPECT_EQ(offer(*kept), WireError::recovering);
  }
  EXPECT_TRUE(pull(*shelter_).messages.empty()) << "nothing is handed out meanwhile";
  const std::uint64_t before = size();
  end_recovery();
  EXPECT_FALSE(recovering());
  const std::vector<Kept> in_order = {first, second, withdrawn, received, withdrawal};
  for (std::size_t i = 0; i < in_order.size(); ++i) {
    const core::Entry entry = entry_at(before + i);
    EXPECT_EQ(entry.id, in_order[i].statement.id) << i;
    EXPECT_TRUE(entry.decision.accepted()) << i << ": " << core::name_of(entry.decision.reason);
  }
  EXPECT_EQ(entry_at(before + in_order.size()).type, core::StatementType::tick);
  const auto pulled = pull(*shelter_).messages;
  ASSERT_EQ(pulled.size(), 1u);
  EXPECT_EQ(core::decode_entry(pulled[0].log.entry)->id, second.statement.id);
  EXPECT_EQ(state_of(first.statement.reference), MessageState::received);
  EXPECT_EQ(state_of(withdrawn.statement.reference), MessageState::withheld);
  EXPECT_EQ(decision_of(submit(first.statement, *police_)).accepted(), true) << "the same bytes, the same receipt";
  EXPECT_EQ(offer(second), WireError::none) << "late, but known";
}

// What counts is what was offered: a member that keeps its own withdrawal back has not taken anything back.
TEST_F(RecoveryTest, AMemberThatKeepsItsWithdrawalBackHasTakenNothingBack) {
  back_up();
  const Kept message = acknowledged(on_consent(), *police_);
  acknowledged(network_.withdrawal(*police_, consent_.reference), *police_);
  restore();
  accept_loss();
  EXPECT_EQ(offer(message), WireError::recovering);
  end_recovery();
  EXPECT_EQ(pull(*shelter_).messages.size(), 1u);
}

TEST_F(RecoveryTest, LostGovernanceKeepsItsPlace) {
  back_up();
  const Kept before = acknowledged(referral(), *police_);
  const base::MemberId administrator = base::id_cast<base::MemberId>(network_.administrators()[0].organisation);
  const Kept policy = acknowledged(network_.policy(support::small_policy()), administrator);
  const Kept after = acknowledged(referral(), *police_);
  restore();
  accept_loss();
  for (const Kept* kept : {&after, &before, &policy}) EXPECT_EQ(offer(*kept), WireError::recovering);
  end_recovery();
  EXPECT_EQ(pull(*shelter_).messages.size(), 2u);
}

TEST_F(RecoveryTest, AnAgencyEnrolledMeanwhileSignsAgain) {
  back_up();
  Agency& late = network_.add_agency(core::Sector::border_police);
  const base::MemberId administrator = base::id_cast<base::MemberId>(network_.administrators()[0].organisation);
  const Kept enrolment = acknowledged(network_.enrolment(late), administrator);
  const Kept message =
      acknowledged(network_.message(late, *shelter_, {{Category::summary, Basis::legal_obligation}}), late);
  restore();
  accept_loss();
  EXPECT_EQ(offer(message), WireError::recovering) << "its key is not known yet";
  EXPECT_EQ(offer(enrolment), WireError::recovering);
  end_recovery();
  EXPECT_EQ(pull(*shelter_).messages.size(), 1u);
}

TEST_F(RecoveryTest, OffersNeedAReceiptOfTheLostLog) {
  back_up();
  const Kept mine = acknowledged(referral(), *police_);
  const Kept other = acknowledged(referral(), *police_);
  wire::LostReceipt forged = mine.receipt;
  {
    // Another place in the order, chosen by the one that offers.
    core::Entry entry = core::decode_entry(forged.entry).value();
    entry.sequence = base::Sequence{entry.sequence.value + 1};
    forged.entry = core::encode_entry(entry);
  }
  wire::LostReceipt cut = mine.receipt;
  cut.proof.pop_back();
  wire::LostReceipt unsigned_note = mine.receipt;
  {
    const auto stranger = crypto::SigningKey::from_seed(base::Bytes(32, 77)).value();
    const auto note =
        core::verify_checkpoint(mine.receipt.checkpoint, sequencer_->origin(), network_.log_key().public_key()).value();
    const std::string text = core::note_text(note.checkpoint);
    unsigned_note.checkpoint =
        core::note_from(note.checkpoint, network_.log_key().public_key(), stranger.sign(base::as_bytes(text)));
  }
  restore();
  accept_loss();
  struct Case {
    const char* name;
    wire::LostReceipt receipt;
    WireError expected;
  };
  const Case cases[] = {
      {"another place", forged, WireError::bad_signature},
      {"a proof cut short", cut, WireError::bad_signature},
      {"a note that the log never signed", unsigned_note, WireError::bad_signature},
      {"the receipt of another statement", other.receipt, WireError::bad_signature},
      {"nothing", {}, WireError::malformed},
      {"its own", mine.receipt, WireError::recovering},
  };
  for (const Case& test : cases) EXPECT_EQ(offer(mine, test.receipt), test.expected) << test.name;
}

TEST_F(RecoveryTest, NobodyOffersForSomebodyElse) {
  back_up();
  Kept message = acknowledged(referral(), *police_);
  restore();
  accept_loss();
  message.submitter = iom_->id;
  EXPECT_EQ(offer(message), WireError::wrong_submitter);
}

TEST_F(RecoveryTest, WhatIsNewWaitsAndWhatIsKnownIsAnswered) {
  const Signed known = referral();
  accept(known, *police_);
  back_up();
  restore();
  core::LossAccepted body = loss();
  body.lost_size = {};
  body.lost_root = {};
  body.lost_signature = {};
  accept_governance(network_.loss(body));
  const Signed fresh = referral();
  EXPECT_EQ(submit(fresh, *police_).status, WireError::recovering);
  EXPECT_EQ(submit(known, *police_).status, WireError::none);
  EXPECT_EQ(govern(network_.suspension(*jobs_)).status, WireError::recovering);
  end_recovery();
  accept(fresh, *police_);
}

// What was taken back while the broker collects holds before anything goes out, also on what was lost and is offered
// again after it; and whoever had it before the loss owes an answer.
TEST_F(RecoveryTest, WhatIsTakenBackMeanwhileHoldsBeforeAnythingGoesOut) {
  const Signed waiting = on_consent();
  accept(waiting, *police_);
  back_up();
  const Kept fetched = acknowledged(on_consent(), *police_);
  ASSERT_EQ(pull(*shelter_).messages.size(), 2u);
  const Kept received = acknowledged(network_.received(*shelter_, {fetched.statement.reference}), *shelter_);
  restore();
  accept_loss();
  const Signed withdrawal = network_.withdrawal(*police_, consent_.reference);
  EXPECT_EQ(submit(withdrawal, *police_).status, WireError::recovering);
  EXPECT_EQ(offer(fetched), WireError::recovering);
  EXPECT_EQ(offer(received), WireError::recovering);
  EXPECT_EQ(submit(withdrawal, *police_).status, WireError::recovering) << "the same once more";
  const std::uint64_t before = size();
  end_recovery();
  const std::vector<base::StatementId> in_order = {fetched.statement.reference.id, received.statement.reference.id,
                                                   withdrawal.reference.id};
  for (std::size_t i = 0; i < in_order.size(); ++i) {
    EXPECT_EQ(entry_at(before + i).id, in_order[i]) << i;
    EXPECT_TRUE(entry_at(before + i).decision.accepted()) << i;
  }
  EXPECT_EQ(entry_at(before + 3).type, core::StatementType::tick);
  EXPECT_TRUE(pull(*shelter_).messages.empty());
  EXPECT_EQ(state_of(waiting.reference), MessageState::withheld);
  const auto had = core::find_message(snapshot().view(), fetched.statement.reference);
  ASSERT_TRUE(had && *had);
  EXPECT_EQ((*had)->debt, core::Debt::owed) << "it took it before the loss";
  EXPECT_TRUE(decision_of(submit(withdrawal, *police_)).accepted()) << "the receipt, for the asking";
  const std::string view = dump();
  open();
  EXPECT_EQ(dump(), view);
}

// A person's statement is valid for a day, and the collecting may take many: ends of validity are compared with the
// last kept entry, so that it is in time whenever it came.
TEST_F(RecoveryTest, APersonsWordOutlivesTheCollecting) {
  const auto code = crypto::SigningKey::from_seed(base::Bytes(32, 91)).value();
  consent_ = network_.consent(*police_, rows_for_both({Category::contact}), &code);
  accept(consent_, *police_);
  const Signed waiting = on_consent();
  accept(waiting, *police_);
  back_up();
  const Kept other = acknowledged(referral(), *police_);
  restore();
  core::LossAccepted body = loss();
  body.until = now_ + base::days(6);
  accept_governance(network_.loss(body));
  network_.now = now_ + base::days(1);
  now_ = now_ + base::days(1);
  const Signed taken = network_.person_withdrawal(*iom_, consent_.reference, code);
  EXPECT_EQ(submit(taken, *iom_).status, WireError::recovering);
  // The broker ends in the middle; the agency brings it again, when it has long run out.
  now_ = now_ + base::days(2);
  open();
  EXPECT_EQ(submit(taken, *iom_).status, WireError::recovering);
  EXPECT_EQ(offer(other), WireError::recovering);
  now_ = now_ + base::days(4);
  static_cast<void>(tick());
  EXPECT_FALSE(recovering());
  EXPECT_TRUE(decision_of(submit(taken, *iom_)).accepted());
  EXPECT_EQ(state_of(waiting.reference), MessageState::withheld);
  const auto pulled = pull(*shelter_).messages;
  ASSERT_EQ(pulled.size(), 1u);
  EXPECT_EQ(core::decode_entry(pulled[0].log.entry)->id, other.statement.id);
}

// Who floods the collecting with withdrawals takes only its own room.
TEST_F(RecoveryTest, AMemberHasItsShareOfWhatIsKept) {
  back_up();
  const Kept message = acknowledged(referral(), *police_);
  restore();
  accept_loss();
  for (std::size_t i = 0; i < base::limits::kUnansweredPerMember; ++i) {
    ASSERT_EQ(submit(network_.withdrawal(*jobs_, consent_.reference), *jobs_).status, WireError::recovering) << i;
  }
  EXPECT_EQ(submit(network_.withdrawal(*jobs_, consent_.reference), *jobs_).status, WireError::busy);
  EXPECT_EQ(submit(network_.withdrawal(*police_, consent_.reference), *police_).status, WireError::recovering);
  EXPECT_EQ(offer(message), WireError::recovering);
}

TEST_F(RecoveryTest, AnotherKeptRootIsNoEntry) {
  back_up();
  acknowledged(referral(), *police_);
  restore();
  core::LossAccepted body = loss();
  body.kept_root.bytes[0] ^= 1;
  const std::uint64_t before = size();
  EXPECT_EQ(govern(network_.loss(body)).status, WireError::denied);
  EXPECT_EQ(size(), before);
}

TEST_F(RecoveryTest, OneSignatureIsRefusedOnRecord) {
  back_up();
  acknowledged(referral(), *police_);
  restore();
  EXPECT_EQ(decision_of(govern(network_.loss(loss(), 1))).reason, Reason::below_threshold);
  EXPECT_FALSE(recovering());
}

// Halted for a later state that a client has shown, the loss is the one thing that is taken.
TEST_F(RecoveryTest, AHaltedBrokerTakesTheLossAndNothingElse) {
  back_up();
  acknowledged(referral(), *police_);
  restore();
  sequencer_->halt(WireError::rollback_seen);
  EXPECT_EQ(submit(referral(), *police_).status, WireError::rollback_seen);
  EXPECT_EQ(govern(network_.suspension(*jobs_)).status, WireError::rollback_seen);
  accept_loss();
  EXPECT_TRUE(recovering());
  EXPECT_EQ(submit(referral(), *police_).status, WireError::rollback_seen) << "until the proof is looked at again";
  sequencer_->resume(WireError::rollback_seen);
  EXPECT_EQ(submit(referral(), *police_).status, WireError::recovering);
}

TEST_F(RecoveryTest, AStoppedClockTakesNoLoss) {
  back_up();
  acknowledged(referral(), *police_);
  restore();
  sequencer_->halt(WireError::clock);
  EXPECT_EQ(govern(network_.loss(loss())).status, WireError::clock);
}

// What was collected is lost with the process: everybody gets time to offer it again.
TEST_F(RecoveryTest, AStartInTheMiddleWaitsForTheOffersAgain) {
  back_up();
  const Kept message = acknowledged(referral(), *police_);
  restore();
  accept_loss();
  EXPECT_EQ(offer(message), WireError::recovering);
  open();
  now_ = now_ + base::hours(2);
  static_cast<void>(tick());
  EXPECT_TRUE(recovering());
  EXPECT_EQ(offer(message), WireError::recovering);
  now_ = now_ + options_.offer_again;
  static_cast<void>(tick());
  EXPECT_FALSE(recovering());
  EXPECT_EQ(pull(*shelter_).messages.size(), 1u);
}

TEST_F(RecoveryTest, NotesOfTheLostEpochStopTheBrokerNoMore) {
  const std::string before = sequencer_->publication().get()->note;
  back_up();
  acknowledged(referral(), *police_);
  restore();
  const auto shows = [&](const std::string& note) {
    const auto published = sequencer_->publication().get();
    const journal::Snapshot now = snapshot();
    return shows_rollback({now, *published, published->now}, note, network_.log_key().public_key()).value();
  };
  EXPECT_TRUE(shows(lost_note_));
  accept_loss();
  EXPECT_FALSE(shows(lost_note_));
  EXPECT_FALSE(shows(before)) << "it lies in what was kept";
  // Signed, within the kept size, and not ours: two histories, whatever was lost.
  core::Checkpoint fork;
  fork.origin = core::format_origin({network_.name, network_.id(), 0});
  fork.size = kept_.size;
  fork.root.bytes.fill(1);
  const std::string text = core::note_text(fork);
  EXPECT_TRUE(
      shows(core::note_from(fork, network_.log_key().public_key(), network_.log_key().sign(base::as_bytes(text)))));
  fork.origin = core::format_origin({network_.name, network_.id(), 2});
  const std::string later = core::note_text(fork);
  EXPECT_TRUE(
      shows(core::note_from(fork, network_.log_key().public_key(), network_.log_key().sign(base::as_bytes(later)))))
      << "an epoch that this log does not know";
}

TEST_F(RecoveryTest, TheClocksConfirmationIsAnEntryBeforeAllThatIsDue) {
  accept(referral(), *police_);
  now_ = now_ + base::days(40);
  const std::uint64_t before = size();
  ASSERT_TRUE(sequencer_->confirm_clock(now_));
  EXPECT_EQ(entry_at(before).type, core::StatementType::clock_confirmed);
  EXPECT_EQ(entry_at(before).now, now_);
  static_cast<void>(tick());
  EXPECT_EQ(entry_at(before + 1).type, core::StatementType::tick);
  const base::Timestamp last = entry_at(size() - 1).now;
  ASSERT_TRUE(sequencer_->confirm_clock(support::kNetworkStart)) << "a clock behind the log can be right, too";
  EXPECT_EQ(entry_at(size() - 1).now, last);
}

}  // namespace
}  // namespace besa::broker
