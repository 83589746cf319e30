// Two recipients of one case: what one holds opens nothing of the other's message. Proved by trying.
#include "tests/unit/agents/node/node_world.h"

#include "envelope/open.h"
#include "wire/statement.h"

namespace besa::node {
namespace {

class Isolation : public NodeWorld {
 protected:
  Isolation() {
    settle();
    const std::string consent_id = record_consent();
    post("police", "/v1/send",
         {{"referral", referral()}, {"to", {"shelter", "iom"}}, {"consent", consent_id}, {"fitting", true}});
    settle();
  }
  // The message of one recipient as it lies at the broker, with all its ciphertext.
  envelope::OpenInput message_for(const std::string& name) {
    const base::Sequence sequence{newest(name)["sequence"].get<std::uint64_t>()};
    log_ = broker_.log_entry(sequence);
    envelope::OpenInput input;
    input.body = log_.body;
    input.blocks = log_.blocks;
    input.network = network_.id();
    input.self = agency(name).id;
    input.sender_key = agency("police").signing.public_key();
    const auto statement = wire::parse_shown(core::media_type(core::StatementType::envelope), log_.body, log_.blocks);
    envelope_ = std::get<core::Envelope>(statement->body);
    input.chunks = broker_.chunks(sequence);
    return input;
  }
  std::vector<StoredSection> stored(const std::string& name) {
    const std::uint64_t sequence = newest(name)["sequence"].get<std::uint64_t>();
    return decode_content(**node(name).store().get(Box::content, number_key(sequence))).value();
  }

  wire::LogEntry log_;
  core::Envelope envelope_;
};

TEST_F(Isolation, IomHasNoHealthSection) {
  for (const Json& section : newest("iom")["sections"]) EXPECT_NE(section["category"], "health");
  for (const StoredSection& section : stored("iom")) EXPECT_NE(section.category, core::Category::health);
}

TEST_F(Isolation, OwnKeysOpenOwnMessage) {
  envelope::OpenInput input = message_for("shelter");
  input.prekeys = [this](const base::KeyId& id) { return node("shelter").prekeys.find(id); };
  EXPECT_TRUE(envelope::open(input).has_value());
}

TEST_F(Isolation, IomsPrekeysDoNotOpenTheSheltersMessage) {
  envelope::OpenInput input = message_for("shelter");
  input.prekeys = [this](const base::KeyId& id) { return node("iom").prekeys.find(id); };
  EXPECT_EQ(envelope::open(input).error().reason, core::Unreadable::unknown_prekey);
  // Whatever name a key is tried under.
  std::size_t tried = 0;
  for (const auto& item : std::filesystem::directory_iterator((folder_ / "iom") / "prekeys")) {
    base::KeyId id;
    ASSERT_TRUE(base::KeyId::read(*base::from_hex(item.path().filename().string()), id));
    input.prekeys = [this, id](const base::KeyId&) { return node("iom").prekeys.find(id); };
    EXPECT_FALSE(envelope::open(input).has_value());
    ++tried;
  }
  EXPECT_GT(tried, 0U);
}

TEST_F(Isolation, NoSectionKeyOfIomOpensASectionOfTheShelters) {
  const envelope::OpenInput input = message_for("shelter");
  std::vector<std::vector<base::Bytes>> chunks(envelope_.sections.size());
  for (const wire::Chunk& chunk : input.chunks) chunks[chunk.section].push_back(chunk.data);
  const std::vector<StoredSection> iom = stored("iom");
  ASSERT_FALSE(iom.empty());
  for (std::size_t i = 0; i < envelope_.sections.size(); ++i) {
    for (const StoredSection& held : iom) {
      const auto cek = crypto::SecretBytes::copy_of(held.cek);
      EXPECT_FALSE(
          envelope::open_section(envelope_.h0, envelope_.sections[i], static_cast<std::uint16_t>(i), cek, chunks[i])
              .has_value());
    }
  }
}

}  // namespace
}  // namespace besa::node
