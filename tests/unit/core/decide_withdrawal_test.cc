// Consent taken back: who may, what it changes at once, what the messages under it feel, and who still owes an answer.
#include "core/carriage.h"
#include "tests/unit/core/world.h"

namespace besa::core {
namespace {

class TakenBack : public World {
 public:
  TakenBack() {
    begin({{"police", Sector::border_police}, {"shelter", Sector::shelter}, {"iom", Sector::iom}});
    consent = record(code);
  }

  Reference record(const crypto::SigningKey& person) {
    std::vector<ConsentRow> rows = {allow_row(member("shelter").id, {Category::contact, Category::health}),
                                    allow_row(member("iom").id, {Category::contact}),
                                    allow_row(member("police").id, {Category::needs})};
    rows[1].not_told = iom_is_not_told;
    const ParsedStatement statement = World::consent("police", padded(rows), &person);
    EXPECT_TRUE(run(statement, member("police").id).entry.decision.accepted());
    return ref(statement);
  }
  // On consent alone, or with a section on another basis.
  Reference send(const std::string& to, bool mixed = false) {
    std::vector<Section> sections = {section(Category::contact, Basis::consent)};
    if (mixed) sections.push_back(section(Category::identity, Basis::legal_obligation));
    const ParsedStatement statement = sign("police", letter("police", to, std::move(sections)), consent);
    EXPECT_TRUE(run(statement, member("police").id).entry.decision.accepted());
    return ref(statement);
  }
  Reference hand_over(const std::string& to, bool mixed = false) {
    const Reference message = send(to, mixed);
    EXPECT_TRUE(run(hand_out(StatementType::hand_out, to, {message}), {}).entry.decision.accepted());
    return message;
  }
  Reference received(const std::string& to, bool mixed = false) {
    const Reference message = hand_over(to, mixed);
    EXPECT_TRUE(run(report(StatementType::received, to, {message}), member(to).id).entry.decision.accepted());
    return message;
  }
  Reason take_back(const std::string& author, Narrowing narrowing) {
    last = run(withdrawal(author, std::move(narrowing)), member(author).id);
    if (last.entry.decision.accepted()) drain();
    return last.entry.decision.reason;
  }
  Reason take_back_whole() { return take_back("police", {consent, {}, {}}); }
  Reason by_code(const std::string& bringer, const Reference& named, const crypto::SigningKey& person) {
    last = run(person_withdrawal(bringer, {named, {}, {}}, person), member(bringer).id);
    if (last.entry.decision.accepted()) drain();
    return last.entry.decision.reason;
  }
  Reason answer(const std::string& author, const Reference& message, DebtAnswer what, Basis basis = Basis::none) {
    last = run(withdrawal_answer(author, message, what, basis), member(author).id);
    return last.entry.decision.reason;
  }
  MessageRecord message(const Reference& reference) { return find_message(view, reference)->value(); }
  ThreadRecord thread(const Reference& reference) { return find_thread(view, reference)->value(); }
  bool is_taken_back() { return read_consent(view, consent.author, consent.counter)->value().withdrawn; }
  bool queued(const std::string& name) { return !read_queue(view, member(name).id, {}, 1)->empty(); }

