// X25519 (RFC 7748): the private half of a prekey.
#pragma once

#include <cstddef>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "crypto/secret/secret_bytes.h"

namespace besa::crypto {

// Move-only; wiped when it ends. What a sender sealed to public_key(), hpke::open with this half opens.
class BoxSecret {
 public:
  static constexpr std::size_t kBytes = 32;

  static BoxSecret generate();
  // Any length but 32 is `malformed`.
  [[nodiscard]] static base::Result<BoxSecret> from_bytes(base::ByteView bytes);

  const base::BoxKey& public_key() const { return public_key_; }
  // 32 bytes, for storing the key.
  base::ByteView view() const { return secret_.view(); }

  // The shared secret with another public key, 32 bytes. A key that gives all zeros (low order) is `malformed`.
  // Never used as a key itself: hpke derives from it. Cost: about 80 us.
  [[nodiscard]] base::Result<SecretBytes> exchange(const base::BoxKey& other) const;

 private:
  BoxSecret() = default;
  SecretBytes secret_;
  base::BoxKey public_key_;
};

}  // namespace besa::crypto
