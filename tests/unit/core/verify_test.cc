#include <gtest/gtest.h>

#include <map>

#include "core/merkle.h"
#include "core/statement.h"
#include "crypto/secret/sign.h"
#include "tests/unit/core/statement_samples.h"

namespace besa::core {
namespace {

using namespace samples;
using base::ErrorKind;
using crypto::SigningKey;

// A key whose seed is this byte, 32 times.
SigningKey key_number(std::uint8_t number) { return SigningKey::from_seed(Bytes(32, number)).value(); }

const OrganisationId kOrganisation = id_of<OrganisationId>(9);

// The log's keys, as a lookup.
class Keys {
 public:
  void add_member(const MemberId& member, const SigningKey& key) {
    known_[member_key_id(member, key.public_key())] = {KeyRole::member, member, key.public_key(), {}, {}};
  }
  void add(const KeyId& id, KeyRole role, const MemberId& holder, const SigningKey& key) {
    known_[id] = {role, holder, key.public_key(), {}, {}};
  }
  void add_administrator(const SigningKey& key) {
    add(administrator_key_id(kOrganisation, key.public_key()), KeyRole::administrator,
        base::id_cast<MemberId>(kOrganisation), key);
  }
  KeyLookup lookup() const {
    return [this](const KeyId& id) -> Result<std::optional<KnownKey>> {
      const auto found = known_.find(id);
      return found == known_.end() ? std::nullopt : std::optional<KnownKey>(found->second);
    };
  }

