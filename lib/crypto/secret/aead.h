// Authenticated encryption: ChaCha20-Poly1305-IETF (RFC 8439) for messages, XChaCha20-Poly1305 for what is at rest.
#pragma once

#include <cstddef>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "crypto/secret/secret_bytes.h"

namespace besa::crypto {

inline constexpr std::size_t kAeadKeyBytes = 32;
inline constexpr std::size_t kAeadTagBytes = 16;

using AeadNonce = base::FixedBytes<struct AeadNonceTag, 12>;
using StorageNonce = base::FixedBytes<struct StorageNonceTag, 24>;

// Encrypts: the result is the ciphertext with the tag behind it, 16 bytes longer than the plaintext. The key has 32
// bytes. A (key, nonce) pair must never be used for two plaintexts: the caller's keys are used once, or its nonces
// count.
base::Bytes aead_seal(const SecretBytes& key, const AeadNonce& nonce, base::ByteView associated,
                      base::ByteView plaintext);

// Decrypts what aead_seal gave. `malformed` if shorter than a tag, `bad_signature` if anything was changed; then
// nothing of the plaintext is given out.
[[nodiscard]] base::Result<base::Bytes> aead_open(const SecretBytes& key, const AeadNonce& nonce,
                                                  base::ByteView associated, base::ByteView sealed);

// The same for a plaintext that holds keys.
[[nodiscard]] base::Result<SecretBytes> aead_open_secret(const SecretBytes& key, const AeadNonce& nonce,
                                                         base::ByteView associated, base::ByteView sealed);

// The same as the first two with 24-byte nonces, which may be random. Used through StorageKey.
base::Bytes storage_seal(const SecretBytes& key, const StorageNonce& nonce, base::ByteView associated,
                         base::ByteView plaintext);
[[nodiscard]] base::Result<base::Bytes> storage_open(const SecretBytes& key, const StorageNonce& nonce,
                                                     base::ByteView associated, base::ByteView sealed);

// A key under which one program keeps its own records on disk.
//
// Shapes: sealed = random nonce (24) then ciphertext with tag (16): 40 bytes longer than the plaintext.
// `associated` is not stored: give what names the record (table and key), so that a record cannot be put elsewhere.
class StorageKey {
 public:
  static StorageKey generate();
  // Any length but 32 is `malformed`.
  [[nodiscard]] static base::Result<StorageKey> from_bytes(base::ByteView bytes);

  base::Bytes seal(base::ByteView associated, base::ByteView plaintext) const;
  // `malformed` if too short, `bad_signature` if it was changed or belongs elsewhere.
  [[nodiscard]] base::Result<base::Bytes> open(base::ByteView associated, base::ByteView sealed) const;
  // 32 bytes, for storing the key.
  base::ByteView view() const { return key_.view(); }

 private:
  StorageKey() = default;
  SecretBytes key_;
};

}  // namespace besa::crypto
