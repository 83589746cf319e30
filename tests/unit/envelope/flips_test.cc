// One bit wrong, one byte too many: a signed statement with its rows and its ciphertext, as it travels.
#include <gtest/gtest.h>

#include "world.h"

namespace besa::envelope {
namespace {

using base::Bytes;
using base::ByteView;
using testing::World;

// What a broker does before it decides: parse, and verify under the keys that the log knows.
class Carried {
 public:
  explicit Carried(bool in_a_bundle) {
    sealed_ = *seal(world_.input(world_.shelter, testing::referral_sections()), testing::fixed_random("flips"));
    block_ = sign_id(sealed_.id, world_.police.signing, world_.police.key_id());
    if (in_a_bundle) {
      std::vector<base::StatementId> ids(7);
      for (std::uint8_t i = 0; i < ids.size(); ++i) ids[i].bytes[0] = i;
      ids[1] = sealed_.id;
      block_ = sign_bundle(ids, world_.police.signing, world_.police.key_id())[1];
    }
    type = core::media_type(core::StatementType::envelope);
    body = sealed_.body;
    blocks = core::encode_block(block_);
    row = sealed_.rows.at(0);
  }

  bool passes() const {
    const std::vector<ByteView> rows = {row};
    auto parsed = wire::parse_statement(type, body, blocks, rows, {});
    if (!parsed) return false;
    const core::KeyLookup lookup = [&](const base::KeyId& key) -> base::Result<std::optional<core::KnownKey>> {
      if (key != world_.police.key_id()) return std::nullopt;
      return core::KnownKey{
          core::KeyRole::member, world_.police.id, world_.police.signing.public_key(), {}, base::Timestamp{UINT64_MAX}};
    };
    id = parsed->id;
    return core::verify(std::move(*parsed), world_.police.id, lookup).has_value();
  }
  const base::StatementId& sealed_id() const { return sealed_.id; }

  std::string type;
  Bytes body;
  Bytes blocks;
  Bytes row;
  mutable base::StatementId id;  // of the last one that parsed

