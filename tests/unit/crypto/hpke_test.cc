#include "crypto/secret/hpke.h"

#include <gtest/gtest.h>

namespace besa::crypto::hpke {
namespace {

using base::as_bytes;
using base::Bytes;
using base::ErrorKind;

TEST(Hpke, RoundTrip) {
  const BoxSecret recipient = BoxSecret::generate();
  const auto sealed = seal(recipient.public_key(), as_bytes("info"), {}, as_bytes("keys"));
  ASSERT_TRUE(sealed.has_value());
  EXPECT_EQ(sealed->ciphertext.size(), 4U + 16U);
  const auto opened = open(recipient, sealed->encapsulation, as_bytes("info"), {}, sealed->ciphertext);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(base::as_text(opened->view()), "keys");
}

TEST(Hpke, EachSealIsNew) {
  const BoxSecret recipient = BoxSecret::generate();
  const auto a = seal(recipient.public_key(), {}, {}, as_bytes("keys"));
  const auto b = seal(recipient.public_key(), {}, {}, as_bytes("keys"));
  ASSERT_TRUE(a && b);
  EXPECT_NE(a->encapsulation, b->encapsulation);
  EXPECT_NE(a->ciphertext, b->ciphertext);
}

TEST(Hpke, EverythingIsBound) {
  const BoxSecret recipient = BoxSecret::generate();
  const auto sealed = seal(recipient.public_key(), as_bytes("info"), as_bytes("aad"), as_bytes("keys"));
  ASSERT_TRUE(sealed.has_value());
  Bytes changed = sealed->ciphertext;
  changed[0] ^= 1;
  const auto& enc = sealed->encapsulation;
  const base::BoxKey other = BoxSecret::generate().public_key();
  EXPECT_TRUE(open(recipient, enc, as_bytes("info"), as_bytes("aad"), sealed->ciphertext).has_value());
  EXPECT_EQ(open(BoxSecret::generate(), enc, as_bytes("info"), as_bytes("aad"), sealed->ciphertext).error().kind,
            ErrorKind::bad_signature);
  EXPECT_EQ(open(recipient, other, as_bytes("info"), as_bytes("aad"), sealed->ciphertext).error().kind,
            ErrorKind::bad_signature);
  EXPECT_EQ(open(recipient, enc, as_bytes("Info"), as_bytes("aad"), sealed->ciphertext).error().kind,
            ErrorKind::bad_signature);
  EXPECT_EQ(open(recipient, enc, as_bytes("info"), {}, sealed->ciphertext).error().kind, ErrorKind::bad_signature);
  EXPECT_EQ(open(recipient, enc, as_bytes("info"), as_bytes("aad"), changed).error().kind, ErrorKind::bad_signature);
}

TEST(Hpke, MalformedInputs) {
  const BoxSecret recipient = BoxSecret::generate();
  EXPECT_EQ(seal({}, {}, {}, {}).error().kind, ErrorKind::malformed);
  EXPECT_EQ(open(recipient, {}, {}, {}, Bytes(16)).error().kind, ErrorKind::malformed);
  EXPECT_EQ(open(recipient, recipient.public_key(), {}, {}, Bytes(15)).error().kind, ErrorKind::malformed);
}

}  // namespace
}  // namespace besa::crypto::hpke