 private:
  std::map<KeyId, KnownKey> known_;
};

SignatureBlock sign_one(const StatementId& id, const KeyId& key_id, const SigningKey& key) {
  SignatureBlock block;
  block.key = key_id;
  block.signature = key.sign(signed_bytes(base::id_cast<Digest>(id)));
  return block;
}

ParsedStatement signed_prekeys(const MemberId& author, const SigningKey& key) {
  ParsedStatement statement = prekeys_by(author);
  statement.blocks = {sign_one(statement.id, member_key_id(author, key.public_key()), key)};
  return statement;
}

// Why `verify` refuses; empty if it does not.
std::optional<ErrorKind> failure(ParsedStatement statement, const Keys& keys, const MemberId& submitter = kMember) {
  const auto verified = verify(std::move(statement), submitter, keys.lookup());
  return verified ? std::nullopt : std::optional(verified.error().kind);
}

// --- verify: a member's statement ---

TEST(Verify, TakesAMembersStatement) {
  const SigningKey key = key_number(1);
  Keys keys;
  keys.add_member(kMember, key);
  const auto verified = verify(signed_prekeys(kMember, key), kOther, keys.lookup());
  ASSERT_TRUE(verified.has_value());
  EXPECT_EQ(verified->submitter(), kOther);
  ASSERT_EQ(verified->signers().size(), 1U);
  EXPECT_EQ(verified->signers()[0].holder, kMember);
  EXPECT_EQ(verified->signers()[0].role, KeyRole::member);
  EXPECT_FALSE(verified->signers()[0].introduced);
}

TEST(Verify, TakesABundle) {
  const SigningKey key = key_number(1);
  Keys keys;
  keys.add_member(kMember, key);
  ParsedStatement statement = prekeys_by(kMember);
  std::vector<Digest> ids = {id_of<Digest>(4), id_of<Digest>(5), base::id_cast<Digest>(statement.id)};
  SignatureBlock block;
  block.key = member_key_id(kMember, key.public_key());
  block.index = 2;
  block.size = 3;
  block.path = inclusion_proof(2, ids);
  block.signature = key.sign(signed_bytes(root_of(ids)));
  statement.blocks = {block};
  EXPECT_EQ(failure(statement, keys), std::nullopt);
  statement.blocks[0].path[0].bytes[0] ^= 1;
  EXPECT_EQ(failure(statement, keys), ErrorKind::bad_signature);
  statement.blocks[0] = block;
  statement.blocks[0].path.clear();
  EXPECT_EQ(failure(statement, keys), ErrorKind::bad_signature);
}

TEST(Verify, RefusesAnUnknownKey) {
  EXPECT_EQ(failure(signed_prekeys(kMember, key_number(1)), Keys{}), ErrorKind::bad_signature);
}

TEST(Verify, RefusesAnotherMembersKey) {
  const SigningKey key = key_number(1);
  Keys keys;
  keys.add_member(kOther, key);
  ParsedStatement statement = prekeys_by(kMember);
  statement.blocks = {sign_one(statement.id, member_key_id(kOther, key.public_key()), key)};
  EXPECT_EQ(failure(statement, keys), ErrorKind::bad_signature);
}

TEST(Verify, RefusesAKeyOfTheAuthorInAnotherRole) {
  const SigningKey key = key_number(1);
  Keys keys;
  keys.add(witness_key_id(kMember, key.public_key()), KeyRole::witness, kMember, key);
  ParsedStatement statement = prekeys_by(kMember);
  statement.blocks = {sign_one(statement.id, witness_key_id(kMember, key.public_key()), key)};
  EXPECT_EQ(failure(statement, keys), ErrorKind::bad_signature);
}

TEST(Verify, RefusesASignatureOverAnotherStatement) {
  const SigningKey key = key_number(1);
  Keys keys;
  keys.add_member(kMember, key);
  ParsedStatement statement = signed_prekeys(kMember, key);
  statement.id.bytes[0] ^= 1;
  EXPECT_EQ(failure(statement, keys), ErrorKind::bad_signature);
}

TEST(Verify, RefusesASignatureWithoutTheEncoding) {
  const SigningKey key = key_number(1);
  Keys keys;
  keys.add_member(kMember, key);
  ParsedStatement statement = signed_prekeys(kMember, key);
  statement.blocks[0].signature = key.sign(statement.id.view());
  EXPECT_EQ(failure(statement, keys), ErrorKind::bad_signature);
}

TEST(Verify, RefusesNoneOrTwoBlocksOnAMembersStatement) {
  const SigningKey first = key_number(1);
  const SigningKey second = key_number(2);
  Keys keys;
  keys.add_member(kMember, first);
  keys.add_member(kMember, second);
  ParsedStatement statement = signed_prekeys(kMember, first);
  statement.blocks.push_back(sign_one(statement.id, member_key_id(kMember, second.public_key()), second));
  EXPECT_EQ(failure(statement, keys), ErrorKind::bad_signature);
  statement.blocks.clear();
  EXPECT_EQ(failure(statement, keys), ErrorKind::bad_signature);
}

TEST(Verify, AnAdministratorCannotSignForAMember) {
  const SigningKey key = key_number(1);
  Keys keys;
  keys.add_administrator(key);
  ParsedStatement statement = prekeys_by(base::id_cast<MemberId>(kOrganisation));
  statement.blocks = {sign_one(statement.id, administrator_key_id(kOrganisation, key.public_key()), key)};
  EXPECT_EQ(failure(statement, keys), ErrorKind::bad_signature);
}

TEST(Verify, AnEnvelopesAuthorIsItsSender) {
  const SigningKey key = key_number(1);
  Keys keys;
  keys.add_member(kMember, key);
  Envelope envelope;
  envelope.context.sender = kMember;
  ParsedStatement statement = statement_of(StatementType::envelope, envelope);
  statement.blocks = {sign_one(statement.id, member_key_id(kMember, key.public_key()), key)};
  EXPECT_EQ(failure(statement, keys), std::nullopt);
  envelope.context.sender = kOther;
  statement.body = envelope;
  EXPECT_EQ(failure(statement, keys), ErrorKind::bad_signature);
}

TEST(Verify, AFailedLookupPassesThrough) {
  const auto lookup = [](const KeyId&) -> Result<std::optional<KnownKey>> {
    return base::fail(ErrorKind::damaged, "the view is broken");
  };
  const auto verified = verify(signed_prekeys(kMember, key_number(1)), kMember, lookup);
  ASSERT_FALSE(verified.has_value());
  EXPECT_EQ(verified.error().kind, ErrorKind::damaged);
}

// --- verify: governance ---

ParsedStatement suspension_by(const std::vector<const SigningKey*>& signing_keys) {
  ParsedStatement statement = statement_of(StatementType::suspension, StandingChange{{}, kMember});
  for (const SigningKey* key : signing_keys) {
    statement.blocks.push_back(sign_one(statement.id, administrator_key_id(kOrganisation, key->public_key()), *key));
  }
  return statement;
}

TEST(Verify, GovernanceCarriesAnyNumberOfAdministrators) {
  const SigningKey first = key_number(1);
  const SigningKey second = key_number(2);
  Keys keys;
  keys.add_administrator(first);
  keys.add_administrator(second);
  EXPECT_EQ(failure(suspension_by({&first}), keys), std::nullopt);
  EXPECT_EQ(failure(suspension_by({&first, &second}), keys), std::nullopt);
  EXPECT_EQ(failure(suspension_by({}), keys), ErrorKind::bad_signature);
}

TEST(Verify, NoKeySignsTwice) {
  const SigningKey key = key_number(1);
  Keys keys;
  keys.add_administrator(key);
  EXPECT_EQ(failure(suspension_by({&key, &key}), keys), ErrorKind::bad_signature);
}

TEST(Verify, AMemberCannotSignGovernance) {
  const SigningKey key = key_number(1);
  Keys keys;
  keys.add_member(kMember, key);
  ParsedStatement statement = suspension_by({});
  statement.blocks = {sign_one(statement.id, member_key_id(kMember, key.public_key()), key)};
  EXPECT_EQ(failure(statement, keys), ErrorKind::bad_signature);
}

TEST(Verify, OneBadSignatureAmongGoodOnesRefusesAll) {
  const SigningKey first = key_number(1);
  const SigningKey second = key_number(2);
  Keys keys;
  keys.add_administrator(first);
  keys.add_administrator(second);
  ParsedStatement statement = suspension_by({&first, &second});
  statement.blocks[1].signature.bytes[5] ^= 1;
  EXPECT_EQ(failure(statement, keys), ErrorKind::bad_signature);
}

struct GenesisWorld {
  SigningKey first = key_number(1);
  SigningKey second = key_number(2);
  SigningKey log = key_number(3);
  Genesis body;

