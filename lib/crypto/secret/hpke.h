// HPKE (RFC 9180), base mode, single shot: sealing a few bytes to a public key.
//
// The suite is fixed: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305 (ids 0x0020, 0x0001, 0x0003). Each
// seal makes a fresh ephemeral key, so the only message of its context has sequence number 0.
#pragma once

#include <cstddef>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "crypto/secret/aead.h"
#include "crypto/secret/box.h"
#include "crypto/secret/secret_bytes.h"

namespace besa::crypto::hpke {

struct Sealed {
  base::BoxKey encapsulation;  // RFC 9180 calls it enc
  base::Bytes ciphertext;      // 16 bytes longer than the plaintext
};

// Seals to `recipient`. `malformed` if its key is of low order. Cost: two X25519, about 160 us.
[[nodiscard]] base::Result<Sealed> seal(const base::BoxKey& recipient, base::ByteView info, base::ByteView associated,
                                        base::ByteView plaintext);

// Opens what was sealed to `recipient.public_key()`. `malformed` for an encapsulation of low order or a ciphertext
// shorter than a tag, `bad_signature` if key, info, associated data or ciphertext are not those of the seal.
[[nodiscard]] base::Result<SecretBytes> open(const BoxSecret& recipient, const base::BoxKey& encapsulation,
                                             base::ByteView info, base::ByteView associated, base::ByteView ciphertext);

// Sealing with a given ephemeral key: for the official vectors, and for callers whose randomness is handed in. The key
// must be fresh and serve one seal only: using it twice breaks the encryption.
[[nodiscard]] base::Result<Sealed> seal_with_known_ephemeral(const BoxSecret& ephemeral, const base::BoxKey& recipient,
                                                             base::ByteView info, base::ByteView associated,
                                                             base::ByteView plaintext);

// The steps inside, in RFC 9180's words, so that the official vectors can check each.
struct Context {
  SecretBytes key;
  AeadNonce base_nonce;
  SecretBytes exporter_secret;
};
// Section 4.1, Encap and Decap after the key pair is chosen: both sides get the same 32 bytes.
[[nodiscard]] base::Result<SecretBytes> encapsulated_secret(const BoxSecret& ephemeral, const base::BoxKey& recipient);
[[nodiscard]] base::Result<SecretBytes> decapsulated_secret(const BoxSecret& recipient,
                                                            const base::BoxKey& encapsulation);
// Section 5.1, KeySchedule in mode_base.
Context key_schedule(const SecretBytes& shared_secret, base::ByteView info);

}  // namespace besa::crypto::hpke
