// Opening a message. Sender, recipient and their keys are real and the signature is made here, so that what a hostile
// member can write reaches every step. Nothing breaks; a failure has a reason of the list; what opens is what the keys
// that were granted commit to, of the declared category, and as long as its padding says.
//
// First byte 0: length (4), body, then chunks: section (2), index (4), length (4), bytes.
// Otherwise: the category; the rest is a plaintext that is sealed as it is.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "base/limits.h"
#include "core/statement.h"
#include "crypto/secret/box.h"
#include "envelope/open.h"
#include "envelope/payload.h"
#include "tests/unit/envelope/world.h"
#include "wire/content.h"

namespace {

using namespace besa;  // one file, nothing else in it
namespace limits = base::limits;

void check_content(const core::Section& section, base::ByteView content) {
  BESA_CHECK(wire::padded_length(content.size()) == section.padded_length);
  const bool good = section.form == core::Form::attachment
                        ? wire::decode_attachment(section.category, content).has_value()
                        : wire::check_content(section.category, content).has_value();
  BESA_CHECK(good && wire::category_in(content) == section.category);
}

void check_opened(const envelope::OpenedMessage& message) {
  BESA_CHECK(message.sections.size() <= limits::kSections && message.opened.size() <= message.sections.size());
  for (const envelope::OpenedSection& opened : message.opened) {
    const core::Section& section = message.sections[opened.index];
    BESA_CHECK(section.grant == core::Grant::now);
    const auto keys = envelope::section_keys(message.h0, opened.index, section.category, opened.cek);
    BESA_CHECK(keys.commitment == section.commitment);
    check_content(section, opened.content);
  }
}

std::vector<wire::Chunk> read_chunks(base::ByteReader& reader) {
  std::vector<wire::Chunk> out;
  while (reader.left() > 0 && reader.ok()) {
    const std::uint16_t section = reader.u16();
    const std::uint32_t index = reader.u32();
    out.push_back({section, index, base::to_bytes(reader.sized())});
  }
  return out;
}

void open_message(base::ByteView input) {
  static const envelope::testing::World world;
  base::ByteReader reader(input);
  const base::Bytes body = base::to_bytes(reader.sized());
  const base::Bytes blocks = core::encode_block(
      envelope::sign_statement(core::StatementType::envelope, body, world.police.signing, world.police.key_id()));
  envelope::OpenInput in{body, blocks, world.network, world.shelter.id, world.police.signing.public_key(), {}, {}};
  in.chunks = read_chunks(reader);
  in.prekeys = [](const base::KeyId& id) { return id == world.shelter.prekey_id() ? &world.shelter.prekey : nullptr; };
  const auto opened = envelope::open(in);
  if (opened) return check_opened(*opened);
  BESA_CHECK(core::in_list(opened.error().reason));
}

// A sender that seals whatever it likes: padding, content and category are checked after the AEAD said yes.
void open_plaintext(std::uint8_t category, base::ByteView plaintext) {
  static const crypto::SecretBytes cek = crypto::SecretBytes::copy_of(base::Bytes(32, 3));
  core::Section section;
  section.category = static_cast<core::Category>(category);
  section.form = category % 2 == 0 ? core::Form::record : core::Form::attachment;
  section.padded_length = static_cast<std::uint32_t>(plaintext.size());
  const base::Digest h0;
  const auto keys = envelope::section_keys(h0, 0, section.category, cek);
  section.commitment = keys.commitment;
  const auto chunks = envelope::seal_chunks(h0, 0, keys.key, plaintext);
  section.ciphertext_root = wire::ciphertext_root(chunks);
  const auto opened = envelope::open_section(h0, section, 0, cek, chunks);
  if (opened) return check_content(section, *opened);
  BESA_CHECK(core::in_list(opened.error().reason));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const base::ByteView input(data, size);
  if (input[0] == 0) {
    open_message(input.subspan(1));
  } else {
    open_plaintext(input[0], input.subspan(1));
  }
  return 0;
}
