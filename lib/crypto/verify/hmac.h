// HMAC-SHA256 (RFC 2104) and HKDF-SHA256 (RFC 5869).
//
// The results here lie in ordinary memory. For keys use crypto/secret/derive.h, which keeps them in guarded memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace besa::crypto {

// The most that one hkdf_expand can give: 255 blocks of 32 bytes (RFC 5869, section 2.3).
inline constexpr std::size_t kHkdfMostBytes = 255 * 32;

// The authentication code of `data` under a key of any length.
base::Digest hmac_sha256(base::ByteView key, base::ByteView data);

// The same of several pieces one after the other.
base::Digest hmac_sha256_of(base::ByteView key, std::initializer_list<base::ByteView> pieces);

// RFC 5869, section 2.2: the pseudorandom key. An empty salt means 32 zeros.
base::Digest hkdf_extract(base::ByteView salt, base::ByteView input_key);

// RFC 5869, section 2.3: fills `out` from the pseudorandom key. More than kHkdfMostBytes is `malformed`, and `out` is
// left alone. Cost: one HMAC for each 32 bytes.
[[nodiscard]] base::Status hkdf_expand(base::ByteView pseudorandom_key, base::ByteView info,
                                       std::span<std::uint8_t> out);

// The ordinary case, 32 bytes, which cannot fail.
base::Digest hkdf_expand_32(base::ByteView pseudorandom_key, base::ByteView info);

}  // namespace besa::crypto