  GenesisWorld() {
    body.administrators = {{kOrganisation, first.public_key(), {}}, {kOrganisation, second.public_key(), {}}};
    body.broker_log_key = log.public_key();
  }
  ParsedStatement statement() const {
    ParsedStatement out = statement_of(StatementType::genesis, body);
    out.blocks = {sign_one(out.id, administrator_key_id(kOrganisation, first.public_key()), first),
                  sign_one(out.id, broker_log_key_id(log.public_key()), log)};
    return out;
  }
};

TEST(Verify, GenesisIsSignedByTheKeysItIntroduces) {
  const auto verified = verify(GenesisWorld().statement(), {}, Keys{}.lookup());
  ASSERT_TRUE(verified.has_value());
  ASSERT_EQ(verified->signers().size(), 2U);
  EXPECT_EQ(verified->signers()[0].role, KeyRole::administrator);
  EXPECT_EQ(verified->signers()[0].holder, base::id_cast<MemberId>(kOrganisation));
  EXPECT_TRUE(verified->signers()[0].introduced);
  EXPECT_EQ(verified->signers()[1].role, KeyRole::broker_log);
}

TEST(Verify, GenesisRefusesAnInvalidKeyThatSignsNothing) {
  GenesisWorld world;
  world.body.administrators[1].signing_key = {};
  EXPECT_EQ(failure(world.statement(), Keys{}), ErrorKind::bad_signature);
}

struct EnrolmentWorld {
  SigningKey administrator = key_number(1);
  SigningKey signing = key_number(2);
  SigningKey witness = key_number(3);
  Enrolment body;
  Keys keys;

  EnrolmentWorld() {
    body.member = kMember;
    body.signing_key = signing.public_key();
    body.witness_key = witness.public_key();
    keys.add_administrator(administrator);
  }
  ParsedStatement statement() const {
    ParsedStatement out = statement_of(StatementType::enrolment, body);
    out.blocks = {sign_one(out.id, administrator_key_id(kOrganisation, administrator.public_key()), administrator),
                  sign_one(out.id, member_key_id(kMember, signing.public_key()), signing),
                  sign_one(out.id, witness_key_id(kMember, witness.public_key()), witness)};
    return out;
  }
};

TEST(Verify, EnrolmentCarriesPossessionOfItsKeys) {
  const EnrolmentWorld world;
  const auto verified = verify(world.statement(), {}, world.keys.lookup());
  ASSERT_TRUE(verified.has_value());
  ASSERT_EQ(verified->signers().size(), 3U);
  EXPECT_FALSE(verified->signers()[0].introduced);
  EXPECT_TRUE(verified->signers()[1].introduced);
  EXPECT_EQ(verified->signers()[1].role, KeyRole::member);
  EXPECT_TRUE(verified->signers()[2].introduced);
  EXPECT_EQ(verified->signers()[2].role, KeyRole::witness);
}

TEST(Verify, EnrolmentDoesNotIntroduceOtherKeys) {
  EnrolmentWorld world;
  const SigningKey stranger = key_number(8);
  ParsedStatement statement = world.statement();
  statement.blocks.push_back(sign_one(statement.id, member_key_id(kMember, stranger.public_key()), stranger));
  EXPECT_EQ(failure(statement, world.keys), ErrorKind::bad_signature);
}

TEST(Verify, EnrolmentRefusesKeysOfSmallOrder) {
  EnrolmentWorld world;
  PublicKey identity;  // the neutral element
  identity.bytes[0] = 1;
  world.body.witness_key = identity;
  ParsedStatement statement = world.statement();
  statement.blocks.pop_back();
  EXPECT_EQ(failure(statement, world.keys), ErrorKind::bad_signature);
}

TEST(Verify, AMembersOwnKeyInItsEnrolmentStaysIntroducedWhenKnown) {
  EnrolmentWorld world;
  world.keys.add_member(kMember, world.signing);
  const auto verified = verify(world.statement(), {}, world.keys.lookup());
  ASSERT_TRUE(verified.has_value());
  EXPECT_TRUE(verified->signers()[1].introduced);
}

// --- verify: the broker's ---

TEST(Verify, BrokerStatementsCarryNoBlockAndNobodyBringsThem) {
  const SigningKey key = key_number(1);
  Keys keys;
  keys.add_member(kMember, key);
  ParsedStatement tick = statement_of(StatementType::tick, Tick{});
  EXPECT_EQ(failure(tick, keys, {}), std::nullopt);
  EXPECT_EQ(failure(tick, keys, kMember), ErrorKind::denied);
  tick.blocks = {sign_one(tick.id, member_key_id(kMember, key.public_key()), key)};
  EXPECT_EQ(failure(tick, keys, {}), ErrorKind::bad_signature);
}

}  // namespace
}  // namespace besa::core
