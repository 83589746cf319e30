// The log after an older backup: who may accept the loss, what holds until the tick that ends the recovery, and what
// held when the log was lost and must hold still.
#include <functional>

#include "core/checkpoint.h"
#include "tests/unit/core/network.h"

namespace besa::core {
namespace {

template <class T>
T must(Result<T> result) {
  EXPECT_TRUE(result) << result.error().message;
  return std::move(*result);
}

const MemberId kAdministrator = base::id_cast<MemberId>(organisation(201));

class Lost : public Network {
 public:
  Lost() { kept_now = log.back().now; }

  // Signed by the log's key: a checkpoint of an epoch, past what is kept.
  Signature log_signature(std::uint64_t epoch, TreeSize size, const Digest& root) const {
    const std::string origin = format_origin({genesis.name, network, epoch});
    return signing_key(120).sign(base::as_bytes(note_text({origin, size, root})));
  }
  LossAccepted loss(std::uint64_t epoch = 1) {
    LossAccepted out;
    out.header = governance_header(last_loss);
    out.kept_size = TreeSize{log.size()};
    out.kept_root.bytes.fill(9);
    out.lost_size = TreeSize{log.size() + 5};
    out.lost_root.bytes.fill(8);
    out.lost_signature = log_signature(0, out.lost_size, out.lost_root);
    out.epoch = epoch;
    out.until = now + base::hours(24);
    return out;
  }
  Reason accept(const LossAccepted& body, std::size_t signatures = 2) {
    const ParsedStatement statement = governance(StatementType::loss_accepted, body, signatures);
    const Decided decided = run(statement, kAdministrator);
    if (decided.entry.decision.accepted()) last_loss = statement.id;
    return decided.entry.decision.reason;
  }
  // Two days after the last kept entry, a loss is accepted.
  void lose() {
    now = now + base::days(2);
    ASSERT_EQ(accept(loss()), Reason::none);
  }
  Reason tick() { return run(finish(StatementType::tick, Tick{{}, network}), {}).entry.decision.reason; }
  Reason end() {
    now = now + base::hours(24);
    return tick();
  }
  MessageState state_of(const Reference& message) const { return must(find_message(view, message))->state; }
  bool recovering() const { return read_head(view)->value().recovering; }

