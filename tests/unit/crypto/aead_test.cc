#include "crypto/secret/aead.h"

#include <gtest/gtest.h>

#include "crypto/secret/random.h"

namespace besa::crypto {
namespace {

using base::as_bytes;
using base::Bytes;
using base::ErrorKind;

TEST(Aead, AnyChangedBitIsRefused) {
  const SecretBytes key = random_secret(kAeadKeyBytes);
  const AeadNonce nonce{};
  const Bytes sealed = aead_seal(key, nonce, as_bytes("place"), as_bytes("text"));
  ASSERT_EQ(sealed.size(), 4 + kAeadTagBytes);
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes changed = sealed;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    const auto opened = aead_open(key, nonce, as_bytes("place"), changed);
    ASSERT_FALSE(opened.has_value()) << bit;
    EXPECT_EQ(opened.error().kind, ErrorKind::bad_signature);
  }
}

TEST(Aead, KeyNonceAndAssociatedDataAreBound) {
  const SecretBytes key = random_secret(kAeadKeyBytes);
  const AeadNonce nonce{};
  AeadNonce other{};
  other.bytes[0] = 1;
  const Bytes sealed = aead_seal(key, nonce, as_bytes("place"), as_bytes("text"));
  EXPECT_TRUE(aead_open(key, nonce, as_bytes("place"), sealed).has_value());
  EXPECT_FALSE(aead_open(random_secret(kAeadKeyBytes), nonce, as_bytes("place"), sealed).has_value());
  EXPECT_FALSE(aead_open(key, other, as_bytes("place"), sealed).has_value());
  EXPECT_FALSE(aead_open(key, nonce, as_bytes("plane"), sealed).has_value());
}

TEST(Aead, ShorterThanATagIsMalformed) {
  const SecretBytes key = random_secret(kAeadKeyBytes);
  EXPECT_EQ(aead_open(key, {}, {}, Bytes(kAeadTagBytes - 1)).error().kind, ErrorKind::malformed);
  EXPECT_EQ(aead_open_secret(key, {}, {}, {}).error().kind, ErrorKind::malformed);
}

TEST(Aead, EmptyPlaintext) {
  const SecretBytes key = random_secret(kAeadKeyBytes);
  const auto opened = aead_open(key, {}, {}, aead_seal(key, {}, {}, {}));
  ASSERT_TRUE(opened.has_value());
  EXPECT_TRUE(opened->empty());
  const auto secret = aead_open_secret(key, {}, {}, aead_seal(key, {}, {}, {}));
  ASSERT_TRUE(secret.has_value());
  EXPECT_TRUE(secret->empty());
  EXPECT_FALSE(aead_open_secret(key, {}, {}, Bytes(kAeadTagBytes)).has_value());
}

TEST(StorageKey, RoundTripAndShape) {
  const StorageKey key = StorageKey::generate();
  const Bytes sealed = key.seal(as_bytes("outbox/1"), as_bytes("draft"));
  EXPECT_EQ(sealed.size(), 5U + 40U);
  const auto opened = key.open(as_bytes("outbox/1"), sealed);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(base::as_text(*opened), "draft");
}

TEST(StorageKey, ARecordCannotBePutElsewhere) {
  const StorageKey key = StorageKey::generate();
  const Bytes sealed = key.seal(as_bytes("outbox/1"), as_bytes("draft"));
  EXPECT_EQ(key.open(as_bytes("outbox/2"), sealed).error().kind, ErrorKind::bad_signature);
}

TEST(StorageKey, SealsDifferEachTime) {
  const StorageKey key = StorageKey::generate();
  EXPECT_NE(key.seal({}, as_bytes("draft")), key.seal({}, as_bytes("draft")));
}

TEST(StorageKey, StoredBytesRebuildIt) {
  const StorageKey key = StorageKey::generate();
  const auto again = StorageKey::from_bytes(key.view());
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(again->open({}, key.seal({}, as_bytes("draft"))).has_value());
  EXPECT_EQ(StorageKey::from_bytes(Bytes(31)).error().kind, ErrorKind::malformed);
}

TEST(StorageKey, TruncatedRecordsAreRefused) {
  const StorageKey key = StorageKey::generate();
  const Bytes sealed = key.seal({}, as_bytes("draft"));
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(key.open({}, base::ByteView(sealed).first(size)).has_value()) << size;
  }
}

}  // namespace
}  // namespace besa::crypto
