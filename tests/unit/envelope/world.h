// A sender, two recipients and messages between them, all from fixed randomness.
#pragma once

#include <string>
#include <vector>

#include "core/digests.h"
#include "core/statement.h"
#include "crypto/secret/box.h"
#include "crypto/secret/hpke.h"
#include "crypto/secret/sign.h"
#include "crypto/verify/hash.h"
#include "envelope/open.h"
#include "envelope/payload.h"
#include "envelope/seal.h"
#include "envelope/sign.h"
#include "wire/chunks.h"
#include "wire/content.h"
#include "wire/statement.h"

namespace besa::envelope::testing {

// SHA-256(name || counter), one block after the other.
inline RandomSource fixed_random(std::string name) {
  return [name = std::move(name), counter = std::uint32_t{0}](std::span<std::uint8_t> out) mutable {
    for (std::size_t done = 0; done < out.size();) {
      base::ByteWriter writer;
      writer.raw(name).u32(counter++);
      const base::Digest block = crypto::sha256(writer.bytes());
      for (std::size_t i = 0; i < block.bytes.size() && done < out.size(); ++i) out[done++] = block.bytes[i];
    }
  };
}

struct Member {
  explicit Member(const std::string& name)
      : random(fixed_random(name)),
        id(draw<base::MemberId>(random)),
        signing(*crypto::SigningKey::from_seed(draw<base::Digest>(random).view())),
        prekey(*crypto::BoxSecret::from_bytes(draw<base::Digest>(random).view())) {}

  base::KeyId key_id() const { return core::member_key_id(id, signing.public_key()); }
  base::KeyId prekey_id() const { return core::prekey_id(id, prekey.public_key()); }

  RandomSource random;
  base::MemberId id;
  crypto::SigningKey signing;
  crypto::BoxSecret prekey;
};

inline base::Bytes record(core::Category category, std::string_view json) {
  return *wire::content_from_json(category, json);
}

inline SectionInput section(core::Category category, std::string_view json, core::Grant grant = core::Grant::now) {
  return {
      category, core::Form::record, grant, core::Basis::consent, {core::Handling::no_onward}, record(category, json)};
}

inline SectionInput attachment(core::Category category, std::size_t bytes) {
  return {category,
          core::Form::attachment,
          core::Grant::now,
          core::Basis::consent,
          {},
          *wire::encode_attachment(category, {"application/pdf", "scan", base::Bytes(bytes, 0x5A)})};
}

inline std::vector<SectionInput> referral_sections() {
  return {section(core::Category::identity, R"({"names": [{"first_name": "Arta", "certainty": "claimed"}]})"),
          section(core::Category::health, R"({"treatment": "none so far"})"),
          section(core::Category::exploitation, R"({"types": ["forced_labour"]})", core::Grant::later)};
}

// What is signed and carried, open to be bent.
struct Message {
  base::Bytes context;
  wire::SectionList list;
  base::Bytes grant;
  base::Digest rows_root;
  std::vector<std::vector<base::Bytes>> chunks;
  std::vector<LaterKey> later;
  base::Digest h0;

  base::Bytes body() const { return wire::encode_envelope(context, wire::encode_section_list(list), grant, rows_root); }
};

struct World {
  Member police{"police"};
  Member shelter{"shelter"};
  Member iom{"iom"};
  Member stranger{"stranger"};
  base::NetworkId network = draw<base::NetworkId>(police.random);

  SealInput input(const Member& to, std::vector<SectionInput> sections) const {
    SealInput out;
    out.context.network = network;
    out.context.sender = police.id;
    out.context.sender_key = police.key_id();
    out.context.counter = base::Counter{1'700'000'000'000'000};
    out.context.created = base::Timestamp{1'700'000'000'000};
    out.context.expires = base::Timestamp{1'700'000'600'000};
    out.context.recipient = to.id;
    out.context.kind = core::Kind::referral;
    out.context.purpose = core::Purpose::protection;
    out.context.priority = core::Priority::emergency_24h;
    out.context.person_class = core::PersonClass::adult;
    out.prekey = to.prekey.public_key();
    out.sections = std::move(sections);
    out.consent = base::Reference{police.id, base::Counter{9}, base::StatementId{}};
    out.gossip.pair_counter = 5;
    out.gossip.voided = 2;
    out.gossip.size = base::TreeSize{40};
    return out;
  }

  Message seal_to(const Member& to, std::vector<SectionInput> sections, const std::string& seed = "seal") const {
    auto sealed = envelope::seal(input(to, std::move(sections)), fixed_random(seed));
    const auto parsed = *wire::parse_shown(core::media_type(core::StatementType::envelope), sealed->body, {});
    const auto& body = std::get<core::Envelope>(parsed.body);
    return {wire::encode_context(body.context), {body.sections, {}},      body.grant, body.rows_root,
            std::move(sealed->chunks),          std::move(sealed->later), body.h0};
  }

  // Opens as `self`, signed by `signer` under the key id that the context names.
  tl::expected<OpenedMessage, Unopened> open_as(const Member& self, const Message& message,
                                                const Member& signer) const {
    const base::Bytes body = message.body();
    const auto context = *wire::parse_context(message.context);
    const base::Bytes blocks =
        core::encode_block(sign_statement(core::StatementType::envelope, body, signer.signing, context.sender_key));
    OpenInput in;
    in.body = body;
    in.blocks = blocks;
    in.network = network;
    in.self = self.id;
    in.sender_key = context.sender == stranger.id ? stranger.signing.public_key() : police.signing.public_key();
    for (std::uint16_t i = 0; i < message.list.sections.size(); ++i) {
      if (message.list.sections[i].grant != core::Grant::now) continue;
      for (std::uint32_t k = 0; k < message.chunks[i].size(); ++k) in.chunks.push_back({i, k, message.chunks[i][k]});
    }
    in.prekeys = [&self](const base::KeyId& id) { return id == self.prekey_id() ? &self.prekey : nullptr; };
    return envelope::open(in);
  }

  // Seals the grant again, as a sender that lies about its sections would: over the list as it is now.
  void grant_again(Message& message, const Member& to, const std::vector<const crypto::SecretBytes*>& ceks) const {
    const auto h1 = core::sections_hash(core::context_hash(message.context), wire::encode_section_list(message.list));
    base::ByteWriter plaintext;
    plaintext.raw(encode_gossip({}));
    for (const auto* cek : ceks) plaintext.raw(cek->view());
    const auto sealed =
        *crypto::hpke::seal(to.prekey.public_key(), grant_info(core::kSuite1, h1), {}, plaintext.bytes());
    message.grant = base::ByteWriter().raw(sealed.encapsulation).raw(sealed.ciphertext).take();
  }
};

inline std::string_view reason_of(const tl::expected<OpenedMessage, Unopened>& result) {
  return result ? "opened" : core::name_of(result.error().reason);
}

}  // namespace besa::envelope::testing
