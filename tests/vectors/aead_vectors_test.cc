// Wycheproof: both ciphers, sealing and opening.
#include "crypto/secret/aead.h"
#include "tests/vectors/vectors.h"

namespace besa::vectors {
namespace {

using base::Bytes;
using base::ByteView;
using crypto::SecretBytes;

template <class Nonce, class Seal, class Open>
void check_case(const Json& test, Seal seal, Open open) {
  SCOPED_TRACE("tcId " + test.at("tcId").dump());
  const bool valid = test.at("result") == "valid";
  Nonce nonce;
  if (!Nonce::read(hex(test, "iv"), nonce)) {
    // A nonce of another length cannot even be written down in our interface.
    EXPECT_FALSE(valid);
    return;
  }
  const SecretBytes key = SecretBytes::copy_of(hex(test, "key"));
  const Bytes associated = hex(test, "aad");
  const Bytes plaintext = hex(test, "msg");
  Bytes sealed = hex(test, "ct");
  const Bytes tag = hex(test, "tag");
  sealed.insert(sealed.end(), tag.begin(), tag.end());

  const auto opened = open(key, nonce, ByteView(associated), ByteView(sealed));
  ASSERT_EQ(opened.has_value(), valid);
  if (valid) {
    EXPECT_EQ(*opened, plaintext);
    EXPECT_EQ(seal(key, nonce, ByteView(associated), ByteView(plaintext)), sealed);
  } else {
    EXPECT_EQ(opened.error().kind, base::ErrorKind::bad_signature);
  }
}

TEST(Wycheproof, ChaCha20Poly1305) {
  BESA_VECTORS_OR_SKIP(file, "wycheproof/chacha20_poly1305_test.json");
  for (const Json& test : wycheproof_cases(file)) {
    check_case<crypto::AeadNonce>(test, crypto::aead_seal, crypto::aead_open);
  }
}

TEST(Wycheproof, XChaCha20Poly1305) {
  BESA_VECTORS_OR_SKIP(file, "wycheproof/xchacha20_poly1305_test.json");
  for (const Json& test : wycheproof_cases(file)) {
    check_case<crypto::StorageNonce>(test, crypto::storage_seal, crypto::storage_open);
  }
}

}  // namespace
}  // namespace besa::vectors
