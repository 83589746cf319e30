// A member puts new keys in the place of its own: what the old key may still do, and each refusal.
#include <functional>

#include "tests/unit/core/network.h"

namespace besa::core {
namespace {

struct NewKeys {
  crypto::SigningKey signing;
  crypto::SigningKey witness;
  TransportKey transport;
};

NewKeys new_keys(std::uint8_t number) {
  NewKeys out{
      signing_key(static_cast<std::uint8_t>(30 + number)), signing_key(static_cast<std::uint8_t>(70 + number)), {}};
  out.transport.bytes.fill(static_cast<std::uint8_t>(180 + number));
  return out;
}

constexpr std::uint64_t kOverlapDays = 7;

class Rotations : public testing::Test {
 protected:
  const MemberId& shelter() { return network.member("shelter").id; }
  MemberRecord record() { return read_member(network.view, shelter())->value(); }

  KeyRotation body(const NewKeys& keys) {
    KeyRotation out;
    out.header = network.header("shelter");
    out.signing_key = keys.signing.public_key();
    out.transport_key = keys.transport;
    out.witness_key = keys.witness.public_key();
    out.from = network.now;
    out.until = record().until;
    out.old_signs_until = network.now + base::days(kOverlapDays);
    return out;
  }
  // Signed by the key that is there alone, and with possession of those that come.
  ParsedStatement by_old(KeyRotation out) {
    ParsedStatement statement = network.finish(StatementType::key_rotation, std::move(out));
    const crypto::SigningKey& old = network.member("shelter").signing;
    network.sign_with(statement, old, member_key_id(shelter(), old.public_key()));
    return statement;
  }
  ParsedStatement rotation(KeyRotation out, const NewKeys& keys) {
    ParsedStatement statement = by_old(std::move(out));
    possess(statement, keys);
    return statement;
  }
  ParsedStatement rotation(const NewKeys& keys) { return rotation(body(keys), keys); }
  void possess(ParsedStatement& statement, const NewKeys& keys) {
    network.sign_with(statement, keys.signing, member_key_id(shelter(), keys.signing.public_key()));
    network.sign_with(statement, keys.witness, witness_key_id(shelter(), keys.witness.public_key()));
  }
  // The shelter's node has switched over.
  void switch_to(std::uint8_t number) {
    NewKeys keys = new_keys(number);
    TestMember& member = network.member("shelter");
    member.signing = std::move(keys.signing);
    member.witness = std::move(keys.witness);
    member.transport = keys.transport;
  }
  Decided run(const ParsedStatement& statement) { return network.run(statement, shelter()); }
  Reason reason(const ParsedStatement& statement) { return run(statement).entry.decision.reason; }
  ParsedStatement prekeys(const crypto::SigningKey& key, std::uint8_t fill) {
    Prekeys out;
    out.header = network.header("shelter");
    base::BoxKey prekey;
    prekey.bytes.fill(fill);
    out.keys.push_back({prekey, network.now, network.now + base::days(60)});
    ParsedStatement statement = network.finish(StatementType::prekeys, out);
    network.sign_with(statement, key, member_key_id(shelter(), key.public_key()));
    return statement;
  }
  KnownKey known(const crypto::SigningKey& key) {
    return read_key(network.view, member_key_id(shelter(), key.public_key()))->value();
  }