 private:
  World world_;
  Sealed sealed_;
  core::SignatureBlock block_;
};

template <class Container, class Check>
void each_flip(Container& bytes, Check check) {
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const auto mask = static_cast<std::uint8_t>(1U << bit % 8);
    bytes[bit / 8] = static_cast<typename Container::value_type>(static_cast<std::uint8_t>(bytes[bit / 8]) ^ mask);
    check(bit);
    bytes[bit / 8] = static_cast<typename Container::value_type>(static_cast<std::uint8_t>(bytes[bit / 8]) ^ mask);
  }
}

TEST(Flips, NoneOfAStatementPasses) {
  Carried carried(false);
  ASSERT_TRUE(carried.passes());
  const auto refused = [&](const char* part) {
    return [&carried, part](std::size_t bit) { ASSERT_FALSE(carried.passes()) << part << " bit " << bit; };
  };
  each_flip(carried.type, refused("type"));
  each_flip(carried.body, refused("body"));
  each_flip(carried.blocks, refused("signature block"));
  each_flip(carried.row, refused("row"));
  EXPECT_TRUE(carried.passes());
}

// The size of a bundle is not signed, only its root: another size with the same path is another spelling of the same
// place. It never makes another statement pass.
TEST(Flips, OfABundlesBlockNeverCarryAnotherStatement) {
  Carried carried(true);
  ASSERT_TRUE(carried.passes());
  each_flip(carried.body, [&](std::size_t bit) { ASSERT_FALSE(carried.passes()) << "body bit " << bit; });
  std::size_t spellings = 0;
  each_flip(carried.blocks, [&](std::size_t bit) {
    if (!carried.passes()) return;
    ++spellings;
    EXPECT_EQ(carried.id, carried.sealed_id()) << bit;
    EXPECT_TRUE(bit >= 36 * 8 && bit < 40 * 8) << "only the size, bit " << bit;
  });
  EXPECT_EQ(spellings, 2U) << "seven, six and five have the same path to place 1";
}

TEST(Flips, NoneOfTheCiphertextPassesItsRoot) {
  const World world;
  testing::Message message = world.seal_to(world.shelter, testing::referral_sections());
  Bytes& chunk = message.chunks[0][0];
  each_flip(chunk, [&](std::size_t bit) {
    ASSERT_FALSE(wire::check_chunks(message.list.sections[0].padded_length, message.list.sections[0].ciphertext_root,
                                    message.chunks[0]))
        << bit;
  });
}

TEST(TrailingBytes, AreRefusedInEachPartOfAStatement) {
  for (const std::size_t more : {1U, 4U, 8U, 64U}) {
    for (const std::uint8_t byte : {std::uint8_t{0}, std::uint8_t{1}}) {
      for (Bytes Carried::* part : {&Carried::body, &Carried::blocks, &Carried::row}) {
        Carried carried(false);
        (carried.*part).resize((carried.*part).size() + more, byte);
        EXPECT_FALSE(carried.passes()) << more;
      }
    }
  }
}

// The nested buffers are checked on their own: a sound envelope around them does not help.
TEST(TrailingBytes, AreRefusedInTheNestedBuffers) {
  const World world;
  const testing::Message message = world.seal_to(world.shelter, testing::referral_sections());
  const Bytes list = wire::encode_section_list(message.list);
  const auto parses = [&](const Bytes& context, const Bytes& sections, const Bytes& grant) {
    const Bytes body = wire::encode_envelope(context, sections, grant, message.rows_root);
    return wire::parse_shown(core::media_type(core::StatementType::envelope), body, {}).has_value();
  };
  ASSERT_TRUE(parses(message.context, list, message.grant));
  for (const std::size_t more : {1U, 4U, 8U}) {
    const auto longer = [&](Bytes bytes) {
      bytes.resize(bytes.size() + more, 0);
      return bytes;
    };
    EXPECT_FALSE(parses(longer(message.context), list, message.grant)) << more;
    EXPECT_FALSE(parses(message.context, longer(list), message.grant)) << more;
    EXPECT_FALSE(parses(message.context, list, longer(message.grant))) << more;
  }
  EXPECT_FALSE(parses({}, list, message.grant)) << "no context";
  EXPECT_FALSE(parses(list, message.context, message.grant)) << "in each other's place";
}

TEST(Lengths, ThatAreNoPaddingOrTooMuchTogetherAreRefused) {
  const World world;
  testing::Message message = world.seal_to(world.shelter, testing::referral_sections());
  const auto parses = [&] {
    return wire::parse_shown(core::media_type(core::StatementType::envelope), message.body(), {}).has_value();
  };
  const std::uint32_t right = message.list.sections[0].padded_length;
  for (const std::uint32_t wrong : {0U, 1U, 1'023U, 1'025U, 65'537U, (64U << 20) + 1, 0x7FFFFFFFU, 0xFFFFFFFFU}) {
    message.list.sections[0].padded_length = wrong;
    EXPECT_FALSE(parses()) << wrong;
  }
  message.list.sections[0].padded_length = 64U << 20;
  EXPECT_FALSE(parses()) << "64 MiB, and the other sections";
  message.list.sections[0].padded_length = right;
  EXPECT_TRUE(parses());
}

// A member that signs what no broker would take, and a broker that hands it out all the same.
TEST(OpeningCodes, OutsideTheirListsNeverBreakTheReader) {
  const World world;
  const auto reason = [&](void (*change)(core::Section&)) {
    testing::Message message = world.seal_to(world.shelter, testing::referral_sections());
    const auto keys = world.open_as(world.shelter, message, world.police);
    change(message.list.sections[0]);
    world.grant_again(message, world.shelter, {&keys->opened[0].cek, &keys->opened[1].cek});
    return testing::reason_of(world.open_as(world.shelter, message, world.police));
  };
  EXPECT_EQ(reason([](core::Section&) {}), "opened");
  EXPECT_EQ(reason([](core::Section& s) { s.category = static_cast<core::Category>(999); }), "commitment");
  EXPECT_EQ(reason([](core::Section& s) { s.category = core::Category::none; }), "commitment");
  // A key that is committed to for such a category.
  for (const unsigned number : {0U, 23U, 999U, 0xFFFFU}) {
    const auto category = static_cast<core::Category>(number);
    const crypto::SecretBytes cek = crypto::SecretBytes::copy_of(Bytes(32, 3));
    core::Section section;
    section.category = category;
    section.padded_length = 1'024;
    const SectionKeys keys = section_keys({}, 0, category, cek);
    section.commitment = keys.commitment;
    const auto chunks = seal_chunks({}, 0, keys.key, pad_content(testing::record(core::Category::health, "{}"), 1'024));
    section.ciphertext_root = wire::ciphertext_root(chunks);
    for (const auto form : {core::Form::none, core::Form::record, core::Form::attachment}) {
      section.form = form;
      const auto opened = open_section({}, section, 0, cek, chunks);
      ASSERT_FALSE(opened) << number;
      EXPECT_EQ(core::name_of(opened.error().reason), "category") << number;
    }
  }
}

}  // namespace
}  // namespace besa::envelope