  bool iom_is_not_told = true;
  crypto::SigningKey code = signing_key(150);
  crypto::SigningKey stranger = signing_key(151);
  Reference consent;
  Decided last;
};

std::size_t count_effects(const Decided& decided, EffectCode code) {
  return static_cast<std::size_t>(std::count_if(decided.effects.begin(), decided.effects.end(),
                                                [&](const Effect& effect) { return effect.code == code; }));
}

TEST(DecideWithdrawal, TakesEffectAtOnceAndForEverybody) {
  TakenBack world;
  EXPECT_EQ(world.take_back_whole(), Reason::none);
  const ParsedStatement late = world.sign(
      "police", world.letter("police", "shelter", {section(Category::contact, Basis::consent)}), world.consent);
  EXPECT_EQ(world.run(late, world.member("police").id).entry.decision.reason, Reason::not_covered);
}

TEST(DecideWithdrawal, AQueuedMessageIsKeptBackForGoodAndItsCiphertextGoes) {
  TakenBack world;
  const Reference queued = world.send("shelter");
  EXPECT_EQ(world.take_back_whole(), Reason::none);
  EXPECT_EQ(world.message(queued).state, MessageState::withheld);
  EXPECT_TRUE(world.message(queued).purged);
  EXPECT_FALSE(world.queued("shelter"));
  EXPECT_EQ(world.message(queued).debt, Debt::none);
  EXPECT_EQ(world.thread(queued).state, ThreadState::consent_withdrawn);
  EXPECT_FALSE(world.run(world.hand_out(StatementType::hand_out, "shelter", {queued}), {}).entry.decision.accepted());
}

TEST(DecideWithdrawal, ARacingHandOutIsDecidedByTheLogAlone) {
  TakenBack world;
  const Reference first = world.send("shelter");
  const ParsedStatement hand_out = world.hand_out(StatementType::hand_out, "shelter", {first});
  // The hand-out first: legal, and the recipient owes an answer.
  EXPECT_TRUE(world.run(hand_out, {}).entry.decision.accepted());
  EXPECT_EQ(world.take_back_whole(), Reason::none);
  EXPECT_EQ(world.message(first).debt, Debt::owed);
  // The withdrawal first: before its ticks have run, the hand-out is refused already.
  TakenBack other;
  const Reference second = other.send("shelter");
  const Decided taken = other.run(other.withdrawal("police", {other.consent, {}, {}}), other.member("police").id);
  EXPECT_TRUE(taken.entry.decision.accepted());
  const auto standing = check_standing(other.view, second, other.now);
  ASSERT_TRUE(standing);
  EXPECT_EQ(standing->reason, Reason::not_covered);
}

TEST(DecideWithdrawal, WhoWasHandedItOwesAnAnswerReceivedOrNot) {
  TakenBack world;
  const Reference handed_out = world.hand_over("shelter");
  const Reference received = world.received("shelter");
  EXPECT_EQ(world.take_back_whole(), Reason::none);
  EXPECT_EQ(world.message(handed_out).debt, Debt::owed);
  EXPECT_EQ(world.message(handed_out).state, MessageState::withheld);
  EXPECT_EQ(world.message(received).debt, Debt::owed);
  EXPECT_EQ(world.message(received).state, MessageState::received);
  EXPECT_FALSE(*may_fetch(world.view, world.member("shelter").id, received, 0, world.now));
  // What it says later about the one that it got in time stays legal.
  const ParsedStatement late = world.report(StatementType::received, "shelter", {handed_out});
  EXPECT_TRUE(world.run(late, world.member("shelter").id).entry.decision.accepted());
  EXPECT_EQ(world.message(handed_out).state, MessageState::withheld);
}

TEST(DecideWithdrawal, WhoIsNotToBeToldOwesNothing) {
  TakenBack world;
  const Reference message = world.received("iom");
  EXPECT_EQ(world.take_back_whole(), Reason::none);
  EXPECT_EQ(world.message(message).debt, Debt::none);
  EXPECT_FALSE(*may_fetch(world.view, world.member("iom").id, message, 0, world.now));
}

TEST(DecideWithdrawal, AThreadThatRestsOnAnotherBasisTooGoesOn) {
  TakenBack world;
  const Reference mixed = world.received("shelter", true);
  EXPECT_EQ(world.take_back_whole(), Reason::none);
  EXPECT_EQ(world.thread(mixed).state, ThreadState::received);
  EXPECT_FALSE(*may_fetch(world.view, world.member("shelter").id, mixed, 0, world.now));
  EXPECT_TRUE(*may_fetch(world.view, world.member("shelter").id, mixed, 1, world.now));
}

TEST(DecideWithdrawal, PartOfItTakesBackThatPartAlone) {
  TakenBack world;
  const Reference shelters = world.received("shelter");
  const Reference ioms = world.received("iom");
  Digest second_row;
  second_row.bytes.fill(2);
  EXPECT_EQ(world.take_back("police", {world.consent, {}, {second_row}}), Reason::none);
  EXPECT_FALSE(world.message(shelters).sections[0].withdrawn);
  EXPECT_TRUE(world.message(ioms).sections[0].withdrawn);
  EXPECT_EQ(count_effects(world.last, EffectCode::consent_narrowed), 1U);
  // Another purpose changes nothing for what came for protection.
  EXPECT_EQ(world.take_back("police", {world.consent, {Purpose::employment}, {}}), Reason::none);
  EXPECT_FALSE(world.message(shelters).sections[0].withdrawn);
  EXPECT_EQ(world.take_back("police", {world.consent, {Purpose::protection}, {}}), Reason::none);
  EXPECT_TRUE(world.message(shelters).sections[0].withdrawn);
}

TEST(DecideWithdrawal, ReachesWhoHasBecomeSomebodyElseSince) {
  TakenBack world;
  ConsentRow sector;
  sector.sector = Sector::shelter;
  sector.allow = {Category::contact};
  sector.purposes = {Purpose::protection};
  const ParsedStatement statement = world.World::consent("police", padded({sector}));
  EXPECT_TRUE(world.run(statement, world.member("police").id).entry.decision.accepted());
  world.consent = ref(statement);
  const Reference message = world.received("shelter");
  ParsedStatement again = world.enrolment("shelter", Sector::ngo, 211);
  EXPECT_TRUE(world.run(again, base::id_cast<MemberId>(organisation(201))).entry.decision.accepted());
  EXPECT_EQ(world.take_back_whole(), Reason::none);
  EXPECT_TRUE(world.message(message).sections[0].withdrawn);
  EXPECT_EQ(world.message(message).debt, Debt::owed);
}

TEST(DecideWithdrawal, AWithdrawnRowStillExcludesAndWithholds) {
  ConsentRecord consent;
  consent.valid_until = kStart + base::days(1);
  ConsentRowRecord row;
  row.row = allow_row(member_id(1), {Category::contact});
  row.row.excluded = true;
  row.row.withhold = {Category::health};
  row.row.relay = true;
  row.withdrawn = true;
  consent.rows = {row};
  const ConsentParty party{member_id(1), {}, {}, Sector::shelter};
  EXPECT_TRUE(excludes(consent, party));
  EXPECT_FALSE(relays(consent, party));
}

struct Entitlement {
  const char* what;
  const char* author;
  bool by_message;  // names a message that the author got under the consent
  CodeSet<Purpose> purposes;
  Reason reason;
};

TEST(DecideWithdrawal, WhoMay) {
  const Entitlement cases[] = {
      {"its author, whole", "police", false, {}, Reason::none},
      {"its author, in part", "police", false, {Purpose::protection}, Reason::none},
      {"a recipient, whole, by its message", "shelter", true, {}, Reason::none},
      {"a recipient, in part", "shelter", true, {Purpose::protection}, Reason::not_entitled},
      {"a recipient that names the consent itself", "shelter", false, {}, Reason::not_entitled},
      {"somebody else, by another's message", "iom", true, {}, Reason::not_entitled},
      {"a purpose outside the list", "police", false, CodeSet<Purpose>::from_bits(1ULL << 60), Reason::unknown_code},
  };
  for (const Entitlement& c : cases) {
    SCOPED_TRACE(c.what);
    TakenBack world;
    const Reference message = world.received("shelter");
    EXPECT_EQ(world.take_back(c.author, {c.by_message ? message : world.consent, c.purposes, {}}), c.reason);
    EXPECT_EQ(world.message(message).sections[0].withdrawn, c.reason == Reason::none);
  }
}

TEST(DecideWithdrawal, UnknownAndForeignAreAlike) {
  TakenBack world;
  Reference unknown = world.consent;
  unknown.id.bytes[0] ^= 1;
  EXPECT_EQ(world.take_back("iom", {unknown, {}, {}}), Reason::not_entitled);
  const Bytes of_unknown = encode_decision(world.last.entry.decision);
  EXPECT_EQ(world.take_back("iom", {world.consent, {}, {}}), Reason::not_entitled);
  EXPECT_EQ(encode_decision(world.last.entry.decision), of_unknown);
}

TEST(DecideWithdrawal, ARowThatIsNoneOfTheConsentsOrTwiceIsRefused) {
  TakenBack world;
  Digest row;
  row.bytes.fill(0xEE);
  EXPECT_EQ(world.take_back("police", {world.consent, {}, {row}}), Reason::unknown_reference);
  row.bytes.fill(1);
  EXPECT_EQ(world.take_back("police", {world.consent, {}, {row, row}}), Reason::wrong_shape);
  EXPECT_FALSE(find_consent(world.view, world.consent)->value().rows[0].withdrawn);
}

TEST(DecideWithdrawal, OnceMoreChangesNothing) {
  TakenBack world;
  const Reference message = world.received("shelter");
  EXPECT_EQ(world.take_back_whole(), Reason::none);
  EXPECT_EQ(world.take_back_whole(), Reason::none);
  EXPECT_TRUE(world.last.effects.empty());
  EXPECT_EQ(world.thread(message).debts, 1U);
}

TEST(DecideWithdrawal, ReplayedItIsTheSameReceipt) {
  TakenBack world;
  const ParsedStatement statement = world.withdrawal("police", {world.consent, {}, {}});
  world.run(statement, world.member("police").id);
  world.drain();
  EXPECT_TRUE(std::holds_alternative<AlreadyDecided>(world.outcome(statement, world.member("police").id)));
  const ParsedStatement person = world.person_withdrawal("iom", {world.consent, {}, {}}, world.code);
  world.run(person, world.member("iom").id);
  EXPECT_TRUE(std::holds_alternative<AlreadyDecided>(world.outcome(person, world.member("iom").id)));
}

TEST(DecideWithdrawal, ManyMessagesDrainOverSeveralTicks) {
  TakenBack world;
  std::vector<Reference> messages;
  for (int i = 0; i < 150; ++i) messages.push_back(world.send("shelter"));
  const std::size_t before = world.log.size();
  EXPECT_EQ(world.take_back_whole(), Reason::none);
  for (const Reference& message : messages) EXPECT_EQ(world.message(message).state, MessageState::withheld);
  EXPECT_GE(world.log.size() - before, 4U);  // the withdrawal and three ticks
}

TEST(DecidePersonWithdrawal, WhoHoldsTheCodeTakesBackAtAnyAgency) {
  TakenBack world;
  const Reference message = world.received("shelter");
  EXPECT_EQ(world.by_code("iom", world.consent, world.code), Reason::none);
  EXPECT_TRUE(world.message(message).sections[0].withdrawn);
  EXPECT_EQ(count_effects(world.last, EffectCode::notice), 1U);  // to the agency that took the consent
}

TEST(DecidePersonWithdrawal, NeverAnotherPersons) {
  TakenBack world;
  world.record(world.stranger);  // whose key the log knows
  EXPECT_EQ(world.by_code("iom", world.consent, world.stranger), Reason::not_entitled);
  Reference unknown = world.consent;
  unknown.id.bytes[0] ^= 1;
  EXPECT_EQ(world.by_code("iom", unknown, world.code), Reason::not_entitled);
}

TEST(DecidePersonWithdrawal, AKeyThatTheLogNeverHeldLeavesNoEntry) {
  TakenBack world;
  const ParsedStatement statement = world.person_withdrawal("iom", {world.consent, {}, {}}, world.stranger);
  EXPECT_FALSE(world.try_decide(statement, world.member("iom").id));
}

TEST(DecidePersonWithdrawal, OnlyTheMemberThatItNamesBringsIt) {
  TakenBack world;
  const ParsedStatement statement = world.person_withdrawal("iom", {world.consent, {}, {}}, world.code);
  const auto verified = verify(statement, world.member("shelter").id, key_lookup(world.view));
  ASSERT_TRUE(verified);
  EXPECT_FALSE(check_submitter(world.view, *verified));
  const auto rightly = verify(statement, world.member("iom").id, key_lookup(world.view));
  ASSERT_TRUE(rightly);
  EXPECT_TRUE(check_submitter(world.view, *rightly));
}

TEST(DecidePersonWithdrawal, TimesToTheMillisecond) {
  constexpr Duration kDay = base::hours(24);
  struct Case {
    const char* name;
    Duration life;
    Duration later;  // when it comes, after it was made
    Reason reason;
  };
  const Case cases[] = {
      {"a day", kDay, {}, Reason::none},
      {"a day and a millisecond", Duration{kDay.ms + 1}, {}, Reason::expires_too_late},
      {"thirty days, as a member's may", base::days(30), {}, Reason::expires_too_late},
      {"in its last millisecond", kDay, Duration{kDay.ms - 1}, Reason::none},
      {"when it ends", kDay, kDay, Reason::expired},
      {"too long and not over", Duration{kDay.ms + 1}, kDay, Reason::expires_too_late},
  };
  for (const Case& test : cases) {
    TakenBack world;
    const ParsedStatement statement = world.person_withdrawal("iom", {world.consent, {}, {}}, world.code, test.life);
    world.now = world.now + test.later;
    EXPECT_EQ(world.run(statement, world.member("iom").id).entry.decision.reason, test.reason) << test.name;
    EXPECT_EQ(world.is_taken_back(), test.reason == Reason::none) << test.name;
  }
}

TEST(DecidePersonWithdrawal, AnotherAgencysConsentMayCarryTheSameCodeAndNoMembersKey) {
  TakenBack world;
  EXPECT_NE(world.record(world.code), world.consent);
  base::LookupTag tag;
  tag.bytes.fill(0x7A);
  EXPECT_EQ(read_coded(world.view, tag, 8)->size(), 2U);
  const ParsedStatement strange = world.World::consent(
      "police", padded({allow_row(world.member("iom").id, {Category::contact})}), &world.member("shelter").signing);
  EXPECT_EQ(world.run(strange, world.member("police").id).entry.decision.reason, Reason::already_used);
}

TEST(DecideWithdrawalAnswer, SettlesTheDebtAndTheThread) {
  TakenBack world;
  const Reference message = world.received("shelter");
  EXPECT_EQ(world.answer("shelter", message, DebtAnswer::erased), Reason::not_due);
  EXPECT_EQ(world.take_back_whole(), Reason::none);
  EXPECT_EQ(world.answer("iom", message, DebtAnswer::erased), Reason::unknown_reference);
  EXPECT_EQ(world.answer("shelter", message, DebtAnswer::erased, Basis::public_task), Reason::wrong_shape);
  EXPECT_EQ(world.answer("shelter", message, DebtAnswer::kept), Reason::wrong_shape);
  EXPECT_EQ(world.answer("shelter", message, DebtAnswer::kept, Basis::consent), Reason::wrong_shape);
  EXPECT_EQ(world.answer("shelter", message, static_cast<DebtAnswer>(9)), Reason::unknown_code);
  EXPECT_EQ(world.answer("shelter", message, DebtAnswer::kept, Basis::legal_obligation), Reason::none);
  EXPECT_EQ(world.message(message).debt, Debt::answered);
  EXPECT_EQ(world.thread(message).state, ThreadState::withdrawal_answered);
  EXPECT_EQ(world.answer("shelter", message, DebtAnswer::erased), Reason::not_due);
}

TEST(DecideWithdrawalAnswer, UnansweredItBecomesOverdueAtATickAndCanStillBeGiven) {
  TakenBack world;
  const Reference message = world.received("shelter");
  EXPECT_EQ(world.take_back_whole(), Reason::none);
  world.now = world.now + base::hours(72);
  world.drain();
  EXPECT_EQ(world.message(message).debt, Debt::overdue);
  EXPECT_EQ(world.log.back().type, StatementType::tick);
  EXPECT_EQ(world.log.back().decision.items.back().reason, number_of(DueCode::withdrawal_answer));
  EXPECT_EQ(world.answer("shelter", message, DebtAnswer::erased), Reason::none);
  EXPECT_EQ(world.thread(message).debts, 0U);
}

}  // namespace
}  // namespace besa::core