  Network network;
  TransportKey transport_ = network.member("shelter").transport;
};

TEST_F(Rotations, PutsTheNewKeysInThePlaceOfTheOld) {
  const NewKeys keys = new_keys(0);
  const MemberRecord before = record();
  const Head head = read_head(network.view)->value();
  const ParsedStatement statement = rotation(keys);
  const Decided decided = run(statement);
  ASSERT_TRUE(decided.entry.decision.accepted()) << name_of(decided.entry.decision.reason);
  EXPECT_EQ(decided.entry.keys_previous, before.keys);
  EXPECT_EQ(decided.entry.governance_previous, head.governance);
  ASSERT_EQ(decided.effects.size(), 1U);
  EXPECT_EQ(decided.effects[0].code, EffectCode::governance_in_force);
  EXPECT_EQ(decided.effects[0].reference.id, statement.id);
  const MemberRecord after = record();
  EXPECT_EQ(after.signing_key, member_key_id(shelter(), keys.signing.public_key()));
  EXPECT_EQ(after.outgoing_key, before.signing_key);
  EXPECT_EQ(after.keys, decided.entry.sequence);
  EXPECT_EQ(after.enrolled, before.enrolled) << "what was sealed before needs no new seal";
  EXPECT_EQ(read_party(network.view, before.transport_key)->value().role, PartyRole::none);
  EXPECT_EQ(read_party(network.view, keys.transport)->value().id, shelter());
  EXPECT_EQ(read_head(network.view)->value().governance, decided.entry.sequence);
  EXPECT_EQ(known(network.member("shelter").signing).until, network.now + base::days(kOverlapDays));
  const auto witness = read_key(network.view, witness_key_id(shelter(), keys.witness.public_key()))->value();
  EXPECT_EQ(witness.role, KeyRole::witness);
}

TEST_F(Rotations, EachRefusal) {
  const Timestamp now = network.now;
  const Timestamp end = record().until;
  const TransportKey taken = network.member("police").transport;
  const NewKeys keys = new_keys(0);
  const crypto::SigningKey* witness = &keys.witness;
  const auto with_witness = [&](KeyRotation& r, const crypto::SigningKey& key) {
    witness = &key;
    r.witness_key = key.public_key();
  };
  const struct {
    const char* name;
    std::function<void(KeyRotation&)> change;
    Reason expected;
  } cases[] = {
      {"created ahead", [&](auto& r) { r.header.created = now + base::minutes(6); }, Reason::created_ahead},
      {"signed long ago", [&](auto& r) { r.header.expires = now; }, Reason::expired},
      {"over already", [&](auto& r) { r.until = now; }, Reason::expired},
      {"longer than the quorum enrolled it for", [&](auto& r) { r.until = end + Duration{1}; },
       Reason::expires_too_late},
      {"the old key signs for more than 30 days",
       [&](auto& r) { r.old_signs_until = r.header.created + base::days(30) + Duration{1}; }, Reason::expires_too_late},
      {"begins when it ends", [&](auto& r) { r.from = r.until; }, Reason::wrong_shape},
      {"begins later", [&](auto& r) { r.from = r.header.created + Duration{1}; }, Reason::wrong_shape},
      {"no transport key", [](auto& r) { r.transport_key = {}; }, Reason::wrong_shape},
      {"somebody else's transport key", [&](auto& r) { r.transport_key = taken; }, Reason::already_used},
      {"its own transport key of before", [&](auto& r) { r.transport_key = transport_; }, Reason::already_used},
      {"one key for two uses", [](auto& r) { r.transport_key.bytes = r.signing_key.bytes; }, Reason::already_used},
      {"one key in two roles", [&](auto& r) { with_witness(r, keys.signing); }, Reason::already_used},
      {"its own witness key of before", [&](auto& r) { with_witness(r, network.member("shelter").witness); },
       Reason::already_used},
      {"an administrator's key", [&](auto& r) { with_witness(r, network.administrators[0]); }, Reason::already_used},
      {"in force since long", [](auto& r) { r.from = Timestamp{1}; }, Reason::none},
  };
  for (const auto& test : cases) {
    const MemberRecord before = record();
    witness = &keys.witness;
    KeyRotation changed = body(keys);
    test.change(changed);
    ParsedStatement statement = by_old(changed);
    network.sign_with(statement, keys.signing, member_key_id(shelter(), keys.signing.public_key()));
    network.sign_with(statement, *witness, witness_key_id(shelter(), witness->public_key()));
    const Decided decided = run(statement);
    EXPECT_EQ(decided.entry.decision.reason, test.expected) << test.name;
    if (test.expected == Reason::none) continue;
    EXPECT_TRUE(decided.effects.empty()) << test.name;
    EXPECT_EQ(record().signing_key, before.signing_key) << test.name;
    EXPECT_EQ(read_party(network.view, transport_)->value().id, shelter()) << test.name;
  }
}

TEST_F(Rotations, ProveThatTheNewKeysAreHeld) {
  const NewKeys keys = new_keys(0);
  ParsedStatement signing_only = by_old(body(keys));
  EXPECT_EQ(reason(signing_only), Reason::not_possessed);
  ParsedStatement no_witness = by_old(body(keys));
  network.sign_with(no_witness, keys.signing, member_key_id(shelter(), keys.signing.public_key()));
  EXPECT_EQ(reason(no_witness), Reason::not_possessed);
  ParsedStatement no_signing = by_old(body(keys));
  network.sign_with(no_signing, keys.witness, witness_key_id(shelter(), keys.witness.public_key()));
  EXPECT_EQ(reason(no_signing), Reason::not_possessed);
  EXPECT_EQ(reason(rotation(keys)), Reason::none);
}

// What is signed so is answered and never becomes an entry.
TEST_F(Rotations, SignedByOthersAreNoInput) {
  const NewKeys keys = new_keys(0);
  const auto unsigned_one = [&] { return network.finish(StatementType::key_rotation, body(keys)); };
  const auto by = [&](const crypto::SigningKey& key, const KeyId& id) {
    ParsedStatement out = unsigned_one();
    network.sign_with(out, key, id);
    possess(out, keys);
    return out;
  };
  const TestMember& police = network.member("police");
  const TestMember& own = network.member("shelter");
  ParsedStatement new_alone = unsigned_one();
  possess(new_alone, keys);
  ParsedStatement four = rotation(keys);
  network.sign_with(four, own.witness, witness_key_id(shelter(), own.witness.public_key()));
  KeyRotation again = body(keys);
  again.signing_key = own.signing.public_key();
  KeyRotation low = body(keys);
  low.signing_key = {};
  low.signing_key.bytes[0] = 1;  // the neutral element
  KeyRotation low_witness = body(keys);
  low_witness.witness_key = {};
  const std::pair<const char*, ParsedStatement> cases[] = {
      {"nobody", unsigned_one()},
      {"the new keys alone", new_alone},
      {"another member", by(police.signing, member_key_id(police.id, police.signing.public_key()))},
      {"an administrator",
       by(network.administrators[0], administrator_key_id(organisation(201), network.administrators[0].public_key()))},
      {"its old witness key", by(own.witness, witness_key_id(shelter(), own.witness.public_key()))},
      {"a key that it names as the new one", by_old(again)},
      {"four keys", four},
      {"a new key of low order", by_old(low)},
      {"a new witness key of low order", by_old(low_witness)},
  };
  for (const auto& [name, statement] : cases) EXPECT_FALSE(network.try_decide(statement, shelter())) << name;
}

TEST_F(Rotations, OfTwoThatRaceTheFirstCounts) {
  const NewKeys first_keys = new_keys(0);
  const NewKeys second_keys = new_keys(1);
  const ParsedStatement first = rotation(first_keys);
  const ParsedStatement second = rotation(second_keys);
  EXPECT_EQ(reason(first), Reason::none);
  EXPECT_EQ(reason(second), Reason::bad_signature_key) << "the old key still signs, but replaces nothing any more";
  EXPECT_EQ(record().signing_key, member_key_id(shelter(), first_keys.signing.public_key()));
  const auto again = network.outcome(first, shelter());
  EXPECT_TRUE(std::holds_alternative<AlreadyDecided>(again)) << "its receipt was lost: the same answer once more";
  // The refused one left its keys free.
  switch_to(0);
  EXPECT_EQ(reason(rotation(second_keys)), Reason::none);
}

TEST_F(Rotations, TheSameNewKeysTwiceAreUsedUp) {
  const NewKeys keys = new_keys(0);
  EXPECT_EQ(reason(rotation(keys)), Reason::none);
  switch_to(0);
  const NewKeys other = new_keys(1);
  KeyRotation back = body(other);
  const crypto::SigningKey first = signing_key(2);  // what it was enrolled with
  back.signing_key = first.public_key();
  ParsedStatement statement = by_old(back);
  network.sign_with(statement, first, member_key_id(shelter(), first.public_key()));
  network.sign_with(statement, other.witness, witness_key_id(shelter(), other.witness.public_key()));
  EXPECT_EQ(reason(statement), Reason::already_used);
}

TEST_F(Rotations, TheOldKeySignsUntilItsTime) {
  const crypto::SigningKey old = signing_key(2);
  ASSERT_EQ(old.public_key(), network.member("shelter").signing.public_key());
  ASSERT_EQ(reason(rotation(new_keys(0))), Reason::none);
  EXPECT_EQ(reason(prekeys(old, 201)), Reason::none);
  EXPECT_EQ(reason(prekeys(new_keys(0).signing, 202)), Reason::none);
  network.now = network.now + base::days(kOverlapDays);
  EXPECT_EQ(reason(prekeys(old, 203)), Reason::bad_signature_key) << "half-open: not any more at that time";
  EXPECT_EQ(reason(prekeys(new_keys(0).signing, 203)), Reason::none);
}

TEST_F(Rotations, AnOverlapThatIsOverEndsTheOldKeyAtOnce) {
  const crypto::SigningKey old = signing_key(2);
  KeyRotation changed = body(new_keys(0));
  changed.old_signs_until = {};
  ASSERT_EQ(reason(rotation(changed, new_keys(0))), Reason::none);
  EXPECT_EQ(known(old).until, network.now) << "and what it signed before was signed";
  EXPECT_EQ(reason(prekeys(old, 201)), Reason::bad_signature_key);
}

TEST_F(Rotations, OnlyTheLatestReplacedKeyStillSigns) {
  const crypto::SigningKey oldest = signing_key(2);
  ASSERT_EQ(reason(rotation(new_keys(0))), Reason::none);
  switch_to(0);
  ASSERT_EQ(reason(rotation(new_keys(1))), Reason::none);
  EXPECT_EQ(reason(prekeys(oldest, 201)), Reason::bad_signature_key);
  EXPECT_EQ(reason(prekeys(new_keys(0).signing, 201)), Reason::none);
}

// A stolen laptop: what is enrolled anew leaves the thief neither the key nor the one that was being replaced.
TEST_F(Rotations, AnEnrolmentEndsTheReplacedKeyToo) {
  const crypto::SigningKey oldest = signing_key(2);
  ASSERT_EQ(reason(rotation(new_keys(0))), Reason::none);
  switch_to(5);
  network.enrol("shelter", Sector::shelter, 211);
  EXPECT_EQ(reason(prekeys(oldest, 201)), Reason::bad_signature_key);
  EXPECT_EQ(reason(prekeys(new_keys(0).signing, 201)), Reason::bad_signature_key);
  EXPECT_EQ(reason(prekeys(new_keys(5).signing, 201)), Reason::none);
  EXPECT_TRUE(record().outgoing_key.is_none());
}

TEST_F(Rotations, OnlyMembersInForceRotate) {
  const MemberId administrator = base::id_cast<MemberId>(organisation(201));
  network.run(network.standing(StatementType::suspension, "shelter"), administrator);
  EXPECT_EQ(reason(rotation(new_keys(0))), Reason::unknown_sender);
  network.run(network.standing(StatementType::reinstatement, "shelter"), administrator);
  EXPECT_EQ(reason(rotation(new_keys(0))), Reason::none);
}

TEST_F(Rotations, ANewEndIsTheMembersEnd) {
  KeyRotation shorter = body(new_keys(0));
  shorter.until = network.now + base::days(10);
  ASSERT_EQ(reason(rotation(shorter, new_keys(0))), Reason::none);
  switch_to(0);
  KeyRotation longer = body(new_keys(1));
  longer.until = network.now + base::days(11);
  EXPECT_EQ(reason(rotation(longer, new_keys(1))), Reason::expires_too_late);
  network.now = network.now + base::days(10);
  EXPECT_EQ(reason(prekeys(new_keys(0).signing, 201)), Reason::unknown_sender);
}

TEST_F(Rotations, OldMailIsStillHandedOut) {
  const ParsedStatement sent = network.sign("police", network.ordinary(), network.given);
  ASSERT_TRUE(network.run(sent, network.member("police").id).entry.decision.accepted());
  const Reference message = ref(sent);
  ASSERT_EQ(reason(rotation(new_keys(0))), Reason::none);
  switch_to(0);
  EXPECT_TRUE(
      network.run(network.hand_out(StatementType::hand_out, "shelter", {message}), {}).entry.decision.accepted());
  EXPECT_TRUE(run(network.report(StatementType::received, "shelter", {message})).entry.decision.accepted());
  // And what was sealed to a prekey of before is taken as ever.
  EXPECT_TRUE(network.send("police", network.ordinary(), network.given).entry.decision.accepted());
}

}  // namespace
}  // namespace besa::core
