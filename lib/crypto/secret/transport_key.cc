#include "crypto/secret/transport_key.h"

#include <sodium.h>

#include <algorithm>
#include <array>

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

bool is_valid_transport_key(const base::TransportKey& key) {
  // 2^255 - 19, least byte first (RFC 7748 section 5): a canonical coordinate is below it.
  const auto& bytes = key.bytes;
  const bool high = bytes[31] == 0x7F &&
                    std::all_of(bytes.begin() + 1, bytes.begin() + 31, [](std::uint8_t byte) { return byte == 0xFF; });
  if (bytes[31] > 0x7F || (high && bytes[0] >= 0xED)) return false;
  std::array<std::uint8_t, TransportSecret::kBytes> scalar{};
  scalar[0] = 8;  // any: a point of small order gives zeros with every clamped scalar, which libsodium reports
  std::array<std::uint8_t, TransportSecret::kBytes> shared{};
  return crypto_scalarmult(shared.data(), scalar.data(), bytes.data()) == 0;
}

}  // namespace besa::crypto
