// A message on its way: hand-out, withholding, receipts, answers, ticks; and who may read what.
#include "tests/unit/core/world.h"

namespace besa::core {
namespace {

const MemberId kAdministrator = base::id_cast<MemberId>(organisation(201));

class Travel : public World {
 public:
  Travel() { begin({{"police", Sector::border_police}, {"shelter", Sector::shelter}, {"iom", Sector::iom}}); }

  Reference send(Grant grant = Grant::now) {
    std::vector<Section> sections = {section(Category::identity, Basis::legal_obligation)};
    if (grant == Grant::later) sections.push_back(section(Category::summary, Basis::legal_obligation, Grant::later));
    const ParsedStatement statement = sign("police", letter("police", "shelter", std::move(sections)));
    EXPECT_TRUE(run(statement, member("police").id).entry.decision.accepted());
    return ref(statement);
  }
  Decision pull(StatementType type, const std::string& name, std::vector<Reference> messages) {
    last = run(hand_out(type, name, std::move(messages)), {});
    return last.entry.decision;
  }
  Decision receive(const Reference& message) {
    last = run(report(StatementType::received, "shelter", {message}), member("shelter").id);
    return last.entry.decision;
  }
  Decision open(const Reference& message) {
    last = run(opened("shelter", message), member("shelter").id);
    return last.entry.decision;
  }
  Decision reply(const std::string& from, const Reference& thread, Kind kind, Sets sets) {
    const ParsedStatement statement = sign(from, World::reply(from, thread, kind, sets));
    replied = ref(statement);
    last = run(statement, member(from).id);
    return last.entry.decision;
  }
  ThreadState thread_state(const Reference& thread) { return find_thread(view, thread)->value().state; }
  MessageState message_state(const Reference& message) { return find_message(view, message)->value().state; }
  // Handed out, received and opened.
  Reference opened_message() {
    const Reference message = send();
    EXPECT_TRUE(pull(StatementType::hand_out, "shelter", {message}).accepted());
    EXPECT_TRUE(receive(message).accepted());
    EXPECT_TRUE(open(message).accepted());
    return message;
  }

