// The worked example of docs/protocol.md: one referral with fixed randomness, its bytes in hex. Whoever writes another
// client can compare each step; if this test fails, what is signed and hashed has changed.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "world.h"

namespace besa::envelope {
namespace {

using base::to_hex;

constexpr const char* kExample = "docs/worked-example.txt";

template <class Tag, std::size_t N>
std::string hex(const base::FixedBytes<Tag, N>& id) {
  return to_hex(id.view());
}

// A member of the example: 16 bytes, all the same, and keys from seeds of 32 such bytes.
struct Party {
  explicit Party(std::uint8_t byte)
      : seed(32, byte), signing(*crypto::SigningKey::from_seed(seed)), prekey(*crypto::BoxSecret::from_bytes(seed)) {
    id.bytes.fill(byte);
  }
  base::Bytes seed;
  base::MemberId id;
  crypto::SigningKey signing;
  crypto::BoxSecret prekey;
};

SealInput input_of(const Party& sender, const Party& recipient) {
  SealInput in;
  in.context.network.bytes.fill(0x11);
  in.context.sender = sender.id;
  in.context.sender_key = core::member_key_id(sender.id, sender.signing.public_key());
  in.context.counter = base::Counter{1'760'000'000'000'000};
  in.context.created = base::Timestamp{1'760'000'000'000};
  in.context.expires = base::Timestamp{1'760'604'800'000};
  in.context.recipient = recipient.id;
  in.context.kind = core::Kind::referral;
  in.context.purpose = core::Purpose::protection;
  in.context.priority = core::Priority::urgent_72h;
  in.context.person_class = core::PersonClass::adult;
  in.context.policy.bytes.fill(0x22);
  in.prekey = recipient.prekey.public_key();
  in.sections = {testing::section(core::Category::summary, R"({"age_band": "age_18_24", "language": "sq"})"),
                 testing::section(core::Category::health, R"({"treatment": "none"})", core::Grant::later)};
  in.consent = base::Reference{sender.id, base::Counter{1'750'000'000'000'000}, {}};
  in.consent->id.bytes.fill(0x33);
  return in;
}

OpenedMessage open_as(const Party& recipient, const Party& sender, const SealInput& in, const Sealed& sealed) {
  const base::Bytes blocks = core::encode_block(sign_id(sealed.id, sender.signing, in.context.sender_key));
  OpenInput open_in{sealed.body, blocks, in.context.network, recipient.id, sender.signing.public_key(), {}, {}};
  open_in.chunks = {{0, 0, sealed.chunks[0][0]}};
  open_in.prekeys = [&recipient](const base::KeyId&) { return &recipient.prekey; };
  auto opened = open(open_in);
  EXPECT_TRUE(opened) << opened.error().detail;
  return std::move(opened).value_or(OpenedMessage{});
}

// Name and hex, one a line, in the order in which they come to be.
std::string example() {
  const Party sender(0xA1);
  const Party recipient(0xB2);
  const SealInput in = input_of(sender, recipient);
  const auto sealed = *seal(in, testing::fixed_random("worked example"));
  const auto parsed = *wire::parse_shown(core::media_type(core::StatementType::envelope), sealed.body, {});
  const auto& body = std::get<core::Envelope>(parsed.body);
  const auto block = sign_id(sealed.id, sender.signing, in.context.sender_key);
  const auto opened = open_as(recipient, sender, in, sealed);
  const auto keys0 = section_keys(sealed.h0, 0, core::Category::summary, opened.opened[0].cek);
  const auto keys1 = section_keys(sealed.h0, 1, core::Category::health, sealed.later[0].cek);

  std::ostringstream out;
  const auto line = [&out](std::string_view name, const std::string& value) { out << name << " = " << value << "\n"; };
  line("sender", hex(sender.id));
  line("sender_signing_seed", to_hex(sender.seed));
  line("sender_signing_key", hex(sender.signing.public_key()));
  line("sender_key_id", hex(in.context.sender_key));
  line("recipient", hex(recipient.id));
  line("recipient_prekey_secret", to_hex(recipient.seed));
  line("recipient_prekey", hex(recipient.prekey.public_key()));
  line("prekey_id", hex(body.context.prekey));
  line("context", to_hex(wire::encode_context(body.context)));
  line("h0", hex(sealed.h0));
  line("section_0_content", to_hex(in.sections[0].content));
  line("section_0_cek", to_hex(opened.opened[0].cek.view()));
  line("section_0_key", to_hex(keys0.key.view()));
  line("section_0_commitment", hex(body.sections[0].commitment));
  line("section_0_ciphertext_sha256", hex(crypto::sha256(sealed.chunks[0][0])));
  line("section_0_ciphertext_root", hex(body.sections[0].ciphertext_root));
  line("section_1_content", to_hex(in.sections[1].content));
  line("section_1_cek", to_hex(sealed.later[0].cek.view()));
  line("section_1_key", to_hex(keys1.key.view()));
  line("section_1_commitment", hex(body.sections[1].commitment));
  line("section_1_ciphertext", to_hex(sealed.chunks[1][0]));
  line("section_1_ciphertext_root", hex(body.sections[1].ciphertext_root));
  line("section_list", to_hex(wire::encode_section_list({body.sections, {}})));
  line("h1", hex(sealed.h1));
  line("grant_info", to_hex(grant_info(core::kSuite1, sealed.h1)));
  line("gossip", to_hex(encode_gossip(opened.gossip)));
  line("grant", to_hex(body.grant));
  line("row", to_hex(sealed.rows[0]));
  line("rows_root", hex(body.rows_root));
  line("body", to_hex(sealed.body));
  line("statement_id", hex(sealed.id));
  line("signature_block", to_hex(core::encode_block(block)));
  return out.str();
}

TEST(WorkedExample, IsWhatTheDocumentShows) {
  std::ifstream file(kExample);
  std::ostringstream kept;
  kept << file.rdbuf();
  const std::string now = example();
  EXPECT_EQ(kept.str(), now) << "the example is now:\n" << now;
}

TEST(WorkedExample, Opens) {
  const Party sender(0xA1);
  const Party recipient(0xB2);
  const SealInput in = input_of(sender, recipient);
  const auto sealed = *seal(in, testing::fixed_random("worked example"));
  const OpenedMessage opened = open_as(recipient, sender, in, sealed);
  ASSERT_EQ(opened.opened.size(), 1U);
  EXPECT_EQ(opened.opened[0].content, in.sections[0].content);
}

}  // namespace
}  // namespace besa::envelope
