// The Curve25519 key pair of a CURVE connection (ZeroMQ).
#pragma once

#include <cstddef>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "crypto/secret/secret_bytes.h"

namespace besa::crypto {

// Move-only; wiped when it ends. The 32 raw bytes are what ZMQ_CURVE_SECRETKEY takes.
class TransportSecret {
 public:
  static constexpr std::size_t kBytes = 32;

  static TransportSecret generate();
  // Any length but 32 is `malformed`.
  [[nodiscard]] static base::Result<TransportSecret> from_bytes(base::ByteView bytes);

  const base::TransportKey& public_key() const { return public_key_; }
  // 32 bytes, for the socket and for storing the key.
  base::ByteView view() const { return secret_.view(); }

 private:
  TransportSecret() = default;
  SecretBytes secret_;
  base::TransportKey public_key_;
};

// True if it is the canonical encoding of a point that is not of small order: with one of those everybody could compute
// the secret that a connection rests on. Asked when a key is to be enrolled. Cost: about 50 us.
[[nodiscard]] bool is_valid_transport_key(const base::TransportKey& key);

}  // namespace besa::crypto
