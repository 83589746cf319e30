// Ed25519 (RFC 8032): checking signatures and public keys, and comparing secrets.
//
// Which odd signatures count as good decides what a replay of the log says, so the rule is part of the format: a
// signature is good if libsodium 1.0.18 takes it, and a key may be enrolled only if is_valid_public_key says so. A
// test pins both with the CCTV cases (43 of 914 signatures; with the key rule the one ordinary case).
#pragma once

#include "base/bytes.h"
#include "base/ids.h"

namespace besa::crypto {

// True if `signature` is the key's signature over exactly these bytes. False for small-order keys and for scalars not
// below the group order. Cost: about 50 us.
[[nodiscard]] bool verify(const base::PublicKey& key, base::ByteView message, const base::Signature& signature);

// True if the key is the canonical encoding of a point in the main subgroup and not of small order. Asked once, when a
// key is enrolled or rotated. Cost: about 100 us.
[[nodiscard]] bool is_valid_public_key(const base::PublicKey& key);

// True if both are the same bytes. The time depends on the lengths only. For secrets, codes and commitments.
[[nodiscard]] bool equal_constant_time(base::ByteView a, base::ByteView b);

}  // namespace besa::crypto
