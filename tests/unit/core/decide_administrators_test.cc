// A quorum puts other administrators in its place: what must hold of the new ones, and what the old ones can do no
// more.
#include <functional>

#include "tests/unit/core/world.h"

namespace besa::core {
namespace {

// An administrator with its keys, by number: organisation, signing key and transport key follow from it.
struct Seat {
  std::uint8_t organisation;
  std::uint8_t key;
};

Administrator administrator(const Seat& seat) {
  TransportKey transport;
  transport.bytes.fill(static_cast<std::uint8_t>(seat.key + 10));
  return {organisation(seat.organisation), signing_key(seat.key).public_key(), transport};
}

// Of genesis; threshold 2.
constexpr Seat kFirst{201, 101};
constexpr Seat kSecond{202, 102};
constexpr Seat kThird{203, 103};
constexpr Seat kNew{204, 104};
constexpr Seat kOther{205, 105};

class Administrators : public testing::Test {
 protected:
  Administrators() {
    const ParsedStatement genesis = world.governance(StatementType::genesis, world.genesis);
    EXPECT_TRUE(world.run(genesis, {}).entry.decision.accepted());
    world.network = base::id_cast<NetworkId>(genesis.id);
    last = genesis.id;
  }

  AdministratorChange body(const std::vector<Seat>& seats, std::uint16_t threshold) {
    AdministratorChange out;
    out.header = world.governance_header(last);
    for (const Seat& seat : seats) out.administrators.push_back(administrator(seat));
    out.threshold = threshold;
    return out;
  }
  ParsedStatement by(StatementType type, Body content, const std::vector<Seat>& signers) {
    ParsedStatement out = world.finish(type, std::move(content));
    for (const Seat& seat : signers) {
      const crypto::SigningKey key = signing_key(seat.key);
      world.sign_with(out, key, administrator_key_id(organisation(seat.organisation), key.public_key()));
    }
    return out;
  }
  ParsedStatement change(const AdministratorChange& content, const std::vector<Seat>& signers) {
    return by(StatementType::administrator_change, content, signers);
  }
  Reason reason(const ParsedStatement& statement, const Seat& bringer = kFirst) {
    const auto submitter = base::id_cast<MemberId>(organisation(bringer.organisation));
    const Decision decision = world.run(statement, submitter).entry.decision;
    if (decision.accepted() && statement.type == StatementType::administrator_change) last = statement.id;
    return decision.reason;
  }
  bool may_bring(const ParsedStatement& statement, const Seat& seat) {
    return world.try_decide(statement, base::id_cast<MemberId>(organisation(seat.organisation))).has_value();
  }
  Reason appoint(const std::vector<Seat>& signers, const Seat& bringer) {
    PolicyAdoption adoption;
    adoption.header = world.governance_header(world.policy);
    adoption.decision_version = kDecisionVersion;
    ParsedStatement statement = by(StatementType::policy_adoption, adoption, signers);
    statement.policy = small_policy();
    const Reason out = reason(statement, bringer);
    if (out == Reason::none) world.policy = statement.id;
    return out;
  }

