#include "crypto/secret/derive.h"

#include "base/check.h"
#include "crypto/verify/hmac.h"

namespace besa::crypto {

SecretBytes extract_secret(base::ByteView salt, base::ByteView input_key) {
  base::Digest code = hkdf_extract(salt, input_key);
  SecretBytes secret = SecretBytes::copy_of(code.view());
  wipe(code.bytes);
  return secret;
}

SecretBytes expand_secret(const SecretBytes& pseudorandom_key, base::ByteView info, std::size_t size) {
  SecretBytes secret(size);
  const base::Status status = hkdf_expand(pseudorandom_key.view(), info, secret.writable());
  BESA_CHECK(status.has_value());
  return secret;
}

}  // namespace besa::crypto
