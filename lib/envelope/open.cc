#include "envelope/open.h"

#include <algorithm>

#include "base/limits.h"
#include "core/merkle.h"
#include "core/statement.h"
#include "crypto/secret/hpke.h"
#include "crypto/verify/ed25519.h"
#include "envelope/payload.h"
#include "wire/chunks.h"
#include "wire/content.h"
#include "wire/statement.h"

namespace besa::envelope {
namespace {

using base::Bytes;
using base::ByteView;
using core::Unreadable;
using crypto::SecretBytes;
namespace limits = base::limits;

constexpr std::size_t kCekBytes = 32;

tl::unexpected<Unopened> unopened(Unreadable reason, std::string detail) {
  return tl::unexpected<Unopened>(Unopened{reason, std::move(detail), std::nullopt});
}

using Step = tl::expected<void, Unopened>;

std::string section_name(std::uint16_t index) { return "section " + std::to_string(index); }

bool carries_signature(const core::ParsedStatement& statement, const base::KeyId& key_id, const base::PublicKey& key) {
  return std::any_of(statement.blocks.begin(), statement.blocks.end(), [&](const core::SignatureBlock& block) {
    if (block.key != key_id) return false;
    const auto root = core::root_from_inclusion(base::id_cast<base::Digest>(statement.id), block.index,
                                                base::TreeSize{block.size}, block.path);
    return root && crypto::verify(key, core::signed_bytes(*root), block.signature);
  });
}

// Steps 2 to 4.
Step check_header(const OpenInput& input, const core::ParsedStatement& statement, const core::Context& context) {
  if (context.network != input.network) return unopened(Unreadable::wrong_network, "it names another network");
  const bool named = core::member_key_id(context.sender, input.sender_key) == context.sender_key;
  if (!named || !carries_signature(statement, context.sender_key, input.sender_key)) {
    return unopened(Unreadable::bad_signature, "it is not signed under the key that the log gives for its sender");
  }
  if (context.recipient != input.self) return unopened(Unreadable::not_recipient, "it is sealed to another member");
  return {};
}

using SectionChunks = std::vector<std::vector<Bytes>>;

// The chunks by section, in order. Strangers and doubles are as bad as gaps.
tl::expected<SectionChunks, Unopened> sorted_chunks(const std::vector<wire::Chunk>& chunks,
                                                    const std::vector<core::Section>& sections) {
  SectionChunks out(sections.size());
  std::vector<std::vector<bool>> filled(sections.size());
  for (std::size_t i = 0; i < sections.size(); ++i) {
    if (sections[i].grant != core::Grant::now) continue;
    out[i].resize(wire::chunk_count(sections[i].padded_length));
    filled[i].resize(out[i].size());
  }
  for (const wire::Chunk& chunk : chunks) {
    const bool known = chunk.section < out.size() && chunk.index < out[chunk.section].size();
    if (!known || filled[chunk.section][chunk.index]) {
      return unopened(Unreadable::chunk_root, "a chunk that belongs to no open section, or one twice");
    }
    out[chunk.section][chunk.index] = chunk.data;
    filled[chunk.section][chunk.index] = true;
  }
  for (std::size_t i = 0; i < filled.size(); ++i) {
    if (std::find(filled[i].begin(), filled[i].end(), false) != filled[i].end()) {
      return unopened(Unreadable::missing_chunk, section_name(static_cast<std::uint16_t>(i)) + " lacks a chunk");
    }
  }
  return out;
}

// Step 5 for one section.
Step check_roots(const core::Section& section, std::uint16_t index, const std::vector<Bytes>& chunks) {
  if (const auto status = wire::check_chunks(section.padded_length, section.ciphertext_root, chunks); !status) {
    return unopened(Unreadable::chunk_root, section_name(index) + ": " + status.error().message);
  }
  return {};
}

// Steps 11 and 12.
Step check_plaintext(const core::Section& section, std::uint16_t index, ByteView content) {
  const auto wrong = [&](Unreadable reason, const std::string& why) {
    return unopened(reason, section_name(index) + ": " + why);
  };
  const auto fault = [&]() -> std::optional<std::string> {
    if (section.form == core::Form::attachment) {
      const auto attachment = wire::decode_attachment(section.category, content);
      return attachment ? std::nullopt : std::optional(attachment.error().message);
    }
    const auto status = wire::check_content(section.category, content);
    return status ? std::nullopt : std::optional(status.error().message);
  }();
  if (!fault) return {};
  const core::Category found = wire::category_in(content);
  if (found != core::Category::none && found != section.category) {
    return wrong(Unreadable::category, "its content is of another category");
  }
  return wrong(Unreadable::content, *fault);
}

// Steps 8 to 12.
tl::expected<Bytes, Unopened> open_checked(const base::Digest& h0, const core::Section& section, std::uint16_t index,
                                           const SecretBytes& cek, const std::vector<Bytes>& chunks) {
  const SectionKeys keys = section_keys(h0, index, section.category, cek);
  if (!crypto::equal_constant_time(keys.commitment.view(), section.commitment.view())) {
    return unopened(Unreadable::commitment, section_name(index) + ": its key is not the one committed to");
  }
  auto plaintext = open_chunks(h0, index, keys.key, chunks);
  if (!plaintext) return unopened(Unreadable::ciphertext, section_name(index) + ": its ciphertext was not sealed so");
  auto content = unpad_content(*plaintext);
  crypto::wipe(*plaintext);
  if (!content) return unopened(Unreadable::padding, section_name(index) + ": its padding is not what it should be");
  if (auto step = check_plaintext(section, index, *content); !step) return tl::unexpected(std::move(step).error());
  return std::move(*content);
}

// Steps 6 and 7: the grant's plaintext, gossip first.
tl::expected<SecretBytes, Unopened> open_grant(const core::Envelope& envelope, const crypto::BoxSecret& prekey) {
  const ByteView grant = envelope.grant;
  base::BoxKey encapsulation;
  if (grant.size() < base::BoxKey::kSize || !base::BoxKey::read(grant.first(base::BoxKey::kSize), encapsulation)) {
    return unopened(Unreadable::grant, "the grant is too short");
  }
  auto opened = crypto::hpke::open(prekey, encapsulation, grant_info(envelope.context.suite, envelope.h1), {},
                                   grant.subspan(base::BoxKey::kSize));
  if (!opened) return unopened(Unreadable::grant, "the grant does not open with the prekey that it names");
  return std::move(*opened);
}

// Steps 1 to 5: everything that needs no secret.
struct Checked {
  core::ParsedStatement statement;
  SectionChunks chunks;
  const crypto::BoxSecret* prekey = nullptr;
};

tl::expected<Checked, Unopened> check_public(const OpenInput& input) {
  auto parsed = wire::parse_shown(core::media_type(core::StatementType::envelope), input.body, input.blocks);
  if (!parsed) return unopened(Unreadable::malformed, parsed.error().message);
  Checked out;
  out.statement = std::move(*parsed);
  const auto& envelope = std::get<core::Envelope>(out.statement.body);
  if (envelope.context.suite != core::kSuite1) return unopened(Unreadable::malformed, "an unknown suite");
  if (auto step = check_header(input, out.statement, envelope.context); !step) return tl::unexpected(step.error());
  out.prekey = input.prekeys(envelope.context.prekey);
  if (out.prekey == nullptr) return unopened(Unreadable::unknown_prekey, "its prekey is gone or was never here");
  auto chunks = sorted_chunks(input.chunks, envelope.sections);
  if (!chunks) return tl::unexpected(std::move(chunks).error());
  out.chunks = std::move(*chunks);
  for (std::uint16_t i = 0; i < envelope.sections.size(); ++i) {
    if (envelope.sections[i].grant != core::Grant::now) continue;
    if (auto step = check_roots(envelope.sections[i], i, out.chunks[i]); !step) return tl::unexpected(step.error());
  }
  return out;
}

// Steps 8 to 12 for all sections that are granted now.
tl::expected<std::vector<OpenedSection>, Unopened> open_sections(const core::Envelope& envelope, ByteView keys,
                                                                 const SectionChunks& chunks) {
  std::vector<OpenedSection> out;
  for (std::uint16_t i = 0; i < envelope.sections.size(); ++i) {
    const core::Section& section = envelope.sections[i];
    if (section.grant != core::Grant::now) continue;
    if (keys.size() < kCekBytes) return unopened(Unreadable::grant, "the grant holds too few keys");
    SecretBytes cek = SecretBytes::copy_of(keys.first(kCekBytes));
    keys = keys.subspan(kCekBytes);
    auto content = open_checked(envelope.h0, section, i, cek, chunks[i]);
    if (!content) return tl::unexpected(std::move(content).error());
    out.push_back(
        {i, section.category, section.form, section.basis, section.handling, std::move(*content), std::move(cek)});
  }
  return out;
}

}  // namespace

tl::expected<OpenedMessage, Unopened> open(const OpenInput& input) {
  auto checked = check_public(input);
  if (!checked) return tl::unexpected(std::move(checked).error());
  const auto& envelope = std::get<core::Envelope>(checked->statement.body);
  auto grant = open_grant(envelope, *checked->prekey);
  if (!grant) return tl::unexpected(std::move(grant).error());
  const auto gossip = decode_gossip(grant->view().first(std::min(grant->size(), limits::kGossipBytes)));
  if (!gossip) return unopened(Unreadable::grant, "the grant is too short");

  auto opened = open_sections(envelope, grant->view().subspan(limits::kGossipBytes), checked->chunks);
  if (!opened) {
    opened.error().gossip = gossip;
    return tl::unexpected(std::move(opened).error());
  }
  OpenedMessage out;
  out.id = checked->statement.id;
  out.context = envelope.context;
  out.sections = envelope.sections;
  out.opened = std::move(*opened);
  out.h0 = envelope.h0;
  out.gossip = *gossip;
  return out;
}

tl::expected<Bytes, Unopened> open_section(const base::Digest& h0, const core::Section& section, std::uint16_t index,
                                           const SecretBytes& cek, const std::vector<Bytes>& chunks) {
  if (auto step = check_roots(section, index, chunks); !step) return tl::unexpected(std::move(step).error());
  return open_checked(h0, section, index, cek, chunks);
}

}  // namespace besa::envelope