  World world;
  StatementId last;
};

TEST_F(Administrators, OthersAreInCharge) {
  const Head before = read_head(world.view)->value();
  const ParsedStatement statement = change(body({kFirst, kNew, kOther}, 2), {kFirst, kSecond, kNew, kOther});
  const Decided decided = world.run(statement, base::id_cast<MemberId>(organisation(202)));
  ASSERT_TRUE(decided.entry.decision.accepted()) << name_of(decided.entry.decision.reason);
  EXPECT_EQ(decided.entry.governance_previous, before.governance);
  ASSERT_EQ(decided.effects.size(), 1U);
  EXPECT_EQ(decided.effects[0].code, EffectCode::governance_in_force);
  EXPECT_EQ(read_administrators(world.view)->size(), 3U);
  EXPECT_EQ(read_party(world.view, administrator(kSecond).transport_key)->value().role, PartyRole::none);
  EXPECT_EQ(read_party(world.view, administrator(kNew).transport_key)->value().role, PartyRole::administrator);
  EXPECT_EQ(read_party(world.view, administrator(kFirst).transport_key)->value().role, PartyRole::administrator);
  const auto removed = read_key(world.view, administrator_key_id(organisation(202), signing_key(102).public_key()));
  EXPECT_EQ(removed->value().until, world.now);
}

TEST_F(Administrators, EachRefusal) {
  const struct {
    const char* name;
    std::vector<Seat> seats;
    std::uint16_t threshold;
    std::vector<Seat> signers;
    std::function<void(AdministratorChange&)> change;
    Reason expected;
  } cases[] = {
      {"one signature", {kFirst, kSecond, kNew}, 2, {kFirst, kNew}, {}, Reason::below_threshold},
      {"the new ones alone", {kNew, kOther}, 2, {kNew, kOther}, {}, Reason::below_threshold},
      {"one organisation holds the threshold",
       {kFirst, {201, 106}, kNew},
       2,
       {kFirst, kSecond, {201, 106}, kNew},
       {},
       Reason::one_organisation},
      {"a threshold of one", {kFirst, kSecond}, 1, {kFirst, kSecond}, {}, Reason::below_threshold},
      {"a threshold that nobody reaches", {kFirst, kSecond}, 3, {kFirst, kSecond}, {}, Reason::below_threshold},
      {"one is left", {kFirst}, 2, {kFirst, kSecond}, {}, Reason::below_threshold},
      {"nobody is left", {}, 2, {kFirst, kSecond}, {}, Reason::wrong_shape},
      {"an administrator of no organisation",
       {kFirst, kSecond, {0, 106}},
       2,
       {kFirst, kSecond, {0, 106}},
       {},
       Reason::wrong_shape},
      {"one named twice", {kFirst, kSecond, kSecond, kThird}, 3, {kFirst, kSecond}, {}, Reason::already_used},
      {"another organisation's key",
       {kFirst, kSecond, {204, 103}},
       2,
       {kFirst, kSecond, {204, 103}},
       {},
       Reason::already_used},
      {"another's transport key",
       {kFirst, kNew},
       2,
       {kFirst, kSecond, kNew},
       [](auto& c) { c.administrators[1].transport_key = administrator(kThird).transport_key; },
       Reason::already_used},
      {"the broker's log key", {kFirst, {204, 120}}, 2, {kFirst, kSecond, {204, 120}}, {}, Reason::already_used},
      {"a new key that nobody is shown to hold",
       {kFirst, kSecond, kNew},
       2,
       {kFirst, kSecond},
       {},
       Reason::not_possessed},
      {"replaces nothing",
       {kFirst, kSecond},
       2,
       {kFirst, kSecond},
       [](auto& c) { c.header.replaces = {}; },
       Reason::governance_stale},
      {"held back too long",
       {kFirst, kSecond},
       2,
       {kFirst, kSecond},
       [](auto& c) { c.header.valid_until = kStart; },
       Reason::expired},
      {"valid too long",
       {kFirst, kSecond},
       2,
       {kFirst, kSecond},
       [](auto& c) { c.header.valid_until = kStart + base::days(31); },
       Reason::expires_too_late},
      {"two go on", {kFirst, kSecond}, 2, {kFirst, kSecond}, {}, Reason::none},
  };
  for (const auto& test : cases) {
    AdministratorChange content = body(test.seats, test.threshold);
    if (test.change) test.change(content);
    EXPECT_EQ(reason(change(content, test.signers)), test.expected) << test.name;
    const std::size_t seats = test.expected == Reason::none ? 2 : 3;
    EXPECT_EQ(read_administrators(world.view)->size(), seats) << test.name;
  }
}

TEST_F(Administrators, WhoWasRemovedApprovesNothing) {
  ASSERT_EQ(reason(change(body({kFirst, kNew, kOther}, 2), {kFirst, kSecond, kNew, kOther})), Reason::none);
  EXPECT_EQ(appoint({kSecond, kThird}, kFirst), Reason::below_threshold);
  EXPECT_EQ(appoint({kFirst, kThird}, kFirst), Reason::below_threshold) << "one of the two is gone";
  EXPECT_EQ(appoint({kFirst, kNew}, kFirst), Reason::none);
  EXPECT_EQ(appoint({kNew, kOther}, kNew), Reason::none);
  const ParsedStatement back = change(body({kFirst, kSecond, kThird}, 2), {kSecond, kThird});
  EXPECT_FALSE(may_bring(back, kSecond)) << "its transport key is let in no more";
  EXPECT_EQ(reason(back), Reason::below_threshold);
}

TEST_F(Administrators, TheNewThresholdCounts) {
  ASSERT_EQ(reason(change(body({kFirst, kSecond, kThird, kNew}, 3), {kFirst, kSecond, kNew})), Reason::none);
  EXPECT_EQ(appoint({kFirst, kSecond}, kFirst), Reason::below_threshold);
  EXPECT_EQ(reason(change(body({kFirst, kSecond}, 2), {kFirst, kSecond})), Reason::below_threshold);
  EXPECT_EQ(appoint({kFirst, kSecond, kNew}, kFirst), Reason::none);
}

// Signed in full and kept in a drawer: it takes effect in its turn or never.
TEST_F(Administrators, AnOlderChangeHeldBackIsStale) {
  const ParsedStatement held_back = change(body({kFirst, kSecond}, 2), {kFirst, kSecond});
  ASSERT_EQ(reason(change(body({kFirst, kSecond, kThird, kNew}, 2), {kFirst, kSecond, kNew})), Reason::none);
  EXPECT_EQ(reason(held_back), Reason::governance_stale);
  EXPECT_TRUE(
      std::holds_alternative<AlreadyDecided>(world.outcome(held_back, base::id_cast<MemberId>(organisation(201)))));
}

// A statement that was refused for want of signatures may come again with more of them.
TEST_F(Administrators, PossessionMayFollow) {
  ParsedStatement statement = change(body({kFirst, kSecond, kNew}, 2), {kFirst, kSecond});
  EXPECT_EQ(reason(statement), Reason::not_possessed);
  const crypto::SigningKey key = signing_key(kNew.key);
  world.sign_with(statement, key, administrator_key_id(organisation(kNew.organisation), key.public_key()));
  statement.blocks_hash.bytes.fill(1);
  EXPECT_EQ(reason(statement), Reason::none);
}

TEST_F(Administrators, ATransportKeyIsReplaced) {
  AdministratorChange content = body({kFirst, kSecond, kThird}, 2);
  content.administrators[0].transport_key.bytes.fill(199);
  ASSERT_EQ(reason(change(content, {kFirst, kSecond})), Reason::none);
  EXPECT_EQ(read_party(world.view, administrator(kFirst).transport_key)->value().role, PartyRole::none);
  EXPECT_EQ(read_party(world.view, content.administrators[0].transport_key)->value().role, PartyRole::administrator);
  EXPECT_EQ(appoint({kFirst, kSecond}, kFirst), Reason::none) << "its signing key is what it was";
}

TEST_F(Administrators, WhoeverWasRemovedCanComeBack) {
  ASSERT_EQ(reason(change(body({kFirst, kSecond}, 2), {kFirst, kSecond})), Reason::none);
  EXPECT_EQ(reason(change(body({kFirst, kSecond, kThird}, 2), {kFirst, kSecond})), Reason::not_possessed);
  ASSERT_EQ(reason(change(body({kSecond, kThird}, 2), {kFirst, kSecond, kThird})), Reason::none);
  EXPECT_EQ(appoint({kSecond, kThird}, kThird), Reason::none);
}

// Their organisations are members like any other: to suspend those takes no administrator out of office.
TEST_F(Administrators, SuspendingTheirAgenciesLeavesThemInCharge) {
  for (const char* name : {"one", "two"}) world.enrol(name, Sector::ngo, name == std::string("one") ? 201 : 202);
  const auto bringer = base::id_cast<MemberId>(organisation(201));
  for (const char* name : {"one", "two"}) {
    EXPECT_TRUE(world.run(world.standing(StatementType::suspension, name), bringer).entry.decision.accepted());
  }
  EXPECT_EQ(appoint({kFirst, kSecond}, kFirst), Reason::none);
}

}  // namespace
}  // namespace besa::core
