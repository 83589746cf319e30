// Sealing a message: one recipient, each section under its own random key.
//
// The result is unsigned. The caller signs its statement id (sign.h) and submits body, rows and chunks. Sealing twice
// gives other salts, keys and ciphertext: nothing is ever sealed under a key that was used before.
// Source: docs/protocol.md "The envelope"; RFC 9180 (HPKE), RFC 8439 (AEAD), RFC 5869 (HKDF).
#pragma once

#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "core/bodies.h"
#include "core/statement.h"
#include "crypto/secret/secret_bytes.h"
#include "envelope/gossip.h"
#include "envelope/random.h"
#include "wire/messages.h"

namespace besa::envelope {

struct SectionInput {
  core::Category category = core::Category::none;
  core::Form form = core::Form::record;
  core::Grant grant = core::Grant::now;
  core::Basis basis = core::Basis::none;
  std::vector<core::Handling> handling;  // any order, none twice
  base::Bytes content;                   // wire/content.h: a record's or an attachment's bytes
};

struct SealInput {
  // All fields but salt, suite and prekey, which are filled in.
  core::Context context;
  base::BoxKey prekey;                     // of context.recipient
  std::vector<SectionInput> sections;      // at most 16
  std::optional<base::Reference> consent;  // named in a row, for the sections on that basis
  Gossip gossip;
};

// The key of a section that is granted later: the sender keeps it until the recipient has accepted.
struct LaterKey {
  std::uint16_t section = 0;
  crypto::SecretBytes cek;  // 32
};

struct Sealed {
  base::StatementId id;
  base::Bytes body;
  std::vector<base::Bytes> rows;
  std::vector<std::vector<base::Bytes>> chunks;  // by section
  std::vector<LaterKey> later;
  base::Digest h0;
  base::Digest h1;
};

// Errors: malformed (content that its category's check refuses, a handling code twice, a prekey of low order), full
// (over 16 sections or 64 MiB). Cost: about 250 us, and 4 us for each KiB.
[[nodiscard]] base::Result<Sealed> seal(const SealInput& input, const RandomSource& random);

// What `submit` takes: the statement with its chunks and these blocks.
wire::StatementParts parts_of(const Sealed& sealed, const std::vector<core::SignatureBlock>& blocks);

}  // namespace besa::envelope
