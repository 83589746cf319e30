#include "envelope/seal.h"

#include <algorithm>

#include "base/limits.h"
#include "core/digests.h"
#include "crypto/secret/hpke.h"
#include "envelope/payload.h"
#include "wire/chunks.h"
#include "wire/content.h"
#include "wire/statement.h"

namespace besa::envelope {
namespace {

using base::Bytes;
using base::ErrorKind;
using base::fail;
using base::Result;
using base::Status;
using crypto::SecretBytes;
namespace limits = base::limits;

constexpr std::size_t kCekBytes = 32;

SecretBytes draw_secret(const RandomSource& random, std::size_t size) {
  SecretBytes out(size);
  random(out.writable());
  return out;
}

Status check_section(const SectionInput& section) {
  if (section.form == core::Form::attachment) {
    const auto attachment = wire::decode_attachment(section.category, section.content);
    return attachment ? Status{} : tl::unexpected(attachment.error());
  }
  return wire::check_content(section.category, section.content);
}

Status check_input(const SealInput& input) {
  if (input.sections.size() > limits::kSections) return fail(ErrorKind::full, "a message has at most 16 sections");
  std::uint64_t total = 0;
  for (const SectionInput& section : input.sections) {
    BESA_TRY(check_section(section));
    const auto padded = wire::padded_length(section.content.size());
    total += padded.value_or(limits::kMessageBytes + 1);
    if (total > limits::kMessageBytes) return fail(ErrorKind::full, "a message is at most 64 MiB");
  }
  return {};
}

Result<std::vector<core::Handling>> ordered(std::vector<core::Handling> handling) {
  std::sort(handling.begin(), handling.end());
  if (std::adjacent_find(handling.begin(), handling.end()) != handling.end()) {
    return fail(ErrorKind::malformed, "a section names a handling code twice");
  }
  return handling;
}

// Seals one section and says in the list what the recipient needs to check it.
Result<core::Section> seal_section(const SectionInput& input, const base::Digest& h0, std::uint16_t index,
                                   const SecretBytes& cek, std::vector<Bytes>& chunks) {
  core::Section out;
  out.category = input.category;
  out.form = input.form;
  out.grant = input.grant;
  out.basis = input.basis;
  BESA_ASSIGN(out.handling, ordered(input.handling));
  out.padded_length = *wire::padded_length(input.content.size());
  const SectionKeys keys = section_keys(h0, index, input.category, cek);
  out.commitment = keys.commitment;
  Bytes plaintext = pad_content(input.content, out.padded_length);
  chunks = seal_chunks(h0, index, keys.key, plaintext);
  crypto::wipe(plaintext);
  out.ciphertext_root = wire::ciphertext_root(chunks);
  return out;
}

// Gossip and the keys that are granted now, to the recipient's prekey. The ephemeral key is fresh: it comes from the
// caller's source so that a simulation can repeat it, and is used for this one seal.
Result<Bytes> seal_grant(const SealInput& input, std::uint16_t suite, const base::Digest& h1,
                         const std::vector<const SecretBytes*>& ceks, const RandomSource& random) {
  const Bytes gossip = encode_gossip(input.gossip);
  SecretBytes plaintext(gossip.size() + kCekBytes * ceks.size());
  auto end = std::copy(gossip.begin(), gossip.end(), plaintext.writable().begin());
  for (const SecretBytes* cek : ceks) end = std::copy(cek->view().begin(), cek->view().end(), end);
  const SecretBytes seed = draw_secret(random, crypto::BoxSecret::kBytes);
  BESA_ASSIGN(const crypto::BoxSecret ephemeral, crypto::BoxSecret::from_bytes(seed.view()));
  BESA_ASSIGN(const auto sealed, crypto::hpke::seal_with_known_ephemeral(ephemeral, input.prekey, grant_info(suite, h1),
                                                                         {}, plaintext.view()));
  base::ByteWriter writer;
  writer.raw(sealed.encapsulation).raw(sealed.ciphertext);
  return writer.take();
}

core::Context filled_context(const SealInput& input, const RandomSource& random) {
  core::Context out = input.context;
  out.suite = core::kSuite1;
  out.salt = draw<base::Salt>(random);
  out.prekey = core::prekey_id(out.recipient, input.prekey);
  return out;
}

std::vector<Bytes> consent_rows(const std::optional<base::Reference>& consent, const RandomSource& random) {
  if (!consent) return {};
  core::EnvelopeRow row;
  row.role = core::RowRole::consent;
  row.reference = *consent;
  return {wire::encode_envelope_row(row, draw<base::Salt>(random))};
}

}  // namespace

Result<Sealed> seal(const SealInput& input, const RandomSource& random) {
  BESA_TRY(check_input(input));
  const core::Context context = filled_context(input, random);
  const Bytes context_bytes = wire::encode_context(context);
  Sealed out;
  out.h0 = core::context_hash(context_bytes);

  wire::SectionList list;
  std::vector<SecretBytes> ceks;
  std::vector<const SecretBytes*> now;
  ceks.reserve(input.sections.size());
  for (std::uint16_t i = 0; i < input.sections.size(); ++i) {
    const SectionInput& section = input.sections[i];
    ceks.push_back(draw_secret(random, kCekBytes));
    out.chunks.emplace_back();
    BESA_ASSIGN(core::Section sealed, seal_section(section, out.h0, i, ceks.back(), out.chunks.back()));
    list.sections.push_back(std::move(sealed));
    if (section.grant == core::Grant::now) now.push_back(&ceks.back());
    if (section.grant == core::Grant::later) out.later.push_back({i, ceks.back().clone()});
  }
  const Bytes list_bytes = wire::encode_section_list(list);
  out.h1 = core::sections_hash(out.h0, list_bytes);
  BESA_ASSIGN(const Bytes grant, seal_grant(input, context.suite, out.h1, now, random));
  out.rows = consent_rows(input.consent, random);
  out.body = wire::encode_envelope(context_bytes, list_bytes, grant, wire::rows_root(out.rows));
  if (out.body.size() > limits::kBodyBytes) return fail(ErrorKind::full, "the header and its sections are over 32 KiB");
  out.id = core::statement_id(core::StatementType::envelope, out.body);
  return out;
}

wire::StatementParts parts_of(const Sealed& sealed, const std::vector<core::SignatureBlock>& blocks) {
  wire::StatementParts out;
  out.type = core::media_type(core::StatementType::envelope);
  out.body = sealed.body;
  out.blocks = core::encode_blocks(blocks);
  out.rows = sealed.rows;
  for (std::size_t section = 0; section < sealed.chunks.size(); ++section) {
    for (std::size_t i = 0; i < sealed.chunks[section].size(); ++i) {
      out.chunks.push_back(
          {static_cast<std::uint16_t>(section), static_cast<std::uint32_t>(i), sealed.chunks[section][i]});
    }
  }
  return out;
}

}  // namespace besa::envelope
