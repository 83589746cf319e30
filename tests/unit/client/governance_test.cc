// One log, two views: the broker's, which sees every entry, and a node's, which sees governance and what is shown to
// it. The node must neither accuse a broker that decided as the rules say nor believe one that did not; above all
// around the recovery from a loss, when ends of validity are compared with a time that only the broker knows exactly.
#include "client/governance.h"

#include <gtest/gtest.h>

#include "tests/support/network.h"
#include "wire/statement.h"

namespace besa::client {
namespace {

using core::Reason;
using support::Agency;
using support::Signed;

constexpr std::ptrdiff_t kBlockBytes = 104;  // of a signature over one statement

class TwoViews : public testing::Test {
 protected:
  TwoViews() {
    govern(network_.genesis());
    govern(network_.enrolment(police_));
    govern(network_.enrolment(shelter_));
    govern(network_.policy(support::small_policy()));
  }

  // Decides it as the broker and hands governance to the node, which must agree.
  ProvenEntry append(const Signed& signed_, const base::MemberId& submitter) {
    const wire::StatementParts& parts = signed_.parts;
    const std::vector<base::ByteView> rows(parts.rows.begin(), parts.rows.end());
    auto statement = wire::parse_statement(parts.type, parts.body, parts.blocks, rows, parts.policy);
    auto verified = core::verify(std::move(statement.value()), submitter, core::key_lookup(broker_));
    return decide(*verified, {{}, {}, parts.body, parts.blocks, {}, parts.policy});
  }
  ProvenEntry govern(const Signed& statement) { return append(statement, administrator()); }
  // The tick that ends the recovery.
  ProvenEntry end() {
    const core::Tick body{{}, network_.id()};
    const base::Bytes bytes = wire::encode_tick(body);
    auto statement = wire::parse_statement(core::media_type(core::StatementType::tick), bytes, {}, {}, {});
    auto verified = core::verify(std::move(statement.value()), {}, core::key_lookup(broker_));
    return decide(*verified, {{}, {}, bytes, {}, {}, {}});
  }

  // The copy is found a while after the last entry; what was lost is decided a day later.
  ProvenEntry lose(base::Duration later) {
    network_.now = network_.now + later;
    core::LossAccepted body;
    body.kept_size = base::TreeSize{head(broker_).next.value};
    body.kept_root.bytes.fill(9);
    body.epoch = head_epoch() + 1;
    body.until = network_.now + base::hours(24);
    const ProvenEntry out = govern(network_.loss(body));
    network_.now = body.until;
    return out;
  }

  base::Status look(const ProvenEntry& proven) const {
    return check_signatures(node_, keys_, proven, parse(proven).value());
  }
  base::MemberId administrator() const {
    return base::id_cast<base::MemberId>(network_.administrators()[0].organisation);
  }
  static core::Head head(const core::View& view) { return core::read_head(view).value().value_or(core::Head{}); }
  std::uint64_t head_epoch() const { return core::epoch_of(core::read_loss(broker_).value()); }
  core::Standing standing() const { return core::read_member(node_, shelter_.id).value()->standing; }
  // Another signing key, as an enrolment brings it.
  void change_keys(Agency& agency) {
    Agency& other = network_.add_agency(agency.sector);
    std::swap(agency.signing, other.signing);
    std::swap(agency.witness, other.witness);
  }

  ProvenEntry decide(const core::Verified& verified, const wire::LogEntry& beside) {
    const core::Outcome outcome = core::decide(broker_, verified, network_.now).value();
    const auto& decided = std::get<core::Decided>(outcome);
    EXPECT_TRUE(broker_.apply(decided.changes));
    ProvenEntry out;
    out.entry = decided.entry;
    out.log = beside;
    out.log.entry = core::encode_entry(decided.entry);
    if (is_chained(out.entry) && out.entry.decision.accepted()) {
      const base::Status followed = follow(out);
      EXPECT_TRUE(followed) << followed.error().message;
    }
    return out;
  }
  base::Status follow(const ProvenEntry& proven) {
    BESA_ASSIGN(const auto changes, decide_governance(node_, proven));
    BESA_TRY(node_.apply(changes));
    return keys_.follow(node_, proven.entry.sequence, changes);
  }

