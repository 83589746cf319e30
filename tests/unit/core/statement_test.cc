#include "core/statement.h"

#include <gtest/gtest.h>

#include <map>

#include "core/merkle.h"
#include "core/pae.h"
#include "crypto/secret/sign.h"

namespace besa::core {
namespace {

using base::as_bytes;
using base::ErrorKind;
using crypto::SigningKey;

// A key whose seed is this byte, 32 times.
SigningKey key_number(std::uint8_t number) { return SigningKey::from_seed(Bytes(32, number)).value(); }

template <class Id>
Id id_of(std::uint8_t number) {
  Id out;
  out.bytes.fill(number);
  return out;
}

const MemberId kMember = id_of<MemberId>(1);
const MemberId kOther = id_of<MemberId>(2);
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

ParsedStatement statement_of(StatementType type, Body body) {
  ParsedStatement out;
  out.type = type;
  out.body = std::move(body);
  out.body_bytes = {1, 2, 3, static_cast<std::uint8_t>(type)};
  out.id = statement_id(type, out.body_bytes);
  return out;
}

ParsedStatement prekeys_by(const MemberId& author) {
  Prekeys body;
  body.header.author = author;
  body.header.counter = Counter{77};
  return statement_of(StatementType::prekeys, body);
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

// --- names and ids ---

TEST(MediaType, EveryTypeComesBack) {
  for (std::size_t i = 1; i <= names_of(StatementType{}).size(); ++i) {
    const auto type = static_cast<StatementType>(i);
    EXPECT_EQ(parse_media_type(media_type(type)), type);
  }
  EXPECT_EQ(media_type(StatementType::break_glass_review), "application/vnd.besa.break_glass_review.v1");
}

TEST(MediaType, RefusesEverythingElse) {
  for (const char* text :
       {"", "genesis", "application/vnd.besa.genesis.v2", "application/vnd.besa.v1", "application/vnd.besa..v1",
        "application/vnd.besa.none.v1", "application/vnd.besa.bundle.v1", "Application/vnd.besa.genesis.v1",
        "application/vnd.besa.genesis.v1 "}) {
    EXPECT_EQ(parse_media_type(text), std::nullopt) << text;
  }
}

TEST(StatementId, IsTheLeafHashOfTheEncodedBody) {
  const Bytes body = {5, 6, 7};
  const Digest leaf = leaf_hash(pae("application/vnd.besa.tick.v1", body));
  EXPECT_EQ(statement_id(StatementType::tick, body), base::id_cast<StatementId>(leaf));
  EXPECT_NE(statement_id(StatementType::hand_out, body), statement_id(StatementType::tick, body));
}

TEST(KeyIds, DifferByRoleHolderAndKey) {
  const PublicKey key = id_of<PublicKey>(3);
  const std::vector<KeyId> ids = {member_key_id(kMember, key),
                                  witness_key_id(kMember, key),
                                  member_key_id(kOther, key),
                                  member_key_id(kMember, id_of<PublicKey>(4)),
                                  administrator_key_id(base::id_cast<OrganisationId>(kMember), key),
                                  prekey_id(kMember, id_of<base::BoxKey>(3)),
                                  broker_log_key_id(key)};
  for (std::size_t i = 0; i < ids.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(ids[i], ids[j]) << i << " " << j;
  }
}

// Frozen bytes: computed apart from this code (SHA-256 over "besa/1 key", 0, 1, sixteen 01, thirty-two 03).
TEST(KeyIds, HaveTheFrozenBytes) {
  EXPECT_EQ(base::to_hex(member_key_id(kMember, id_of<PublicKey>(3)).view()),
            "8e164d54a711aced72dc9c28de3b772532a4f942a18c06863ad8b3fbad6aff39");
}

// --- blocks ---

SignatureBlock block_at(std::uint32_t index, std::uint32_t size, std::size_t path) {
  SignatureBlock block;
  block.key = id_of<KeyId>(1);
  block.index = index;
  block.size = size;
  for (std::size_t i = 0; i < path; ++i) block.path.push_back(id_of<Digest>(static_cast<std::uint8_t>(i)));
  block.signature = id_of<Signature>(2);
  return block;
}

TEST(Blocks, PathLengthIsThatOfTheAuditPath) {
  std::vector<Digest> leaves;
  for (std::uint32_t size = 1; size <= 256; ++size) {
    leaves.push_back(id_of<Digest>(static_cast<std::uint8_t>(size)));
    if (size > 20 && size % 64 != 0 && size % 64 != 1) continue;
    for (std::uint32_t index = 0; index < size; ++index) {
      const std::size_t path = inclusion_proof(index, leaves).size();
      const Bytes bytes = encode_block(block_at(index, size, path));
      const auto back = decode_blocks(bytes);
      ASSERT_TRUE(back.has_value()) << index << " of " << size;
      ASSERT_EQ(encode_blocks(*back), bytes);
    }
  }
}

TEST(Blocks, ManyLieOneAfterTheOther) {
  const std::vector<SignatureBlock> blocks = {block_at(0, 1, 0), block_at(2, 3, 1), block_at(200, 256, 8)};
  const auto back = decode_blocks(encode_blocks(blocks));
  ASSERT_TRUE(back.has_value());
  ASSERT_EQ(back->size(), 3U);
  EXPECT_EQ((*back)[2].path.size(), 8U);
  EXPECT_EQ((*back)[2].index, 200U);
  EXPECT_TRUE(decode_blocks({}).value().empty());
}

TEST(Blocks, BrokenOnesAreMalformed) {
  const struct {
    const char* what;
    SignatureBlock block;
  } kCases[] = {
      {"size 0", block_at(0, 0, 0)},          {"size over 256", block_at(0, 257, 9)},
      {"index is size", block_at(4, 4, 2)},   {"index far beyond", block_at(0xFFFFFFFF, 1, 0)},
      {"path too short", block_at(0, 4, 1)},  {"path too long", block_at(0, 1, 1)},
      {"huge size", block_at(0, 0xFFFFFFFF, 0)},
  };
  for (const auto& c : kCases) {
    const auto back = decode_blocks(encode_block(c.block));
    ASSERT_FALSE(back.has_value()) << c.what;
    EXPECT_EQ(back.error().kind, ErrorKind::malformed) << c.what;
  }
}

TEST(Blocks, EveryTruncationIsMalformed) {
  const Bytes bytes = encode_block(block_at(1, 2, 1));
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_blocks(ByteView(bytes).first(size)).has_value()) << size;
  }
}

TEST(Blocks, AtMostSixtyFour) {
  EXPECT_TRUE(decode_blocks(encode_blocks(std::vector<SignatureBlock>(64, block_at(0, 1, 0)))).has_value());
  EXPECT_FALSE(decode_blocks(encode_blocks(std::vector<SignatureBlock>(65, block_at(0, 1, 0)))).has_value());
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

// --- headers ---

TEST(Headers, EveryTypeBelongsToOneFamilyAtMost) {
  std::size_t governance = 0;
  std::size_t member = 0;
  std::size_t broker = 0;
  for (std::size_t i = 0; i <= names_of(StatementType{}).size() + 1; ++i) {
    const auto type = static_cast<StatementType>(i);
    EXPECT_LE(int{is_governance(type)} + int{is_member(type)} + int{is_broker(type)}, 1) << name_of(type);
    governance += is_governance(type) ? 1 : 0;
    member += is_member(type) ? 1 : 0;
    broker += is_broker(type) ? 1 : 0;
  }
  EXPECT_EQ(governance, 11U);
  EXPECT_EQ(member, 13U);
  EXPECT_EQ(broker, 4U);
  EXPECT_FALSE(is_member(StatementType::person_withdrawal));
}

TEST(Headers, NetworkIsReadFromEveryBody) {
  const auto network = id_of<NetworkId>(6);
  Genesis genesis;
  genesis.header.network = network;
  Enrolment enrolment;
  enrolment.header.network = network;
  StandingChange standing;
  standing.header.network = network;
  PolicyAdoption policy;
  policy.header.network = network;
  AuditorAppointment auditor;
  auditor.header.network = network;
  Prekeys prekeys;
  prekeys.header.network = network;
  Consent consent;
  consent.header.network = network;
  Envelope envelope;
  envelope.context.network = network;
  Acknowledgement received;
  received.header.network = network;
  UnreadableReport unreadable;
  unreadable.header.network = network;
  Opened opened;
  opened.header.network = network;
  HandOut hand_out;
  hand_out.network = network;
  Tick tick;
  tick.network = network;
  const std::vector<Body> bodies = {genesis,  enrolment, standing, policy, auditor,  prekeys, consent,
                                    envelope, received,  unreadable, opened, hand_out, tick};
  EXPECT_EQ(bodies.size(), std::variant_size_v<Body>);
  for (const Body& body : bodies) EXPECT_EQ(network_of(body), network) << body.index();
}

TEST(Headers, AReferenceNamesAuthorCounterAndId) {
  const ParsedStatement statement = prekeys_by(kMember);
  EXPECT_EQ(reference_of(statement), (Reference{kMember, Counter{77}, statement.id}));
  const ParsedStatement governance = statement_of(StatementType::suspension, StandingChange{});
  EXPECT_EQ(reference_of(governance), (Reference{{}, {}, governance.id}));
}

}  // namespace
}  // namespace besa::core
