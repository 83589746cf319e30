// HMAC-SHA256 and HKDF-SHA256 whose results are keys and stay in guarded memory.
#pragma once

#include <cstddef>

#include "base/bytes.h"
#include "crypto/secret/secret_bytes.h"

namespace besa::crypto {

// HKDF-Extract, which is HMAC-SHA256(key = salt, data = input_key): 32 bytes.
SecretBytes extract_secret(base::ByteView salt, base::ByteView input_key);

// HKDF-Expand: `size` bytes, at most kHkdfMostBytes (more is a programmer error).
SecretBytes expand_secret(const SecretBytes& pseudorandom_key, base::ByteView info, std::size_t size);

}  // namespace besa::crypto
