// Genesis, enrolment, standing, policy, auditors: each acceptance and each refusal reason of governance.
#include <functional>

#include "tests/unit/core/world.h"

namespace besa::core {
namespace {

const MemberId kAdministrator = base::id_cast<MemberId>(organisation(201));

ParsedStatement genesis_of(World& world, std::size_t signatures) {
  return world.governance(StatementType::genesis, world.genesis, signatures);
}

void begin(World& world) {
  const ParsedStatement statement = genesis_of(world, 2);
  const Decided decided = world.run(statement, {});
  ASSERT_TRUE(decided.entry.decision.accepted()) << name_of(decided.entry.decision.reason);
  world.network = base::id_cast<NetworkId>(statement.id);
}

struct GenesisCase {
  const char* name;
  std::size_t signatures;
  std::function<void(Genesis&)> change;
  Reason expected;
};

TEST(DecideGenesis, EachRefusal) {
  const GenesisCase cases[] = {
      {"accepted", 2, [](Genesis&) {}, Reason::none},
      {"one signature", 1, [](Genesis&) {}, Reason::below_threshold},
      {"no signature at all", 0, [](Genesis&) {}, Reason::below_threshold},
      {"threshold one", 2, [](Genesis& g) { g.threshold = 1; }, Reason::below_threshold},
      {"threshold over the number", 2, [](Genesis& g) { g.threshold = 4; }, Reason::below_threshold},
      {"one organisation can reach it alone", 3,
       [](Genesis& g) { g.administrators[2].organisation = g.administrators[1].organisation; },
       Reason::one_organisation},
      {"created ahead", 2, [](Genesis& g) { g.header.created = kStart + base::minutes(6); }, Reason::created_ahead},
      {"held back too long", 2, [](Genesis& g) { g.header.valid_until = kStart; }, Reason::expired},
      {"valid too long", 2, [](Genesis& g) { g.header.valid_until = kStart + base::days(31); },
       Reason::expires_too_late},
      {"decision version", 2, [](Genesis& g) { g.decision_version = 9; }, Reason::unknown_code},
      {"signature rule", 2, [](Genesis& g) { g.signature_rule = 9; }, Reason::unknown_code},
      {"name with a space", 2, [](Genesis& g) { g.name = "a b"; }, Reason::wrong_shape},
      {"broker key twice", 2, [](Genesis& g) { g.broker_transport_key = g.administrators[0].transport_key; },
       Reason::already_used},
  };
  for (const GenesisCase& test : cases) {
    World world;
    test.change(world.genesis);
    const std::size_t kept = world.genesis.administrators.size();
    ParsedStatement statement = world.governance(StatementType::genesis, world.genesis, 0);
    for (std::size_t i = 0; i < std::min(test.signatures, kept); ++i) {
      world.sign_with(
          statement, world.administrators[i],
          administrator_key_id(world.genesis.administrators[i].organisation, world.administrators[i].public_key()));
    }
    if (test.signatures == 0) {
      const auto result = world.try_decide(statement, {});
      EXPECT_FALSE(result) << "an unsigned genesis is no input at all";
      continue;
    }
    const Decided decided = world.run(statement, {});
    EXPECT_EQ(decided.entry.decision.reason, test.expected) << test.name;
    EXPECT_EQ(decided.entry.decision.accepted(), test.expected == Reason::none) << test.name;
  }
}

TEST(DecideGenesis, NothingComesBeforeIt) {
  World world;
  world.network.bytes.fill(1);
  const auto result = world.try_decide(world.enrolment("police", Sector::border_police, 210), kAdministrator);
  EXPECT_FALSE(result);
}

TEST(DecideGenesis, OnlyOne) {
  World world;
  begin(world);
  world.genesis.name = "another";
  EXPECT_FALSE(world.try_decide(genesis_of(world, 2), {}));
}

TEST(DecideEnrolment, EachRefusal) {
  struct Case {
    const char* name;
    std::function<ParsedStatement(World&)> make;
    Reason expected;
  };
  const auto changed = [](World& world, const std::function<void(Enrolment&)>& change) {
    ParsedStatement statement = world.enrolment("new", Sector::shelter, 210);
    change(std::get<Enrolment>(statement.body));
    return statement;
  };
  const Case cases[] = {
      {"accepted", [](World& w) { return w.enrolment("new", Sector::shelter, 210); }, Reason::none},
      {"one signature", [](World& w) { return w.enrolment("new", Sector::shelter, 210, {}, 1); },
       Reason::below_threshold},
      {"without possession", [](World& w) { return w.enrolment("new", Sector::shelter, 210, {}, 2, false); },
       Reason::not_possessed},
      {"unknown sector", [&](World& w) { return changed(w, [](Enrolment& e) { e.sector = static_cast<Sector>(99); }); },
       Reason::unknown_code},
      {"ends before it begins", [&](World& w) { return changed(w, [](Enrolment& e) { e.until = e.from; }); },
       Reason::wrong_shape},
      {"country in small letters", [&](World& w) { return changed(w, [](Enrolment& e) { e.country = 0x616C; }); },
       Reason::wrong_shape},
      {"unknown parent", [](World& w) { return w.enrolment("new", Sector::shelter, 210, member_id(99)); },
       Reason::unknown_reference},
      {"replaces something",
       [&](World& w) { return changed(w, [](Enrolment& e) { e.header.replaces.bytes.fill(1); }); },
       Reason::governance_stale},
      {"transport key of somebody else",
       [&](World& w) {
         w.enrol("police", Sector::border_police, 211);
         const TransportKey taken = w.member("police").transport;
         return changed(w, [&](Enrolment& e) { e.transport_key = taken; });
       },
       Reason::already_used},
  };
  for (const Case& test : cases) {
    World world;
    begin(world);
    const ParsedStatement statement = test.make(world);
    const Decided decided = world.run(statement, kAdministrator);
    EXPECT_EQ(decided.entry.decision.reason, test.expected) << test.name;
  }
}

TEST(DecideEnrolment, TwoSignaturesOfOneOrganisationAreNotEnough) {
  World world;
  // Organisations 201 and 203; the third administrator belongs to 201 as well, threshold 3.
  world.genesis.administrators[1].organisation = organisation(201);
  world.genesis.threshold = 3;
  const ParsedStatement genesis = world.governance(StatementType::genesis, world.genesis, 3);
  ASSERT_TRUE(world.run(genesis, {}).entry.decision.accepted());
  world.network = base::id_cast<NetworkId>(genesis.id);
  const Decided two = world.run(world.enrolment("new", Sector::shelter, 210, {}, 2), kAdministrator);
  EXPECT_EQ(two.entry.decision.reason, Reason::below_threshold);
}

// A unit below itself would have no end of parents.
TEST(DecideEnrolment, NobodyStandsBelowItself) {
  World world;
  begin(world);
  world.enrol("force", Sector::police, 210);
  const MemberId force = world.member("force").id;
  const auto reason = [&](const std::string& name, const MemberId& parent) {
    return world.run(world.enrolment(name, Sector::police, 210, parent), kAdministrator).entry.decision.reason;
  };
  EXPECT_EQ(reason("force", force), Reason::wrong_shape);
  EXPECT_EQ(reason("station", force), Reason::none);
  EXPECT_EQ(reason("desk", world.member("station").id), Reason::none);
  EXPECT_EQ(reason("force", world.member("desk").id), Reason::wrong_shape);
  EXPECT_EQ(reason("force", world.member("station").id), Reason::wrong_shape);
  EXPECT_EQ(reason("force", member_id(99)), Reason::unknown_reference);
}

TEST(DecideStanding, SuspensionReinstatementRemoval) {
  World world;
  begin(world);
  world.enrol("shelter", Sector::shelter, 210);
  EXPECT_EQ(world.run(world.standing(StatementType::reinstatement, "shelter"), kAdministrator).entry.decision.reason,
            Reason::illegal_transition);
  EXPECT_EQ(world.run(world.standing(StatementType::suspension, "shelter", 1), kAdministrator).entry.decision.reason,
            Reason::below_threshold);
  EXPECT_TRUE(
      world.run(world.standing(StatementType::suspension, "shelter"), kAdministrator).entry.decision.accepted());
  EXPECT_TRUE(
      world.run(world.standing(StatementType::reinstatement, "shelter"), kAdministrator).entry.decision.accepted());
  const ParsedStatement held_back = world.standing(StatementType::suspension, "shelter");
  EXPECT_TRUE(world.run(world.standing(StatementType::removal, "shelter"), kAdministrator).entry.decision.accepted());
  EXPECT_EQ(world.run(held_back, kAdministrator).entry.decision.reason, Reason::governance_stale);
  EXPECT_EQ(world.run(world.enrolment("shelter", Sector::shelter, 210), kAdministrator).entry.decision.reason,
            Reason::already_used);
}

TEST(DecideGovernance, SameStatementTwiceIsTheSameEntry) {
  World world;
  begin(world);
  const ParsedStatement statement = world.enrolment("shelter", Sector::shelter, 210);
  const Decided first = world.run(statement, kAdministrator);
  const Outcome second = world.outcome(statement, kAdministrator);
  ASSERT_TRUE(std::holds_alternative<AlreadyDecided>(second));
  EXPECT_EQ(std::get<AlreadyDecided>(second).sequence, first.entry.sequence);
}

TEST(DecideGovernance, MoreSignaturesMakeARefusedStatementGood) {
  World world;
  begin(world);
  ParsedStatement statement = world.enrolment("shelter", Sector::shelter, 210);
  ParsedStatement early = statement;
  early.blocks.erase(early.blocks.begin());
  early.blocks_hash.bytes.fill(1);
  EXPECT_EQ(world.run(early, kAdministrator).entry.decision.reason, Reason::below_threshold);
  EXPECT_TRUE(std::holds_alternative<AlreadyDecided>(world.outcome(early, kAdministrator)));
  EXPECT_TRUE(world.run(statement, kAdministrator).entry.decision.accepted());
  EXPECT_TRUE(std::holds_alternative<AlreadyDecided>(world.outcome(early, kAdministrator)));
}

TEST(DecideGovernance, StrangersCannotBringIt) {
  World world;
  begin(world);
  world.enrol("shelter", Sector::shelter, 210);
  const auto result =
      world.try_decide(world.standing(StatementType::suspension, "shelter"), world.member("shelter").id);
  EXPECT_FALSE(result);
}

TEST(DecidePolicy, OlderOneCannotComeBack) {
  World world;
  begin(world);
  world.adopt(small_policy());
  PolicyAdoption body;
  body.header = world.governance_header(StatementId{});  // as if it were the first
  body.decision_version = kDecisionVersion;
  const ParsedStatement old = world.governance(StatementType::policy_adoption, body, 2, small_policy());
  EXPECT_EQ(world.run(old, kAdministrator).entry.decision.reason, Reason::governance_stale);
}

TEST(DecideAppointment, OfAMemberOnly) {
  World world;
  begin(world);
  AuditorAppointment body;
  body.header = world.governance_header();
  body.auditor = member_id(77);
  body.from = kStart;
  body.until = kStart + base::days(30);
  const ParsedStatement stranger = world.governance(StatementType::auditor_appointment, body);
  EXPECT_EQ(world.run(stranger, kAdministrator).entry.decision.reason, Reason::unknown_reference);
  world.enrol("auditor", Sector::auditor, 220);
  body.auditor = world.member("auditor").id;
  const ParsedStatement accepted = world.governance(StatementType::auditor_appointment, body);
  EXPECT_TRUE(world.run(accepted, kAdministrator).entry.decision.accepted());
}

TEST(DecideGovernance, ChainsItsEntries) {
  World world;
  begin(world);
  world.enrol("shelter", Sector::shelter, 210);
  world.run(world.enrolment("iom", Sector::iom, 211, {}, 1), kAdministrator);  // refused: no link to it
  world.enrol("police", Sector::border_police, 212);
  ASSERT_EQ(world.log.size(), 4U);
  EXPECT_EQ(world.log[1].governance_previous.value, 0U);
  EXPECT_EQ(world.log[3].governance_previous.value, 1U);
}

TEST(DecideEnrolment, ARefusedOneNamesTheKeysBeforeItToo) {
  World world;
  world.begin({{"police", Sector::border_police}});
  const Sequence keys = read_member(world.view, world.member("police").id)->value().keys;
  const ParsedStatement unsigned_enough = world.enrolment("police", Sector::border_police, 210, {}, 1);
  const Decided refused = world.run(unsigned_enough, base::id_cast<MemberId>(organisation(201)));
  EXPECT_EQ(refused.entry.decision.reason, Reason::below_threshold);
  EXPECT_EQ(refused.entry.keys_previous, keys);
}

}  // namespace
}  // namespace besa::core
