#include "crypto/secret/box.h"

#include <sodium.h>

#include "base/check.h"
#include "crypto/secret/random.h"

namespace besa::crypto {

static_assert(crypto_scalarmult_SCALARBYTES == BoxSecret::kBytes);

BoxSecret BoxSecret::generate() { return std::move(*from_bytes(random_secret(kBytes).view())); }

base::Result<BoxSecret> BoxSecret::from_bytes(base::ByteView bytes) {
  if (bytes.size() != kBytes) {
    return base::fail(base::ErrorKind::malformed, "the private half of a prekey must have 32 bytes");
  }
  BoxSecret key;
  key.secret_ = SecretBytes::copy_of(bytes);
  BESA_CHECK(crypto_scalarmult_base(key.public_key_.bytes.data(), key.secret_.view().data()) == 0);
  return key;
}

base::Result<SecretBytes> BoxSecret::exchange(const base::BoxKey& other) const {
  BESA_CHECK(!secret_.empty());
  SecretBytes shared(crypto_scalarmult_BYTES);
  if (crypto_scalarmult(shared.writable().data(), secret_.view().data(), other.bytes.data()) != 0) {
    return base::fail(base::ErrorKind::malformed, "an X25519 public key is of low order");
  }
  return shared;
}

}  // namespace besa::crypto
