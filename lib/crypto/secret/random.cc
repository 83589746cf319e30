#include "crypto/secret/random.h"

#include <sodium.h>

#include "crypto/verify/initialise.h"

namespace besa::crypto {

void random_bytes(std::span<std::uint8_t> out) {
  initialise();
  if (!out.empty()) randombytes_buf(out.data(), out.size());
}

SecretBytes random_secret(std::size_t size) {
  SecretBytes secret(size);
  random_bytes(secret.writable());
  return secret;
}

}  // namespace besa::crypto
