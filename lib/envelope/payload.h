// Inside lib/envelope: one section's plaintext, keys, chunks. Source: docs/protocol.md "Payload".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "core/codes.h"
#include "crypto/secret/secret_bytes.h"

namespace besa::envelope {

// What a section is sealed under: prk = HMAC-SHA256(key H0, CEK), expanded for the key and for the commitment.
struct SectionKeys {
  crypto::SecretBytes key;
  base::Commitment commitment;
};
SectionKeys section_keys(const base::Digest& h0, std::uint16_t index, core::Category category,
                         const crypto::SecretBytes& cek);

// length (4) || content || zeros. The content must fit (wire::padded_length).
base::Bytes pad_content(base::ByteView content, std::uint32_t padded);
// The content again; none if the length does not fit the bucket or a byte of the padding is not zero.
std::optional<base::Bytes> unpad_content(base::ByteView plaintext);

std::vector<base::Bytes> seal_chunks(const base::Digest& h0, std::uint16_t index, const crypto::SecretBytes& key,
                                     base::ByteView plaintext);
// Errors: bad_signature if a chunk is not what was sealed at its place.
[[nodiscard]] base::Result<base::Bytes> open_chunks(const base::Digest& h0, std::uint16_t index,
                                                    const crypto::SecretBytes& key,
                                                    std::span<const base::Bytes> chunks);

// What HPKE binds a grant to: "besa/1 grant" || suite (2) || H1.
base::Bytes grant_info(std::uint16_t suite, const base::Digest& h1);

}  // namespace besa::envelope