  support::Network network_;
  Agency& police_ = network_.add_agency(core::Sector::border_police);
  Agency& shelter_ = network_.add_agency(core::Sector::shelter);
  core::MemoryView broker_;
  core::MemoryView node_;
  KeyHistory keys_;
};

TEST_F(TwoViews, WhatRanOutBetweenTheCopyAndItsAcceptanceIsTakenByBoth) {
  append(network_.prekeys(shelter_), shelter_.id);
  network_.now = network_.now + base::hours(1);
  const Signed suspension = network_.suspension(shelter_);
  lose(base::days(31));
  EXPECT_EQ(govern(suspension).entry.decision.reason, Reason::none);
  EXPECT_EQ(standing(), core::Standing::suspended);
  end();
  EXPECT_FALSE(head(node_).recovering);
}

TEST_F(TwoViews, AnotherLossWhileOneIsRecoveredFromKeepsTheFirstTime) {
  const Signed suspension = network_.suspension(shelter_);
  lose(base::days(20));
  lose(base::days(20));
  EXPECT_EQ(govern(suspension).entry.decision.reason, Reason::none);
  EXPECT_EQ(standing(), core::Standing::suspended);
}

TEST_F(TwoViews, AfterTheRecoveryTheTimeIsThePresentAgain) {
  const Signed suspension = network_.suspension(shelter_);
  lose(base::days(31));
  end();
  EXPECT_EQ(govern(suspension).entry.decision.reason, Reason::expired);
}

TEST_F(TwoViews, AGovernanceEntryFromBeforeItsPredecessorIsALie) {
  const ProvenEntry honest = [&] {
    const core::MemoryView before = node_;
    ProvenEntry out = govern(network_.suspension(shelter_));
    node_ = before;
    return out;
  }();
  ProvenEntry earlier = honest;
  earlier.entry.now.ms -= 1;
  EXPECT_FALSE(decide_governance(node_, earlier));
  EXPECT_TRUE(decide_governance(node_, honest));
}

TEST_F(TwoViews, WhatAnOldKeySignedBeforeItWasReplacedStaysSigned) {
  const ProvenEntry prekeys = append(network_.prekeys(shelter_), shelter_.id);
  EXPECT_TRUE(look(prekeys));
  change_keys(shelter_);
  govern(network_.enrolment(shelter_));
  EXPECT_TRUE(look(prekeys)) << "in the same millisecond, and before it";
  ProvenEntry later = prekeys;
  later.entry.sequence = base::Sequence{head(broker_).next.value};
  EXPECT_FALSE(look(later)) << "the old key, behind the new one";
  EXPECT_TRUE(look(append(network_.prekeys(shelter_), shelter_.id))) << "the new key";
}

TEST_F(TwoViews, AnEnrolmentThatBeginsLaterLeavesWhatWasSignedBefore) {
  const ProvenEntry prekeys = append(network_.prekeys(shelter_), shelter_.id);
  network_.now = network_.now + base::days(1);
  govern(network_.enrolment(shelter_));
  EXPECT_TRUE(look(prekeys));
}

TEST_F(TwoViews, WhatAnOldKeySignedIsDecidedAgainBesideTheNewOne) {
  append(network_.prekeys(shelter_), shelter_.id);
  network_.now = network_.now + base::hours(1);
  const Signed old = network_.prekeys(shelter_);
  change_keys(shelter_);
  const Signed enrolment = network_.enrolment(shelter_);
  lose(base::days(2));
  const ProvenEntry prekeys = append(old, shelter_.id);
  EXPECT_EQ(prekeys.entry.decision.reason, Reason::none);
  EXPECT_EQ(govern(enrolment).entry.decision.reason, Reason::none);
  EXPECT_TRUE(look(prekeys)) << "when the old key signed, no other was enrolled";
  ProvenEntry late = prekeys;
  late.entry.sequence = base::Sequence{head(broker_).next.value};
  EXPECT_FALSE(look(late)) << "also while the log recovers, a replaced key signs no more";
  end();
  late.entry.sequence = base::Sequence{head(broker_).next.value};
  EXPECT_FALSE(look(late));
}

TEST_F(TwoViews, AKeyThatEndedBetweenTheCopyAndItsAcceptanceSignsUntilTheRecoveryEnds) {
  const base::KeyId id = shelter_.signing_key();
  append(network_.prekeys(shelter_), shelter_.id);
  const base::Timestamp until = core::read_key(broker_, id).value()->until;
  network_.now = base::Timestamp{until.ms - base::days(1).ms};
  const Signed offered = network_.prekeys(shelter_);
  const ProvenEntry kept = append(network_.prekeys(shelter_), shelter_.id);
  EXPECT_TRUE(look(kept));
  lose(base::days(2));
  const ProvenEntry prekeys = append(offered, shelter_.id);
  EXPECT_EQ(prekeys.entry.decision.reason, Reason::none);
  EXPECT_TRUE(look(prekeys));
  ProvenEntry late = prekeys;
  late.entry.sequence = end().entry.sequence;
  EXPECT_TRUE(look(late)) << "the last that the recovery decides";
  ++late.entry.sequence.value;
  EXPECT_FALSE(look(late)) << "the recovery is over";
}

// A member's rotation stands in the chain: a node that was never told of it would take the member's own mail for a lie.
TEST_F(TwoViews, RotatedKeysAreFollowed) {
  const Signed early = network_.prekeys(shelter_);
  const ProvenEntry rotation = append(network_.rotation(shelter_), shelter_.id);
  ASSERT_EQ(rotation.entry.decision.reason, Reason::none);
  EXPECT_TRUE(is_chained(rotation.entry));
  EXPECT_EQ(core::read_member(node_, shelter_.id).value()->signing_key, shelter_.signing_key());
  EXPECT_EQ(head(node_).governance, rotation.entry.sequence);
  EXPECT_TRUE(look(rotation));
  EXPECT_TRUE(look(append(network_.prekeys(shelter_), shelter_.id))) << "the new key";
  ProvenEntry old = append(early, shelter_.id);
  EXPECT_EQ(old.entry.decision.reason, Reason::none);
  EXPECT_TRUE(look(old)) << "the old key, in the overlap";
  old.entry.now = network_.now + base::days(7);
  EXPECT_FALSE(look(old)) << "the overlap is over";
  govern(network_.suspension(shelter_));
  EXPECT_EQ(standing(), core::Standing::suspended) << "and what comes behind it follows";
}

// What a broker would have to get past a node to put keys of its own in a member's place, or to keep the new ones back.
TEST_F(TwoViews, ABrokerThatLiesAboutARotationIsFoundOut) {
  const core::MemoryView before = node_;
  const ProvenEntry honest = append(network_.rotation(shelter_), shelter_.id);
  ASSERT_EQ(honest.entry.decision.reason, Reason::none);
  const ProvenEntry next = govern(network_.suspension(police_));
  node_ = before;
  EXPECT_FALSE(follow(next)) << "a rotation was left out";
  ProvenEntry unsigned_one = honest;
  unsigned_one.log.blocks.erase(unsigned_one.log.blocks.begin(), unsigned_one.log.blocks.begin() + kBlockBytes);
  ASSERT_EQ(core::decode_blocks(unsigned_one.log.blocks)->size(), 2U);
  EXPECT_FALSE(follow(unsigned_one)) << "the old key has not signed";
  ProvenEntry refused = honest;
  refused.entry.decision = {core::Verdict::refused, Reason::already_used, 0, {}};
  EXPECT_FALSE(is_chained(refused.entry));
  EXPECT_FALSE(follow(refused));
  EXPECT_TRUE(follow(honest));
  EXPECT_TRUE(follow(next));
}

// Two rotations race. A broker that takes the second, too, gives the member to whoever has its old key.
TEST_F(TwoViews, ASecondRotationByTheOldKeyIsALie) {
  Agency& thief = network_.add_agency(shelter_.sector);
  thief.id = shelter_.id;
  thief.signing = crypto::SigningKey::from_seed(shelter_.signing.seed()).value();
  const Signed second = network_.rotation(thief);
  const core::MemoryView broker_before = broker_;
  const core::MemoryView node_before = node_;
  ProvenEntry lie = append(second, shelter_.id);
  ASSERT_EQ(lie.entry.decision.reason, Reason::none) << "alone it would be a rotation like any other";
  broker_ = broker_before;
  node_ = node_before;
  const ProvenEntry first = append(network_.rotation(shelter_), shelter_.id);
  ASSERT_EQ(first.entry.decision.reason, Reason::none);
  EXPECT_EQ(append(second, shelter_.id).entry.decision.reason, Reason::bad_signature_key);
  lie.entry.governance_previous = first.entry.sequence;
  lie.entry.sequence.value = first.entry.sequence.value + 1;
  EXPECT_FALSE(follow(lie));
}

TEST_F(TwoViews, ChangedAdministratorsAreFollowed) {
  const core::MemoryView before = node_;
  const ProvenEntry change = govern(network_.administrators_without_last());
  ASSERT_EQ(change.entry.decision.reason, Reason::none);
  EXPECT_EQ(core::read_administrators(node_)->size(), network_.administrators().size() - 1);
  const ProvenEntry next = govern(network_.suspension(police_));
  EXPECT_EQ(next.entry.decision.reason, Reason::none);
  node_ = before;
  EXPECT_FALSE(follow(next)) << "the change was left out";
  ProvenEntry one_signature = change;
  one_signature.log.blocks.resize(kBlockBytes);
  EXPECT_FALSE(follow(one_signature));
  EXPECT_TRUE(follow(change));
  EXPECT_TRUE(follow(next));
}

TEST_F(TwoViews, AKeyUnknownToTheLogSignsNothing) {
  const ProvenEntry prekeys = append(network_.prekeys(shelter_), shelter_.id);
  KeyHistory nothing;
  std::swap(keys_, nothing);
  EXPECT_FALSE(look(prekeys));
}

}  // namespace
}  // namespace besa::client