  Timestamp kept_now;
  StatementId last_loss;
};

struct LossCase {
  const char* name;
  std::size_t signatures;
  std::function<void(LossAccepted&, const Lost&)> change;
  Reason expected;
};

TEST(DecideLoss, EachRefusal) {
  const LossCase cases[] = {
      {"accepted", 2, [](LossAccepted&, const Lost&) {}, Reason::none},
      {"accepted, an epoch further", 2, [](LossAccepted& l, const Lost&) { l.epoch = 7; }, Reason::none},
      {"accepted, more was written since", 2, [](LossAccepted& l, const Lost&) { l.kept_size.value -= 2; },
       Reason::none},
      {"accepted, no lost checkpoint is known", 2,
       [](LossAccepted& l, const Lost&) {
         l.lost_size = {};
         l.lost_root = {};
         l.lost_signature = {};
       },
       Reason::none},
      {"one signature", 1, [](LossAccepted&, const Lost&) {}, Reason::below_threshold},
      {"held back too long", 2, [](LossAccepted& l, const Lost& w) { l.header.valid_until = w.now; }, Reason::expired},
      {"replaces another", 2, [](LossAccepted& l, const Lost&) { l.header.replaces.bytes.fill(1); },
       Reason::governance_stale},
      {"nothing kept", 2, [](LossAccepted& l, const Lost&) { l.kept_size = {}; }, Reason::wrong_shape},
      {"more kept than there is", 2, [](LossAccepted& l, const Lost&) { ++l.kept_size.value; }, Reason::wrong_shape},
      {"the epoch that it is", 2, [](LossAccepted& l, const Lost&) { l.epoch = 0; }, Reason::already_used},
      {"over at once", 2, [](LossAccepted& l, const Lost& w) { l.until = w.now; }, Reason::expired},
      {"never over", 2, [](LossAccepted& l, const Lost&) { l.until = l.header.created + base::days(31); },
       Reason::expires_too_late},
      {"lost, but kept", 2, [](LossAccepted& l, const Lost&) { l.lost_size = l.kept_size; }, Reason::unknown_reference},
      {"lost in the epoch that begins", 2, [](LossAccepted& l, const Lost&) { l.lost_epoch = l.epoch; },
       Reason::unknown_reference},
      {"never signed by the log", 2, [](LossAccepted& l, const Lost&) { l.lost_signature.bytes[0] ^= 1; },
       Reason::unknown_reference},
      {"signed at another size", 2, [](LossAccepted& l, const Lost&) { ++l.lost_size.value; },
       Reason::unknown_reference},
  };
  for (const LossCase& test : cases) {
    Lost world;
    world.now = world.now + base::days(2);
    LossAccepted body = world.loss();
    test.change(body, world);
    EXPECT_EQ(world.accept(body, test.signatures), test.expected) << test.name;
    EXPECT_EQ(world.recovering(), test.expected == Reason::none) << test.name;
  }
}

TEST(DecideLoss, NoEpochTwice) {
  Lost world;
  world.lose();
  EXPECT_EQ(world.accept(world.loss(1)), Reason::already_used);
  EXPECT_EQ(world.accept(world.loss(2)), Reason::none) << "another backup, while this one is recovered from";
  const auto loss = read_loss(world.view)->value();
  EXPECT_EQ(loss.epoch, 2U);
  EXPECT_EQ(loss.kept_now, world.kept_now) << "what held before the first loss still does";
  EXPECT_EQ(kept_of(loss, 0)->value + 2, loss.kept_size.value) << "the smaller of both";
  EXPECT_EQ(kept_of(loss, 1), loss.kept_size);
  EXPECT_FALSE(kept_of(loss, 2));
}

TEST(DecideLoss, TheSameStatementIsDecidedOnce) {
  Lost world;
  const ParsedStatement statement = world.governance(StatementType::loss_accepted, world.loss());
  world.run(statement, kAdministrator);
  EXPECT_TRUE(std::holds_alternative<AlreadyDecided>(world.outcome(statement, kAdministrator)));
}

TEST(Recovery, EndsWithATickAndNotBefore) {
  Lost world;
  world.lose();
  EXPECT_EQ(world.tick(), Reason::not_due);
  EXPECT_TRUE(world.recovering());
  EXPECT_EQ(world.end(), Reason::none);
  EXPECT_FALSE(world.recovering());
  EXPECT_TRUE(world.log.back().decision.items.empty());
  EXPECT_EQ(read_head(world.view)->value().governance, world.log.back().sequence) << "members must not miss it";
}

TEST(Recovery, TheTickThatEndsItIsReadByEverybodyAndAnOrdinaryOneIsNot) {
  Lost world;
  const ParsedStatement tick = world.finish(StatementType::tick, Tick{{}, world.network});
  world.lose();
  world.end();
  const MemberId shelter = world.member("shelter").id;
  EXPECT_TRUE(must(may_read(world.view, shelter, world.log.back(), tick, world.now)));
  Entry ordinary = world.log.back();
  ordinary.decision.items.push_back(Item{});
  EXPECT_FALSE(must(may_read(world.view, shelter, ordinary, tick, world.now)));
  Entry refused = world.log.back();
  refused.decision.verdict = Verdict::refused;
  EXPECT_FALSE(must(may_read(world.view, shelter, refused, tick, world.now)));
}

TEST(Recovery, NothingIsHandedOutNorKeptBack) {
  Lost world;
  const ParsedStatement message = world.sign("police", world.ordinary(), world.given);
  world.run(message, world.member("police").id);
  world.lose();
  for (const StatementType type : {StatementType::hand_out, StatementType::withhold}) {
    const Decided decided = world.run(world.hand_out(type, "shelter", {ref(message)}), {});
    EXPECT_EQ(decided.entry.decision.reason, Reason::not_due);
  }
  world.end();
  const Decided decided = world.run(world.hand_out(StatementType::hand_out, "shelter", {ref(message)}), {});
  EXPECT_TRUE(decided.entry.decision.accepted());
}

TEST(Recovery, NothingFallsDueUntilItIsOver) {
  Lost world;
  const ParsedStatement message = world.sign("police", world.ordinary(), world.given);
  world.run(message, world.member("police").id);
  world.lose();
  world.now = world.now + base::days(20);
  EXPECT_FALSE(must(tick_owed(world.view, world.now)));
  EXPECT_EQ(world.tick(), Reason::none);
  EXPECT_TRUE(must(tick_owed(world.view, world.now))) << "what is due by then comes directly after";
  world.drain();
  EXPECT_EQ(world.state_of(ref(message)), MessageState::expired);
}

// What was valid when the log was lost still is; what had ended then has ended.
TEST(Recovery, EndsOfValidityAreThoseOfTheLoss) {
  struct Case {
    const char* name;
    base::Duration past_kept;  // when the message expires, after the last kept entry
    Reason expected;
  };
  const Case cases[] = {
      {"valid when the log was lost", base::Duration{1}, Reason::none},
      {"over when the log was lost", base::Duration{0}, Reason::expired},
  };
  for (const Case& test : cases) {
    Lost world;
    Envelope letter = world.ordinary();
    letter.context.expires = world.kept_now + test.past_kept;
    const ParsedStatement message = world.sign("police", letter, world.given);
    world.lose();
    const Decided decided = world.run(message, world.member("police").id);
    EXPECT_EQ(decided.entry.decision.reason, test.expected) << test.name;
  }
}

TEST(Recovery, AnEndedEnrolmentStillSigns) {
  Lost world;
  MemberRecord police = read_member(world.view, world.member("police").id)->value();
  police.until = world.kept_now + base::hours(1);
  Overlay changed(world.view);
  write_member(changed, world.member("police").id, police);
  ASSERT_TRUE(world.view.apply(changed.changes()));
  const ParsedStatement message = world.sign("police", world.ordinary(), world.given);
  const ParsedStatement late = world.sign("police", world.ordinary(), world.given);
  world.lose();
  EXPECT_EQ(world.run(message, world.member("police").id).entry.decision.reason, Reason::none);
  world.end();
  EXPECT_EQ(world.run(late, world.member("police").id).entry.decision.reason, Reason::unknown_sender);
}

TEST(Recovery, ReportsOfLostHandOutsAreLegal) {
  Lost world;
  const ParsedStatement first = world.sign("police", world.ordinary(), world.given);
  const ParsedStatement second = world.sign("police", world.ordinary(), world.given);
  const ParsedStatement received = world.report(StatementType::received, "shelter", {ref(first)});
  const ParsedStatement unreadable = world.unreadable("shelter", ref(second));
  const ParsedStatement opened = world.opened("shelter", ref(first));
  const MemberId shelter = world.member("shelter").id;
  world.lose();
  world.run(first, world.member("police").id);
  world.run(second, world.member("police").id);
  EXPECT_EQ(world.run(received, shelter).entry.decision.reason, Reason::none);
  EXPECT_EQ(world.run(unreadable, shelter).entry.decision.reason, Reason::none);
  EXPECT_EQ(world.run(opened, shelter).entry.decision.reason, Reason::none);
  EXPECT_EQ(world.state_of(ref(first)), MessageState::opened);
  EXPECT_TRUE(find_message(world.view, ref(first))->value().handed_out) << "who took something owes for it";
  EXPECT_EQ(world.state_of(ref(second)), MessageState::unreadable);
  EXPECT_TRUE(must(read_queue(world.view, shelter, {}, 9)).empty()) << "nothing of it is handed out again";
}

TEST(Recovery, AfterItReportsNeedAHandOutAgain) {
  Lost world;
  const ParsedStatement message = world.sign("police", world.ordinary(), world.given);
  world.lose();
  world.run(message, world.member("police").id);
  world.end();
  const ParsedStatement received = world.report(StatementType::received, "shelter", {ref(message)});
  EXPECT_EQ(world.run(received, world.member("shelter").id).entry.decision.reason, Reason::illegal_transition);
}

// In the old order: the message, the withdrawal. Nothing of it leaves.
TEST(Recovery, AWithdrawnMessageIsNeverHandedOut) {
  Lost world;
  const ParsedStatement message = world.sign("police", world.ordinary(), world.given);
  const ParsedStatement withdrawal = world.withdrawal("police", {world.given, {}, {}});
  world.lose();
  world.run(message, world.member("police").id);
  EXPECT_EQ(world.run(withdrawal, world.member("police").id).entry.decision.reason, Reason::none);
  world.end();
  world.drain();
  EXPECT_EQ(world.state_of(ref(message)), MessageState::withheld);
  const Decided decided = world.run(world.hand_out(StatementType::hand_out, "shelter", {ref(message)}), {});
  EXPECT_FALSE(decided.entry.decision.accepted());
}

// The one that had taken it owes an answer, although the log that handed it out is gone.
TEST(Recovery, WhoTookItBeforeTheWithdrawalOwesAnAnswer) {
  Lost world;
  const ParsedStatement message = world.sign("police", world.ordinary(), world.given);
  const ParsedStatement received = world.report(StatementType::received, "shelter", {ref(message)});
  const ParsedStatement withdrawal = world.withdrawal("police", {world.given, {}, {}});
  world.lose();
  world.run(message, world.member("police").id);
  world.run(received, world.member("shelter").id);
  world.run(withdrawal, world.member("police").id);
  world.end();
  world.drain();
  EXPECT_EQ(find_message(world.view, ref(message))->value().debt, Debt::owed);
}

TEST(Recovery, LostGovernanceIsTakenAgainAndAnOldKeyEnds) {
  Lost world;
  const ParsedStatement before = world.sign("police", world.ordinary(), world.given);
  const ParsedStatement after = world.sign("police", world.ordinary(), world.given);
  ParsedStatement suspension = world.standing(StatementType::suspension, "police");
  world.lose();
  EXPECT_EQ(world.run(before, world.member("police").id).entry.decision.reason, Reason::none);
  EXPECT_EQ(world.run(suspension, kAdministrator).entry.decision.reason, Reason::none);
  EXPECT_EQ(world.run(after, world.member("police").id).entry.decision.reason, Reason::unknown_sender);
}

TEST(Recovery, ADamagedViewIsSeen) {
  Lost world;
  world.lose();
  Overlay changed(world.view);
  changed.erase(Table::network, {1});
  ASSERT_TRUE(world.view.apply(changed.changes()));
  const auto result = world.try_decide(world.finish(StatementType::tick, Tick{{}, world.network}), {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, base::ErrorKind::damaged);
}

struct ClockCase {
  const char* name;
  base::Duration since_last;  // of the time that the broker decides at
  std::int64_t clock_ms;      // against the last entry
  Reason expected;
};

TEST(DecideClock, ItIsTheTimeOfItsEntryOrLiesBehindTheLog) {
  const ClockCase cases[] = {
      {"ahead", base::days(3), std::int64_t{3} * 86'400'000, Reason::none},
      {"behind: the log's time stands still", base::Duration{0}, -86'400'000, Reason::none},
      {"another time than the entry's", base::days(3), 86'400'000, Reason::wrong_shape},
      {"ahead of the entry's", base::Duration{0}, 1, Reason::wrong_shape},
  };
  for (const ClockCase& test : cases) {
    Network world;
    const Timestamp last = world.log.back().now;
    world.now = last + test.since_last;
    const Timestamp clock{last.ms + static_cast<std::uint64_t>(test.clock_ms)};
    const ParsedStatement statement =
        world.finish(StatementType::clock_confirmed, ClockConfirmed{{}, world.network, clock});
    EXPECT_EQ(world.run(statement, {}).entry.decision.reason, test.expected) << test.name;
  }
}

TEST(DecideClock, ItComesBeforeEverythingThatIsDue) {
  Network world;
  world.run(world.sign("police", world.ordinary(), world.given), world.member("police").id);
  world.now = world.now + base::days(40);
  const ParsedStatement statement =
      world.finish(StatementType::clock_confirmed, ClockConfirmed{{}, world.network, world.now});
  const auto result = world.try_decide(statement, {});
  ASSERT_TRUE(result) << result.error().message;
  world.outcome(statement, {});
  EXPECT_TRUE(must(tick_owed(world.view, world.now)));
}

TEST(DecideClock, NobodyBringsIt) {
  Network world;
  const ParsedStatement statement =
      world.finish(StatementType::clock_confirmed, ClockConfirmed{{}, world.network, world.now});
  EXPECT_FALSE(world.try_decide(statement, world.member("police").id));
}

}  // namespace
}  // namespace besa::core
