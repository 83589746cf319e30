#include "crypto/secret/aead.h"

#include <sodium.h>

#include <type_traits>

#include "base/check.h"
#include "crypto/secret/random.h"

namespace besa::crypto {
namespace {

static_assert(crypto_aead_chacha20poly1305_ietf_KEYBYTES == kAeadKeyBytes);
static_assert(crypto_aead_chacha20poly1305_ietf_ABYTES == kAeadTagBytes);
static_assert(crypto_aead_chacha20poly1305_ietf_NPUBBYTES == AeadNonce::kSize);
static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == kAeadKeyBytes);
static_assert(crypto_aead_xchacha20poly1305_ietf_ABYTES == kAeadTagBytes);
static_assert(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES == StorageNonce::kSize);

tl::unexpected<base::Error> too_short() {
  return base::fail(base::ErrorKind::malformed, "a ciphertext is shorter than its tag");
}

// libsodium's four functions have the same two shapes.
using Encrypt = decltype(&crypto_aead_chacha20poly1305_ietf_encrypt);
using Decrypt = decltype(&crypto_aead_chacha20poly1305_ietf_decrypt);

base::Bytes seal_with(Encrypt encrypt, const SecretBytes& key, base::ByteView nonce, base::ByteView associated,
                      base::ByteView plaintext) {
  BESA_CHECK(key.size() == kAeadKeyBytes);
  base::Bytes sealed(plaintext.size() + kAeadTagBytes);
  BESA_CHECK(encrypt(sealed.data(), nullptr, plaintext.data(), plaintext.size(), associated.data(), associated.size(),
                     nullptr, nonce.data(), key.view().data()) == 0);
  return sealed;
}

// `Plaintext` is Bytes or SecretBytes.
template <class Plaintext>
base::Result<Plaintext> open_with(Decrypt decrypt, const SecretBytes& key, base::ByteView nonce,
                                  base::ByteView associated, base::ByteView sealed) {
  BESA_CHECK(key.size() == kAeadKeyBytes);
  if (sealed.size() < kAeadTagBytes) return too_short();
  Plaintext plaintext(sealed.size() - kAeadTagBytes);
  std::uint8_t* out = nullptr;
  if constexpr (std::is_same_v<Plaintext, SecretBytes>) {
    out = plaintext.writable().data();
  } else {
    out = plaintext.data();
  }
  if (decrypt(out, nullptr, nullptr, sealed.data(), sealed.size(), associated.data(), associated.size(), nonce.data(),
              key.view().data()) != 0) {
    return base::fail(base::ErrorKind::bad_signature, "a ciphertext does not open: wrong key, or it was changed");
  }
  return plaintext;
}

}  // namespace

base::Bytes aead_seal(const SecretBytes& key, const AeadNonce& nonce, base::ByteView associated,
                      base::ByteView plaintext) {
  return seal_with(crypto_aead_chacha20poly1305_ietf_encrypt, key, nonce.view(), associated, plaintext);
}

base::Result<base::Bytes> aead_open(const SecretBytes& key, const AeadNonce& nonce, base::ByteView associated,
                                    base::ByteView sealed) {
  return open_with<base::Bytes>(crypto_aead_chacha20poly1305_ietf_decrypt, key, nonce.view(), associated, sealed);
}

base::Result<SecretBytes> aead_open_secret(const SecretBytes& key, const AeadNonce& nonce, base::ByteView associated,
                                           base::ByteView sealed) {
  return open_with<SecretBytes>(crypto_aead_chacha20poly1305_ietf_decrypt, key, nonce.view(), associated, sealed);
}

base::Bytes storage_seal(const SecretBytes& key, const StorageNonce& nonce, base::ByteView associated,
                         base::ByteView plaintext) {
  return seal_with(crypto_aead_xchacha20poly1305_ietf_encrypt, key, nonce.view(), associated, plaintext);
}

base::Result<base::Bytes> storage_open(const SecretBytes& key, const StorageNonce& nonce, base::ByteView associated,
                                       base::ByteView sealed) {
  return open_with<base::Bytes>(crypto_aead_xchacha20poly1305_ietf_decrypt, key, nonce.view(), associated, sealed);
}

StorageKey StorageKey::generate() {
  StorageKey key;
  key.key_ = random_secret(kAeadKeyBytes);
  return key;
}

base::Result<StorageKey> StorageKey::from_bytes(base::ByteView bytes) {
  if (bytes.size() != kAeadKeyBytes) {
    return base::fail(base::ErrorKind::malformed, "a storage key must have 32 bytes");
  }
  StorageKey key;
  key.key_ = SecretBytes::copy_of(bytes);
  return key;
}

base::Bytes StorageKey::seal(base::ByteView associated, base::ByteView plaintext) const {
  const auto nonce = random_id<StorageNonce>();
  base::Bytes sealed = base::to_bytes(nonce.view());
  const base::Bytes ciphertext = storage_seal(key_, nonce, associated, plaintext);
  sealed.insert(sealed.end(), ciphertext.begin(), ciphertext.end());
  return sealed;
}

base::Result<base::Bytes> StorageKey::open(base::ByteView associated, base::ByteView sealed) const {
  if (sealed.size() < StorageNonce::kSize + kAeadTagBytes) return too_short();
  base::ByteReader reader(sealed);
  const auto nonce = reader.id<StorageNonce>();
  return storage_open(key_, nonce, associated, sealed.subspan(StorageNonce::kSize));
}

}  // namespace besa::crypto
