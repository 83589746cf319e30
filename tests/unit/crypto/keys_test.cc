#include <gtest/gtest.h>

#include "crypto/secret/box.h"
#include "crypto/secret/sign.h"
#include "crypto/secret/transport_key.h"
#include "crypto/verify/ed25519.h"

namespace besa::crypto {
namespace {

using base::as_bytes;
using base::Bytes;

TEST(SigningKey, SignsWhatVerifies) {
  const SigningKey key = SigningKey::generate();
  const base::Signature signature = key.sign(as_bytes("message"));
  EXPECT_TRUE(verify(key.public_key(), as_bytes("message"), signature));
  EXPECT_FALSE(verify(key.public_key(), as_bytes("massage"), signature));
  EXPECT_FALSE(verify(SigningKey::generate().public_key(), as_bytes("message"), signature));
}

TEST(SigningKey, EveryBitOfTheSignatureCounts) {
  const SigningKey key = SigningKey::generate();
  const base::Signature good = key.sign({});
  for (std::size_t bit = 0; bit < good.bytes.size() * 8; ++bit) {
    base::Signature bad = good;
    bad.bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_FALSE(verify(key.public_key(), {}, bad)) << bit;
  }
}

TEST(SigningKey, SeedRebuildsIt) {
  const SigningKey key = SigningKey::generate();
  const auto again = SigningKey::from_seed(key.seed());
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->public_key(), key.public_key());
  EXPECT_EQ(again->sign(as_bytes("m")), key.sign(as_bytes("m")));
}

TEST(SigningKey, GeneratedKeysAreValidAndDiffer) {
  const SigningKey a = SigningKey::generate();
  const SigningKey b = SigningKey::generate();
  EXPECT_NE(a.public_key(), b.public_key());
  EXPECT_TRUE(is_valid_public_key(a.public_key()));
}

TEST(SigningKey, MovedKeyStillSigns) {
  SigningKey key = SigningKey::generate();
  const base::PublicKey name = key.public_key();
  const SigningKey moved = std::move(key);
  EXPECT_TRUE(verify(name, {}, moved.sign({})));
}

// Row 14 of the attack table, the shapes that can be written by hand; the CCTV vectors hold the rest.
TEST(Ed25519, RefusesOddSignatures) {
  const SigningKey key = SigningKey::generate();
  base::Signature plus_order = key.sign(as_bytes("m"));
  // The group order L, little-endian, added to the scalar: the same equation holds, so only the range check refuses it.
  const Bytes order = *base::from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    const unsigned sum = plus_order.bytes[32 + i] + order[i] + carry;
    plus_order.bytes[32 + i] = static_cast<std::uint8_t>(sum);
    carry = sum >> 8U;
  }
  EXPECT_FALSE(verify(key.public_key(), as_bytes("m"), base::Signature{}));
  EXPECT_FALSE(verify(key.public_key(), as_bytes("m"), plus_order));
}

TEST(Ed25519, RefusesOddKeys) {
  const char* const odd[] = {
      "0000000000000000000000000000000000000000000000000000000000000000",  // order 4
      "0100000000000000000000000000000000000000000000000000000000000000",  // the neutral element
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // order 2
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",  // order 8
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // the neutral element, not canonical
      "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",  // not canonical
      "0200000000000000000000000000000000000000000000000000000000000000",  // not on the curve
  };
  for (const char* const text : odd) {
    base::PublicKey key;
    ASSERT_TRUE(base::PublicKey::read(*base::from_hex(text), key));
    EXPECT_FALSE(is_valid_public_key(key)) << text;
    EXPECT_FALSE(verify(key, as_bytes("m"), base::Signature{})) << text;
  }
}

TEST(Keys, OtherLengthsAreRefused) {
  for (const std::size_t size : {0U, 31U, 33U, 64U}) {
    const Bytes bytes(size, 1);
    EXPECT_EQ(SigningKey::from_seed(bytes).error().kind, base::ErrorKind::malformed);
    EXPECT_EQ(BoxSecret::from_bytes(bytes).error().kind, base::ErrorKind::malformed);
    EXPECT_EQ(TransportSecret::from_bytes(bytes).error().kind, base::ErrorKind::malformed);
  }
}

TEST(BoxSecret, BothSidesAgree) {
  const BoxSecret a = BoxSecret::generate();
  const BoxSecret b = BoxSecret::generate();
  const auto ab = a.exchange(b.public_key());
  const auto ba = b.exchange(a.public_key());
  ASSERT_TRUE(ab && ba);
  EXPECT_TRUE(base::equal(ab->view(), ba->view()));
}

TEST(BoxSecret, StoredBytesRebuildIt) {
  const BoxSecret key = BoxSecret::generate();
  const auto again = BoxSecret::from_bytes(key.view());
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->public_key(), key.public_key());
}

TEST(BoxSecret, ZeroKeyIsRefused) {
  const auto shared = BoxSecret::generate().exchange(base::BoxKey{});
  ASSERT_FALSE(shared.has_value());
  EXPECT_EQ(shared.error().kind, base::ErrorKind::malformed);
}

// A transport key is an X25519 key too, and the vectors check those.
TEST(TransportKey, OfLowOrderOrOutOfRangeIsNone) {
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(is_valid_transport_key(TransportSecret::generate().public_key()));
  // The points of small order of Curve25519 and its twist, and encodings that are not canonical. Source: the list in
  // "Curve25519", https://cr.yp.to/ecdh.html#validate, and RFC 7748 section 5.
  const char* const bad[] = {"0000000000000000000000000000000000000000000000000000000000000000",
                             "0100000000000000000000000000000000000000000000000000000000000000",
                             "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                             "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                             "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                             "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                             "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                             "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                             "0900000000000000000000000000000000000000000000000000000000000080"};
  for (const char* text : bad) {
    base::TransportKey key;
    ASSERT_TRUE(base::TransportKey::read(*base::from_hex(text), key));
    EXPECT_FALSE(is_valid_transport_key(key)) << text;
  }
}

TEST(TransportSecret, PublicHalfIsThatOfX25519) {
  const BoxSecret box = BoxSecret::generate();
  const auto key = TransportSecret::from_bytes(box.view());
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(key->public_key(), base::id_cast<base::TransportKey>(box.public_key()));
  EXPECT_NE(TransportSecret::generate().public_key(), key->public_key());
}

}  // namespace
}  // namespace besa::crypto
