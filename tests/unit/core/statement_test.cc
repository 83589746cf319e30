#include "core/statement.h"

#include <gtest/gtest.h>

#include "core/merkle.h"
#include "core/pae.h"
#include "tests/unit/core/statement_samples.h"

namespace besa::core {
namespace {

using namespace samples;
using base::ErrorKind;

// --- names and ids ---

TEST(MediaType, EveryTypeComesBack) {
  for (std::size_t i = 1; i <= names_of(StatementType{}).size(); ++i) {
    const auto type = static_cast<StatementType>(i);
    EXPECT_EQ(parse_media_type(media_type(type)), type);
  }
  EXPECT_EQ(media_type(StatementType::break_glass_review), "application/vnd.besa.break_glass_review.v1");
}

TEST(MediaType, RefusesEverythingElse) {
  for (const char* text : {"", "genesis", "application/vnd.besa.genesis.v2", "application/vnd.besa.v1",
                           "application/vnd.besa..v1", "application/vnd.besa.none.v1", "application/vnd.besa.bundle.v1",
                           "Application/vnd.besa.genesis.v1", "application/vnd.besa.genesis.v1 "}) {
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
      {"size 0", block_at(0, 0, 0)},
      {"size over 256", block_at(0, 257, 9)},
      {"index is size", block_at(4, 4, 2)},
      {"index far beyond", block_at(0xFFFFFFFF, 1, 0)},
      {"path too short", block_at(0, 4, 1)},
      {"path too long", block_at(0, 1, 1)},
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
  Withdrawal withdrawal;
  withdrawal.header.network = network;
  PersonWithdrawal by_code;
  by_code.header.network = network;
  WithdrawalAnswer answer;
  answer.header.network = network;
  LossAccepted loss;
  loss.header.network = network;
  ClockConfirmed clock;
  clock.network = network;
  KeyRotation rotation;
  rotation.header.network = network;
  AdministratorChange change;
  change.header.network = network;
  const std::vector<Body> bodies = {genesis,  enrolment, standing,   policy, auditor,  prekeys, consent,
                                    envelope, received,  unreadable, opened, hand_out, tick,    withdrawal,
                                    by_code,  answer,    loss,       clock,  rotation, change};
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
