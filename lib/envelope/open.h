// Opening a message: every promise of its sender checked in a fixed order before a byte of it is believed.
//
//   1 structure and limits            malformed
//   2 network                         wrong_network
//   3 signature, under the sender's key as of the log   bad_signature
//   4 recipient, then prekey          not_recipient, unknown_prekey
//   5 chunks under their roots        missing_chunk, chunk_root
//   6 HPKE                            grant
//   7 gossip                          (read, never blocks)
//   8 commitment, in constant time, before the AEAD     commitment
//   9 AEAD                            ciphertext
//  10 padding                         padding
//  11 FlatBuffers verifier, semantic check              content
//  12 declared category against content                 category
//
// The first failure ends it, and nothing that was decrypted is given out.
// Source: docs/protocol.md "Opening order".
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "core/bodies.h"
#include "core/codes.h"
#include "crypto/secret/box.h"
#include "crypto/secret/secret_bytes.h"
#include "envelope/gossip.h"
#include "wire/messages.h"

namespace besa::envelope {

// Finds the private half of a prekey by its id; null if it is gone or never was here.
using PrekeyLookup = std::function<const crypto::BoxSecret*(const base::KeyId&)>;

struct OpenInput {
  base::ByteView body;
  base::ByteView blocks;
  base::NetworkId network;
  base::MemberId self;
  base::PublicKey sender_key;       // the key that the log gives for the sender at this message's place
  std::vector<wire::Chunk> chunks;  // of the `now` sections; any order, none twice
  PrekeyLookup prekeys;
};

struct OpenedSection {
  std::uint16_t index = 0;
  core::Category category = core::Category::none;
  core::Form form = core::Form::none;
  core::Basis basis = core::Basis::none;
  std::vector<core::Handling> handling;
  base::Bytes content;
  crypto::SecretBytes cek;  // kept if the recipient may have to disclose or show this section
};

struct OpenedMessage {
  base::StatementId id;
  core::Context context;
  std::vector<core::Section> sections;  // all that the message has, sealed ones too
  std::vector<OpenedSection> opened;    // the `now` ones
  base::Digest h0;
  Gossip gossip;
};

// Why not. `detail` is for the reader's own log: it names places and rules, never content.
struct Unopened {
  core::Unreadable reason = core::Unreadable::none;
  std::string detail;
  std::optional<Gossip> gossip;  // if step 7 was reached
};

// Cost: about 300 us, and 4 us for each KiB.
[[nodiscard]] tl::expected<OpenedMessage, Unopened> open(const OpenInput& input);

// One section by its key (a release, a disclosure): steps 5 and 8 to 12. `h0` is that of the message that carries it.
[[nodiscard]] tl::expected<base::Bytes, Unopened> open_section(const base::Digest& h0, const core::Section& section,
                                                               std::uint16_t index, const crypto::SecretBytes& cek,
                                                               const std::vector<base::Bytes>& chunks);

}  // namespace besa::envelope
