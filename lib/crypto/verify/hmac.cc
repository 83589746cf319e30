#include "crypto/verify/hmac.h"

#include <sodium.h>

#include <algorithm>

namespace besa::crypto {
namespace {

static_assert(crypto_auth_hmacsha256_BYTES == base::Digest::kSize);

// RFC 5869, section 2.3. `out` has at most kHkdfMostBytes.
void expand(base::ByteView pseudorandom_key, base::ByteView info, std::span<std::uint8_t> out) {
  base::Digest block;
  base::ByteView previous;
  std::uint8_t number = 0;
  while (!out.empty()) {
    ++number;
    block = hmac_sha256_of(pseudorandom_key, {previous, info, base::ByteView(&number, 1)});
    const std::size_t taken = std::min(out.size(), block.bytes.size());
    std::copy_n(block.bytes.begin(), taken, out.begin());
    out = out.subspan(taken);
    previous = block.view();
  }
  sodium_memzero(block.bytes.data(), block.bytes.size());
}

}  // namespace

base::Digest hmac_sha256(base::ByteView key, base::ByteView data) { return hmac_sha256_of(key, {data}); }

base::Digest hmac_sha256_of(base::ByteView key, std::initializer_list<base::ByteView> pieces) {
  constexpr std::uint8_t kNothing = 0;  // the library wants an address, also of an empty key
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.empty() ? &kNothing : key.data(), key.size());
  for (const base::ByteView piece : pieces) crypto_auth_hmacsha256_update(&state, piece.data(), piece.size());
  base::Digest code;
  crypto_auth_hmacsha256_final(&state, code.bytes.data());
  sodium_memzero(&state, sizeof state);
  return code;
}

base::Digest hkdf_extract(base::ByteView salt, base::ByteView input_key) {
  // HMAC pads its key with zeros, so an empty salt is the RFC's 32 zeros by itself.
  return hmac_sha256(salt, input_key);
}

base::Status hkdf_expand(base::ByteView pseudorandom_key, base::ByteView info, std::span<std::uint8_t> out) {
  if (out.size() > kHkdfMostBytes) {
    return base::fail(base::ErrorKind::malformed, "more bytes asked of HKDF than it can give (8160)");
  }
  expand(pseudorandom_key, info, out);
  return {};
}

base::Digest hkdf_expand_32(base::ByteView pseudorandom_key, base::ByteView info) {
  base::Digest out;
  expand(pseudorandom_key, info, out.bytes);
  return out;
}

}  // namespace besa::crypto
