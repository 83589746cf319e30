#include <gtest/gtest.h>

#include "world.h"

namespace besa::envelope {
namespace {

using base::Bytes;
using core::Category;
using core::Grant;
using crypto::SecretBytes;
using testing::Member;
using testing::Message;
using testing::reason_of;
using testing::World;

class Envelope : public ::testing::Test {
 protected:
  Message referral() const { return world.seal_to(world.shelter, testing::referral_sections()); }
  auto open(const Message& message) const { return world.open_as(world.shelter, message, world.police); }

  const World world;
};

TEST_F(Envelope, OpensToWhatWasSealed) {
  auto sections = testing::referral_sections();
  sections.push_back(testing::attachment(Category::health, 300'000));
  const Message message = world.seal_to(world.shelter, sections);
  EXPECT_EQ(message.chunks[3].size(), 2u);
  const auto opened = open(message);
  ASSERT_TRUE(opened) << opened.error().detail;
  ASSERT_EQ(opened->opened.size(), 3u);
  EXPECT_EQ(opened->sections.size(), 4u);
  for (const OpenedSection& section : opened->opened) {
    EXPECT_EQ(section.content, sections[section.index].content);
    EXPECT_EQ(section.category, sections[section.index].category);
    EXPECT_EQ(section.handling, sections[section.index].handling);
  }
  EXPECT_EQ(opened->gossip.pair_counter, 5u);
  EXPECT_EQ(opened->gossip.size.value, 40u);
}

TEST_F(Envelope, AMessageWithoutSectionsOpens) {
  const auto opened = open(world.seal_to(world.shelter, {}));
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_TRUE(opened->opened.empty());
  EXPECT_EQ(opened->gossip.voided, 2u);
}

TEST_F(Envelope, TheBrokersParserTakesIt) {
  const auto sealed = seal(world.input(world.shelter, testing::referral_sections()), testing::fixed_random("x"));
  const std::vector<base::ByteView> rows(sealed->rows.begin(), sealed->rows.end());
  const auto parsed =
      wire::parse_statement(core::media_type(core::StatementType::envelope), sealed->body, {}, rows, {});
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->id, sealed->id);
  const auto& body = std::get<core::Envelope>(parsed->body);
  EXPECT_EQ(body.h0, sealed->h0);
  EXPECT_EQ(body.h1, sealed->h1);
  for (std::size_t i = 0; i < body.sections.size(); ++i) {
    EXPECT_TRUE(
        wire::check_chunks(body.sections[i].padded_length, body.sections[i].ciphertext_root, sealed->chunks[i]));
  }
  const auto parts = parts_of(*sealed, {sign_id(sealed->id, world.police.signing, world.police.key_id())});
  EXPECT_EQ(parts.chunks.size(), 3u);
  EXPECT_EQ(parts.rows, sealed->rows);
}

TEST_F(Envelope, SealingTwiceGivesNothingTwice) {
  const auto first = seal(world.input(world.shelter, testing::referral_sections()), testing::fixed_random("a"));
  const auto second = seal(world.input(world.shelter, testing::referral_sections()), testing::fixed_random("b"));
  EXPECT_NE(first->id, second->id);
  EXPECT_NE(first->rows, second->rows);
  for (std::size_t i = 0; i < first->chunks.size(); ++i) EXPECT_NE(first->chunks[i], second->chunks[i]);
}

TEST_F(Envelope, ALaterSectionOpensWithItsKeyAlone) {
  const Message message = referral();
  ASSERT_EQ(message.later.size(), 1u);
  const auto& [index, cek] = message.later[0];
  const auto content = open_section(message.h0, message.list.sections[index], index, cek, message.chunks[index]);
  ASSERT_TRUE(content) << content.error().detail;
  EXPECT_EQ(*content, testing::referral_sections()[2].content);
  for (std::uint16_t other = 0; other < 2; ++other) {
    EXPECT_FALSE(open_section(message.h0, message.list.sections[other], other, cek, message.chunks[other]));
  }
}

// The shelter gets health, IOM does not. Nothing that IOM holds opens anything of the shelter's message.
TEST_F(Envelope, NoKeyOfOneRecipientOpensTheOthersSections) {
  const Message to_shelter = world.seal_to(world.shelter, testing::referral_sections(), "to shelter");
  auto without_health = testing::referral_sections();
  without_health.erase(without_health.begin() + 1);
  const Message to_iom = world.seal_to(world.iom, without_health, "to iom");
  const auto opened = world.open_as(world.iom, to_iom, world.police);
  ASSERT_TRUE(opened);
  for (const OpenedSection& held : opened->opened) EXPECT_NE(held.category, Category::health);

  // Its prekey, on the shelter's grant.
  const auto h1 = core::sections_hash(to_shelter.h0, wire::encode_section_list(to_shelter.list));
  base::BoxKey encapsulation;
  ASSERT_TRUE(base::BoxKey::read(base::ByteView(to_shelter.grant).first(32), encapsulation));
  for (const auto& digest : {h1, core::sections_hash(to_iom.h0, wire::encode_section_list(to_iom.list))}) {
    EXPECT_FALSE(crypto::hpke::open(world.iom.prekey, encapsulation, grant_info(core::kSuite1, digest), {},
                                    base::ByteView(to_shelter.grant).subspan(32)));
  }
  // Every key it holds, the ones for later too, on every section, under every index and category.
  std::vector<SecretBytes> keys;
  for (const OpenedSection& held : opened->opened) keys.push_back(held.cek.clone());
  for (const LaterKey& held : to_iom.later) keys.push_back(held.cek.clone());
  keys.push_back(SecretBytes::copy_of(world.iom.prekey.view()));
  for (const SecretBytes& key : keys) {
    for (std::uint16_t i = 0; i < to_shelter.list.sections.size(); ++i) {
      for (const auto& h0 : {to_shelter.h0, to_iom.h0}) {
        const auto& target = to_shelter.list.sections[i];
        const auto content = open_section(h0, target, i, key, to_shelter.chunks[i]);
        ASSERT_FALSE(content);
        EXPECT_EQ(content.error().reason, core::Unreadable::commitment);
        // Past the commitment, too: the AEAD does not open either.
        const auto derived = section_keys(h0, i, target.category, key);
        EXPECT_FALSE(open_chunks(h0, i, derived.key, to_shelter.chunks[i]));
      }
    }
  }
}

TEST_F(Envelope, SignedByAnotherMemberItIsRefused) {
  EXPECT_EQ(reason_of(world.open_as(world.shelter, referral(), world.stranger)), "bad_signature");
}

TEST_F(Envelope, UnderAnotherSendersNameItsGrantDoesNotOpen) {
  Message message = referral();
  auto context = *wire::parse_context(message.context);
  context.sender = world.stranger.id;
  context.sender_key = world.stranger.key_id();
  message.context = wire::encode_context(context);
  EXPECT_EQ(reason_of(world.open_as(world.shelter, message, world.stranger)), "grant");
}

TEST_F(Envelope, EachFieldOfTheContextIsBoundToTheGrant) {
  const std::vector<void (*)(core::Context&)> changes = {[](auto& c) { c.counter.value += 1; },
                                                         [](auto& c) { c.purpose = core::Purpose::asylum; },
                                                         [](auto& c) { c.expires.ms += 1; },
                                                         [](auto& c) { c.salt.bytes[0] ^= 1; },
                                                         [](auto& c) { c.kind = core::Kind::update; },
                                                         [](auto& c) { c.policy.bytes[5] ^= 1; },
                                                         [](auto& c) { c.due_index = 1; },
                                                         [](auto& c) { c.references.resize(1); }};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Message message = referral();
    auto context = *wire::parse_context(message.context);
    changes[i](context);
    message.context = wire::encode_context(context);
    EXPECT_EQ(reason_of(open(message)), "grant") << i;
  }
}

TEST_F(Envelope, AnotherRecipientStoresNothing) {
  EXPECT_EQ(reason_of(world.open_as(world.iom, referral(), world.police)), "not_recipient");
}

TEST_F(Envelope, AnotherNetworkIsNamed) {
  Message message = referral();
  auto context = *wire::parse_context(message.context);
  context.network.bytes[0] ^= 1;
  message.context = wire::encode_context(context);
  EXPECT_EQ(reason_of(open(message)), "wrong_network");
}

TEST_F(Envelope, AMissingPrekeyIsNamed) {
  Message message = referral();
  auto context = *wire::parse_context(message.context);
  context.prekey.bytes[0] ^= 1;
  message.context = wire::encode_context(context);
  EXPECT_EQ(reason_of(open(message)), "unknown_prekey");
}

TEST_F(Envelope, BrokenBytesAreMalformed) {
  Message message = referral();
  message.context.pop_back();
  OpenInput in;
  const Bytes body = message.body();
  in.body = body;
  EXPECT_EQ(reason_of(envelope::open(in)), "malformed");
}

TEST_F(Envelope, ABundleSignatureIsAsGoodAsOneAlone) {
  const Message message = referral();
  const Bytes body = message.body();
  std::vector<base::StatementId> ids(5);
  ids[3] = core::statement_id(core::StatementType::envelope, body);
  for (std::uint8_t i = 0; i < 3; ++i) ids[i].bytes[0] = i;
  auto blocks = sign_bundle(ids, world.police.signing, world.police.key_id());
  ASSERT_EQ(blocks.size(), 5u);
  const auto reason = [&](const core::SignatureBlock& block) {
    const Bytes bytes = core::encode_block(block);
    OpenInput in{body, bytes, world.network, world.shelter.id, world.police.signing.public_key(), {}, {}};
    in.prekeys = [](const base::KeyId&) { return nullptr; };
    return reason_of(envelope::open(in));
  };
  EXPECT_EQ(reason(blocks[3]), "unknown_prekey");  // the signature held
  EXPECT_EQ(reason(blocks[2]), "bad_signature");
  blocks[3].path[0].bytes[0] ^= 1;
  EXPECT_EQ(reason(blocks[3]), "bad_signature");
}

TEST_F(Envelope, SwappedSectionsDoNotOpen) {
  Message message = referral();
  std::swap(message.list.sections[0], message.list.sections[1]);
  std::swap(message.chunks[0], message.chunks[1]);
  EXPECT_EQ(reason_of(open(message)), "grant");
  // A sender that grants the swapped list anew: each key is bound to its place and category.
  const auto keys = open(referral());
  world.grant_again(message, world.shelter, {&keys->opened[1].cek, &keys->opened[0].cek});
  EXPECT_EQ(reason_of(open(message)), "commitment");
}

TEST_F(Envelope, AKeyThatOpensAnotherTextFailsTheCommitment) {
  Message message = referral();
  const auto keys = open(referral());
  const SecretBytes other = SecretBytes::copy_of(Bytes(32, 9));
  world.grant_again(message, world.shelter, {&other, &keys->opened[1].cek});
  EXPECT_EQ(reason_of(open(message)), "commitment");
  message.list.sections[0].commitment.bytes[0] ^= 1;
  world.grant_again(message, world.shelter, {&keys->opened[0].cek, &keys->opened[1].cek});
  EXPECT_EQ(reason_of(open(message)), "commitment");
}

TEST_F(Envelope, ChunksAreCheckedBeforeAnyKeyIsUsed) {
  Message changed = referral();
  changed.chunks[0][0][0] ^= 1;
  EXPECT_EQ(reason_of(open(changed)), "chunk_root");
  Message swapped = referral();
  std::swap(swapped.chunks[0], swapped.chunks[1]);
  EXPECT_EQ(reason_of(open(swapped)), "chunk_root");
  Message missing = referral();
  missing.chunks[1].clear();
  EXPECT_EQ(reason_of(open(missing)), "missing_chunk");
  Message twice = referral();
  twice.chunks[0].push_back(twice.chunks[0][0]);
  EXPECT_EQ(reason_of(open(twice)), "chunk_root");
}

TEST_F(Envelope, ChunksInAnotherOrderUnderTheirNewRootDoNotOpen) {
  Message message = world.seal_to(world.shelter, {testing::attachment(Category::health, 600'000)});
  ASSERT_EQ(message.chunks[0].size(), 3u);
  const auto cek = open(message)->opened[0].cek.clone();
  auto section = message.list.sections[0];
  auto chunks = message.chunks[0];
  std::swap(chunks[0], chunks[1]);
  section.ciphertext_root = wire::ciphertext_root(chunks);
  const auto content = open_section(message.h0, section, 0, cek, chunks);
  ASSERT_FALSE(content);
  EXPECT_EQ(content.error().reason, core::Unreadable::ciphertext);
}

// The seven points of low order on Curve25519 and their encodings with the top bit set.
TEST_F(Envelope, EncapsulationsOfLowOrderAreRefused) {
  const std::vector<std::string> points = {"0000000000000000000000000000000000000000000000000000000000000000",
                                           "0100000000000000000000000000000000000000000000000000000000000000",
                                           "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                                           "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                                           "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                                           "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                                           "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"};
  for (const auto& hex : points) {
    for (const std::uint8_t top : {std::uint8_t{0}, std::uint8_t{0x80}}) {
      Message message = referral();
      Bytes point = *base::from_hex(hex);
      point[31] |= top;
      std::copy(point.begin(), point.end(), message.grant.begin());
      EXPECT_EQ(reason_of(open(message)), "grant") << hex;
    }
  }
}

TEST_F(Envelope, EveryBitOfTheGrantCounts) {
  const Message whole = referral();
  for (std::size_t bit = 0; bit < whole.grant.size() * 8; bit += 13) {
    Message message = referral();
    message.grant[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_EQ(reason_of(open(message)), "grant") << bit;
  }
}

// A section sealed by hand, so that its plaintext can be anything.
struct HandMade {
  core::Section section;
  SecretBytes cek = SecretBytes::copy_of(Bytes(32, 3));
  std::vector<Bytes> chunks;
  base::Digest h0;

  HandMade(Category category, base::ByteView plaintext) {
    section.category = category;
    section.form = core::Form::record;
    section.padded_length = static_cast<std::uint32_t>(plaintext.size());
    const SectionKeys keys = section_keys(h0, 0, category, cek);
    section.commitment = keys.commitment;
    chunks = seal_chunks(h0, 0, keys.key, plaintext);
    section.ciphertext_root = wire::ciphertext_root(chunks);
  }
  std::string_view reason() const {
    const auto content = open_section(h0, section, 0, cek, chunks);
    return content ? "opened" : core::name_of(content.error().reason);
  }
};

TEST(Payload, PaddingIsChecked) {
  const Bytes content = testing::record(Category::health, R"({"treatment": "x"})");
  const Bytes right = pad_content(content, 1024);
  EXPECT_EQ(HandMade(Category::health, right).reason(), "opened");
  Bytes dirty = right;
  dirty.back() = 1;
  Bytes just_behind = right;
  just_behind[4 + content.size()] = 1;
  Bytes too_long = right;
  too_long[0] = 0xFF;
  Bytes one_too_long = right;
  base::ByteWriter length;
  length.u32(1021);
  std::copy(length.bytes().begin(), length.bytes().end(), one_too_long.begin());
  Bytes wrong_bucket = right;
  wrong_bucket.resize(2048, 0);
  for (const Bytes& bad : {dirty, just_behind, too_long, one_too_long, wrong_bucket}) {
    EXPECT_EQ(HandMade(Category::health, bad).reason(), "padding");
  }
}

TEST(Payload, ContentIsChecked) {
  const Bytes health = testing::record(Category::health, R"({"treatment": "x"})");
  const Bytes status = testing::record(Category::status, R"({"decided_on": "2024"})");
  Bytes broken = health;
  broken.back() ^= 0xFF;
  EXPECT_EQ(HandMade(Category::health, pad_content(status, 1024)).reason(), "category");
  EXPECT_EQ(HandMade(Category::health, pad_content(broken, 1024)).reason(), "content");
  EXPECT_EQ(HandMade(Category::health, pad_content({}, 1024)).reason(), "content");
}

TEST(Payload, IndexCategoryAndHeaderAreBoundToTheKey) {
  const Bytes health = testing::record(Category::health, "{}");
  HandMade made(Category::health, pad_content(health, 1024));
  EXPECT_FALSE(open_section(made.h0, made.section, 1, made.cek, made.chunks));
  base::Digest other;
  other.bytes[0] = 1;
  EXPECT_FALSE(open_section(other, made.section, 0, made.cek, made.chunks));
  made.section.category = Category::status;
  EXPECT_EQ(made.reason(), "commitment");
}

TEST_F(Envelope, GossipIsKeptWhenASectionFails) {
  Message message = referral();
  const SecretBytes other = SecretBytes::copy_of(Bytes(32, 9));
  world.grant_again(message, world.shelter, {&other, &other});
  const auto opened = open(message);
  ASSERT_FALSE(opened);
  ASSERT_TRUE(opened.error().gossip);
  EXPECT_EQ(opened.error().gossip->pair_counter, 1u);
}

TEST_F(Envelope, SealRefusesWhatNobodyCouldOpen) {
  const auto kind = [&](std::vector<SectionInput> sections) {
    const auto sealed = seal(world.input(world.shelter, std::move(sections)), testing::fixed_random("x"));
    return sealed ? "sealed" : base::to_string(sealed.error().kind);
  };
  auto section = testing::section(Category::health, "{}");
  EXPECT_EQ(kind(std::vector(16, section)), "sealed");
  EXPECT_EQ(kind(std::vector(17, section)), "full");
  auto twice = section;
  twice.handling = {core::Handling::no_onward, core::Handling::no_onward};
  EXPECT_EQ(kind({twice}), "malformed");
  auto wrong = section;
  wrong.category = Category::status;
  EXPECT_EQ(kind({wrong}), "malformed");
  auto broken = section;
  broken.content.pop_back();
  EXPECT_EQ(kind({broken}), "malformed");
  SealInput low = world.input(world.shelter, {section});
  low.prekey = {};
  EXPECT_FALSE(seal(low, testing::fixed_random("x")));
}

TEST(Gossip, Is120BytesInBothDirections) {
  Gossip gossip{7, 0x8000000000000001, base::TreeSize{9}, {}, {}};
  gossip.root.bytes[31] = 5;
  gossip.log_signature.bytes[63] = 6;
  const Bytes bytes = encode_gossip(gossip);
  EXPECT_EQ(bytes.size(), 120u);
  EXPECT_EQ(decode_gossip(bytes), gossip);
  EXPECT_FALSE(decode_gossip(base::ByteView(bytes).first(119)));
}

}  // namespace
}  // namespace besa::envelope
