#include "crypto/verify/ed25519.h"

#include <sodium.h>

#include "crypto/verify/initialise.h"

namespace besa::crypto {

static_assert(crypto_sign_BYTES == base::Signature::kSize);
static_assert(crypto_sign_PUBLICKEYBYTES == base::PublicKey::kSize);

bool verify(const base::PublicKey& key, base::ByteView message, const base::Signature& signature) {
  initialise();
  return crypto_sign_verify_detached(signature.bytes.data(), message.data(), message.size(), key.bytes.data()) == 0;
}

bool is_valid_public_key(const base::PublicKey& key) {
  initialise();
  return crypto_core_ed25519_is_valid_point(key.bytes.data()) == 1;
}

bool equal_constant_time(base::ByteView a, base::ByteView b) {
  if (a.size() != b.size()) return false;
  return a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace besa::crypto
