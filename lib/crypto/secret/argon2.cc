#include "crypto/secret/argon2.h"

#include <sodium.h>

#include "crypto/verify/initialise.h"

namespace besa::crypto {

static_assert(crypto_pwhash_argon2id_SALTBYTES == base::Salt::kSize);

base::Result<SecretBytes> argon2id(base::ByteView password, const base::Salt& salt) {
  initialise();
  SecretBytes out(kArgon2OutputBytes);
  // The library wants an address, also of an empty password.
  const char* const text = password.empty() ? "" : base::as_text(password).data();
  if (crypto_pwhash_argon2id(out.writable().data(), out.size(), text, password.size(), salt.bytes.data(), kArgon2Passes,
                             kArgon2MemoryBytes, crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0) {
    return base::fail(base::ErrorKind::full, "not enough memory to derive a key from a code (64 MiB)");
  }
  return out;
}

}  // namespace besa::crypto
