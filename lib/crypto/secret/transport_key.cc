#include "crypto/secret/transport_key.h"

#include <sodium.h>

#include "base/check.h"
#include "crypto/secret/random.h"

namespace besa::crypto {

TransportSecret TransportSecret::generate() { return std::move(*from_bytes(random_secret(kBytes).view())); }

base::Result<TransportSecret> TransportSecret::from_bytes(base::ByteView bytes) {
  if (bytes.size() != kBytes) {
    return base::fail(base::ErrorKind::malformed, "a transport key must have 32 bytes");
  }
  TransportSecret key;
  key.secret_ = SecretBytes::copy_of(bytes);
  BESA_CHECK(crypto_scalarmult_base(key.public_key_.bytes.data(), key.secret_.view().data()) == 0);
  return key;
}

}  // namespace besa::crypto
