#include "crypto/secret/random.h"

#include <sodium.h>

#include <array>

#include "base/bytes.h"
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

std::uint64_t random_bits() {
  std::array<std::uint8_t, 8> bytes{};
  random_bytes(bytes);
  return base::ByteReader(bytes).u64();
}

}  // namespace besa::crypto