  Decided last;
  Reference replied;
};

bool has_effect(const Decided& decided, EffectCode code) {
  return std::any_of(decided.effects.begin(), decided.effects.end(),
                     [&](const Effect& effect) { return effect.code == code; });
}

TEST(DecideHandOut, TheOrdinaryWayMovesTheThread) {
  Travel travel;
  const Reference message = travel.send();
  EXPECT_EQ(travel.thread_state(message), ThreadState::queued);
  EXPECT_TRUE(travel.pull(StatementType::hand_out, "shelter", {message}).accepted());
  EXPECT_EQ(travel.thread_state(message), ThreadState::handed_out);
  EXPECT_TRUE(travel.receive(message).accepted());
  EXPECT_EQ(travel.thread_state(message), ThreadState::received);
  EXPECT_TRUE(travel.open(message).accepted());
  EXPECT_EQ(travel.thread_state(message), ThreadState::opened);
  EXPECT_TRUE(travel.reply("shelter", message, Kind::answer, Sets::accepted).accepted());
  EXPECT_EQ(travel.thread_state(message), ThreadState::accepted);
}

TEST(DecideHandOut, OnlyToTheRecipient) {
  Travel travel;
  const Reference message = travel.send();
  EXPECT_EQ(travel.pull(StatementType::hand_out, "iom", {message}).reason, Reason::unknown_reference);
  EXPECT_EQ(travel.pull(StatementType::hand_out, "shelter", {}).reason, Reason::wrong_shape);
  EXPECT_EQ(travel.pull(StatementType::hand_out, "shelter", {message, message}).reason, Reason::wrong_shape);
}

TEST(DecideHandOut, TwiceIsIllegal) {
  Travel travel;
  const Reference message = travel.send();
  EXPECT_TRUE(travel.pull(StatementType::hand_out, "shelter", {message}).accepted());
  EXPECT_EQ(travel.pull(StatementType::hand_out, "shelter", {message}).reason, Reason::illegal_transition);
}

TEST(DecideHandOut, ASuspendedSendersMailWaitsAndGoesOnAfterReinstatement) {
  Travel travel;
  const Reference message = travel.send();
  travel.run(travel.standing(StatementType::suspension, "police"), kAdministrator);
  EXPECT_EQ(travel.pull(StatementType::hand_out, "shelter", {message}).reason, Reason::unknown_sender);
  const Decision withheld = travel.pull(StatementType::withhold, "shelter", {message});
  ASSERT_TRUE(withheld.accepted());
  ASSERT_EQ(withheld.items.size(), 1U);
  EXPECT_EQ(withheld.items[0].reason, number_of(Reason::unknown_sender));
  EXPECT_EQ(withheld.items[0].verdict, Verdict::refused);
  travel.run(travel.standing(StatementType::reinstatement, "police"), kAdministrator);
  EXPECT_TRUE(travel.pull(StatementType::hand_out, "shelter", {message}).accepted());
  EXPECT_TRUE(travel.receive(message).accepted());
}

TEST(DecideHandOut, WithholdingWhatPassesIsRefused) {
  Travel travel;
  const Reference message = travel.send();
  EXPECT_EQ(travel.pull(StatementType::withhold, "shelter", {message}).reason, Reason::not_due);
}

TEST(DecideHandOut, ThePolicyInForceDecides) {
  Travel travel;
  const Reference message = travel.send();
  Policy strict = small_policy();
  strict.rules[1].to = {Sector::iom};
  travel.adopt(strict);
  EXPECT_EQ(travel.pull(StatementType::hand_out, "shelter", {message}).reason, Reason::no_rule);
  EXPECT_TRUE(travel.pull(StatementType::withhold, "shelter", {message}).accepted());
}

TEST(DecideHandOut, AnOldPolicyNameDoesNotMatterThere) {
  Travel travel;
  const Reference message = travel.send();
  travel.adopt(small_policy());
  EXPECT_TRUE(travel.pull(StatementType::hand_out, "shelter", {message}).accepted());
}

TEST(DecideHandOut, ASuspendedRecipientGetsNothing) {
  Travel travel;
  const Reference message = travel.send();
  travel.run(travel.standing(StatementType::suspension, "shelter"), kAdministrator);
  EXPECT_EQ(travel.pull(StatementType::hand_out, "shelter", {message}).reason, Reason::unknown_sender);
}

TEST(DecideReceipts, OnlyByTheRecipientAndOnlyOnce) {
  Travel travel;
  const Reference message = travel.send();
  EXPECT_EQ(travel.receive(message).reason, Reason::illegal_transition);  // not handed out yet
  EXPECT_TRUE(travel.pull(StatementType::hand_out, "shelter", {message}).accepted());
  const ParsedStatement other = travel.report(StatementType::received, "iom", {message});
  EXPECT_EQ(travel.run(other, travel.member("iom").id).entry.decision.reason, Reason::unknown_reference);
  EXPECT_TRUE(travel.receive(message).accepted());
  EXPECT_EQ(travel.receive(message).reason, Reason::illegal_transition);
}

TEST(DecideReceipts, OpeningAgainByAnotherPersonIsRecorded) {
  Travel travel;
  const Reference message = travel.opened_message();
  EXPECT_TRUE(travel.open(message).accepted());
  EXPECT_FALSE(has_effect(travel.last, EffectCode::thread_state));
}

TEST(DecideReceipts, UnreadableTellsTheSender) {
  Travel travel;
  const Reference message = travel.send();
  EXPECT_TRUE(travel.pull(StatementType::hand_out, "shelter", {message}).accepted());
  travel.last = travel.run(travel.unreadable("shelter", message), travel.member("shelter").id);
  EXPECT_TRUE(travel.last.entry.decision.accepted());
  EXPECT_TRUE(has_effect(travel.last, EffectCode::notice));
  EXPECT_EQ(travel.thread_state(message), ThreadState::undeliverable);
}

TEST(DecideReceipts, BadCodesAndShapes) {
  Travel travel;
  const Reference message = travel.send();
  ParsedStatement strange = travel.opened("shelter", message);
  std::get<Opened>(strange.body).role = static_cast<ReaderRole>(99);
  EXPECT_EQ(travel.run(strange, travel.member("shelter").id).entry.decision.reason, Reason::unknown_code);
  const ParsedStatement empty = travel.report(StatementType::received, "shelter", {});
  EXPECT_EQ(travel.run(empty, travel.member("shelter").id).entry.decision.reason, Reason::wrong_shape);
}

TEST(DecideLoop, RacesAreDecidedByTheLogAlone) {
  Travel travel;
  const Reference cancelled_first = travel.opened_message();
  EXPECT_TRUE(travel.reply("police", cancelled_first, Kind::cancel, Sets::cancelled).accepted());
  EXPECT_EQ(travel.reply("shelter", cancelled_first, Kind::answer, Sets::accepted).reason, Reason::illegal_transition);
  const Reference accepted_first = travel.opened_message();
  EXPECT_TRUE(travel.reply("shelter", accepted_first, Kind::answer, Sets::accepted).accepted());
  EXPECT_TRUE(travel.reply("police", accepted_first, Kind::cancel, Sets::cancelled).accepted());
  EXPECT_TRUE(travel.reply("shelter", accepted_first, Kind::answer, Sets::cancel_confirmed).accepted());
}

TEST(DecideLoop, ACancellationGoesOnlyWhereSomethingWent) {
  Travel travel;
  const Reference never_handed_out = travel.send();
  EXPECT_TRUE(travel.reply("police", never_handed_out, Kind::cancel, Sets::cancelled).accepted());
  EXPECT_EQ(travel.pull(StatementType::hand_out, "shelter", {travel.replied}).reason, Reason::illegal_transition);
  EXPECT_EQ(travel.pull(StatementType::hand_out, "shelter", {never_handed_out}).reason, Reason::illegal_transition);
  const Reference handed_out = travel.opened_message();
  EXPECT_TRUE(travel.reply("police", handed_out, Kind::cancel, Sets::cancelled).accepted());
  EXPECT_TRUE(travel.pull(StatementType::hand_out, "shelter", {travel.replied}).accepted());
}

// The opening message was kept back while an update went out: the other side must hear of the cancellation all the
// same.
TEST(DecideLoop, ACancellationGoesWhereOnlyAnUpdateWent) {
  Travel travel;
  const Reference opening = travel.send();
  Envelope body = travel.World::reply("police", opening, Kind::update, Sets::none);
  body.sections = {section(Category::summary, Basis::legal_obligation)};
  const ParsedStatement update = travel.sign("police", std::move(body));
  EXPECT_TRUE(travel.run(update, travel.member("police").id).entry.decision.accepted());
  Policy strict = small_policy();
  strict.rules[1].send[Basis::legal_obligation] = {Category::summary};
  travel.adopt(strict);
  EXPECT_TRUE(travel.pull(StatementType::withhold, "shelter", {opening}).accepted());
  EXPECT_TRUE(travel.pull(StatementType::hand_out, "shelter", {ref(update)}).accepted());
  EXPECT_TRUE(travel.reply("police", opening, Kind::cancel, Sets::cancelled).accepted());
  EXPECT_TRUE(travel.pull(StatementType::hand_out, "shelter", {travel.replied}).accepted());
  EXPECT_TRUE(travel.reply("shelter", opening, Kind::answer, Sets::cancel_confirmed).accepted());
}

TEST(DecideLoop, DecliningPurgesWhatWasPromisedForLater) {
  Travel travel;
  const Reference message = travel.send(Grant::later);
  EXPECT_TRUE(travel.pull(StatementType::hand_out, "shelter", {message}).accepted());
  EXPECT_TRUE(travel.receive(message).accepted());
  EXPECT_TRUE(travel.open(message).accepted());
  EXPECT_TRUE(travel.reply("shelter", message, Kind::answer, Sets::declined).accepted());
  std::size_t purged = 0;
  for (const Effect& effect : travel.last.effects) {
    if (effect.code == EffectCode::purge && effect.reference == message) {
      ++purged;
      EXPECT_EQ(effect.section, 1);
    }
  }
  EXPECT_EQ(purged, 1U);
}

TEST(DecideTick, ExpiryIsDueAndNothingElseComesFirst) {
  Travel travel;
  const Reference message = travel.send();
  travel.now = travel.now + base::days(11);
  const ParsedStatement next = travel.report(StatementType::received, "shelter", {message});
  const auto blocked = travel.try_decide(next, travel.member("shelter").id);
  ASSERT_FALSE(blocked);
  EXPECT_EQ(blocked.error().kind, base::ErrorKind::busy);
  travel.run_ticks();
  EXPECT_EQ(travel.message_state(message), MessageState::expired);
  EXPECT_EQ(travel.thread_state(message), ThreadState::expired);
  const Entry& tick = travel.log.back();
  EXPECT_EQ(tick.type, StatementType::tick);
}

TEST(DecideTick, NothingDueIsRefused) {
  Travel travel;
  const Decided decided = travel.run(travel.finish(StatementType::tick, Tick{{}, travel.network}), {});
  EXPECT_EQ(decided.entry.decision.reason, Reason::not_due);
}

TEST(DecideTick, AnUnansweredReferralBecomesOverdue) {
  Travel travel;
  const Reference message = travel.opened_message();
  travel.now = travel.now + base::hours(72);
  travel.run_ticks();
  EXPECT_TRUE(find_thread(travel.view, message)->value().overdue);
  EXPECT_TRUE(travel.reply("shelter", message, Kind::answer, Sets::accepted).accepted());
}

TEST(DecideTick, APurgeReachesEveryMessageOfALongThread) {
  Travel travel;
  const Reference opening = travel.send();
  std::vector<Reference> messages = {opening};
  for (std::size_t i = 0; i < 150; ++i) {  // a tick reads 64 at a time
    Envelope body = travel.World::reply("police", opening, Kind::update, Sets::none);
    body.sections = {section(Category::summary, Basis::legal_obligation)};
    const ParsedStatement update = travel.sign("police", std::move(body));
    ASSERT_TRUE(travel.run(update, travel.member("police").id).entry.decision.accepted());
    messages.push_back(ref(update));
  }
  EXPECT_TRUE(travel.reply("police", opening, Kind::cancel, Sets::cancelled).accepted());
  travel.run_ticks();
  for (const Reference& message : messages) EXPECT_TRUE(find_message(travel.view, message)->value().purged);
  EXPECT_FALSE(find_message(travel.view, travel.replied)->value().purged) << "the cancellation still travels";
}

TEST(DecideTick, AnEndedThreadLeavesTheViewAfterRetention) {
  Travel travel;
  const Reference message = travel.opened_message();
  EXPECT_TRUE(travel.reply("shelter", message, Kind::answer, Sets::declined).accepted());
  EXPECT_TRUE(travel.reply("police", message, Kind::update, Sets::closed).accepted());
  travel.now = travel.now + base::days(31);
  travel.run_ticks();
  EXPECT_FALSE(find_thread(travel.view, message)->has_value());
  EXPECT_FALSE(find_message(travel.view, message)->has_value());
  EXPECT_TRUE(next_due(travel.view)->value_or(Timestamp{UINT64_MAX}) > travel.now);
}

TEST(DecideTime, NowNeverFalls) {
  Travel travel;
  const Timestamp before = travel.now;
  travel.send();
  travel.now = Timestamp{1};
  const Reference message = Reference{};
  const Decided decided = travel.run(travel.hand_out(StatementType::hand_out, "shelter", {message}), {});
  EXPECT_EQ(decided.entry.now, before);
}

TEST(Reading, WhoMayFetch) {
  Travel travel;
  const Reference message = travel.send(Grant::later);
  const MemberId shelter = travel.member("shelter").id;
  EXPECT_FALSE(*may_fetch(travel.view, shelter, message, 0, travel.now));
  EXPECT_TRUE(travel.pull(StatementType::hand_out, "shelter", {message}).accepted());
  EXPECT_TRUE(*may_fetch(travel.view, shelter, message, 0, travel.now));
  EXPECT_FALSE(*may_fetch(travel.view, shelter, message, 1, travel.now));  // granted later
  EXPECT_FALSE(*may_fetch(travel.view, shelter, message, 2, travel.now));
  EXPECT_FALSE(*may_fetch(travel.view, travel.member("iom").id, message, 0, travel.now));
  travel.run(travel.standing(StatementType::suspension, "police"), kAdministrator);
  EXPECT_FALSE(*may_fetch(travel.view, shelter, message, 0, travel.now));
}

TEST(Reading, WhoMayReadAnEntry) {
  Travel travel;
  travel.enrol("auditor", Sector::auditor, 230);
  const ParsedStatement envelope =
      travel.sign("police", travel.letter("police", "shelter", {section(Category::identity, Basis::legal_obligation)}));
  const Entry sent = travel.run(envelope, travel.member("police").id).entry;
  const auto reads = [&](const std::string& name, const Entry& entry, const ParsedStatement& statement) {
    return *may_read(travel.view, travel.member(name).id, entry, statement, travel.now);
  };
  EXPECT_TRUE(reads("police", sent, envelope));
  EXPECT_FALSE(reads("shelter", sent, envelope)) << "not before it is handed out";
  EXPECT_FALSE(reads("iom", sent, envelope));
  EXPECT_FALSE(reads("auditor", sent, envelope)) << "not appointed";
  const ParsedStatement pulled = travel.hand_out(StatementType::hand_out, "shelter", {ref(envelope)});
  const Entry handed = travel.run(pulled, {}).entry;
  EXPECT_TRUE(reads("shelter", sent, envelope));
  EXPECT_TRUE(reads("shelter", handed, pulled));
  EXPECT_TRUE(reads("police", handed, pulled)) << "the sender sees that it went out";
  EXPECT_FALSE(reads("iom", handed, pulled));
  AuditorAppointment body;
  body.header = travel.governance_header();
  body.auditor = travel.member("auditor").id;
  body.from = travel.now;
  body.until = travel.now + base::days(1);
  travel.run(travel.governance(StatementType::auditor_appointment, body), kAdministrator);
  EXPECT_TRUE(reads("auditor", sent, envelope));
  travel.now = travel.now + base::days(1);
  EXPECT_FALSE(reads("auditor", sent, envelope)) << "the appointment is over";
}

}  // namespace
}  // namespace besa::core
