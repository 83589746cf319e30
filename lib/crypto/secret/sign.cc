#include "crypto/secret/sign.h"

#include <sodium.h>

#include "base/check.h"
#include "crypto/secret/random.h"

namespace besa::crypto {

static_assert(crypto_sign_SEEDBYTES == SigningKey::kSeedBytes);

SigningKey SigningKey::generate() { return std::move(*from_seed(random_secret(kSeedBytes))); }

base::Result<SigningKey> SigningKey::from_seed(base::ByteView seed) {
  if (seed.size() != kSeedBytes) {
    return base::fail(base::ErrorKind::malformed, "the seed of a signing key must have 32 bytes");
  }
  SigningKey key;
  key.secret_ = SecretBytes(crypto_sign_SECRETKEYBYTES);
  BESA_CHECK(crypto_sign_seed_keypair(key.public_key_.bytes.data(), key.secret_.writable().data(), seed.data()) == 0);
  return key;
}

base::Signature SigningKey::sign(base::ByteView message) const {
  BESA_CHECK(!secret_.empty());
  base::Signature signature;
  BESA_CHECK(crypto_sign_detached(signature.bytes.data(), nullptr, message.data(), message.size(),
                                  secret_.view().data()) == 0);
  return signature;
}

SecretBytes SigningKey::seed() const {
  BESA_CHECK(!secret_.empty());
  return SecretBytes::copy_of(secret_.view().first(kSeedBytes));
}

}  // namespace besa::crypto
