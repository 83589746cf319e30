// Ed25519 signing keys (RFC 8032).
#pragma once

#include <cstddef>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "crypto/secret/secret_bytes.h"

namespace besa::crypto {

// A key that signs. Move-only; wiped when it ends.
class SigningKey {
 public:
  static constexpr std::size_t kSeedBytes = 32;

  static SigningKey generate();
  // The same seed gives the same key. Any length but 32 is `malformed`.
  [[nodiscard]] static base::Result<SigningKey> from_seed(base::ByteView seed);
  [[nodiscard]] static base::Result<SigningKey> from_seed(const SecretBytes& seed) { return from_seed(seed.view()); }

  const base::PublicKey& public_key() const { return public_key_; }
  // Deterministic: the same message gives the same signature. Cost: about 25 us.
  base::Signature sign(base::ByteView message) const;
  // 32 bytes, for storing the key.
  SecretBytes seed() const;

 private:
  SigningKey() = default;
  SecretBytes secret_;  // seed, then public key
  base::PublicKey public_key_;
};

}  // namespace besa::crypto
