#include "crypto/verify/hmac.h"

#include <gtest/gtest.h>

#include "crypto/secret/derive.h"

namespace besa::crypto {
namespace {

using base::as_bytes;
using base::Bytes;

TEST(Hmac, PiecesAreJoined) {
  const base::Digest whole = hmac_sha256(as_bytes("key"), as_bytes("one two"));
  EXPECT_EQ(hmac_sha256_of(as_bytes("key"), {as_bytes("one"), as_bytes(" two")}), whole);
}

// RFC 4231, test case 6: a key longer than a block.
TEST(Hmac, LongKey) {
  const base::Digest code =
      hmac_sha256(Bytes(131, 0xaa), as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"));
  EXPECT_EQ(base::to_hex(code.view()), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hkdf, EmptySaltIsZeros) {
  EXPECT_EQ(hkdf_extract({}, as_bytes("input")), hkdf_extract(Bytes(32), as_bytes("input")));
}

TEST(Hkdf, LongestOutput) {
  Bytes out(kHkdfMostBytes);
  EXPECT_TRUE(hkdf_expand(as_bytes("prk"), {}, out).has_value());
  out.assign(kHkdfMostBytes + 1, 0x5a);
  const auto status = hkdf_expand(as_bytes("prk"), {}, out);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().kind, base::ErrorKind::malformed);
  EXPECT_EQ(out, Bytes(kHkdfMostBytes + 1, 0x5a));
}

TEST(Hkdf, SecretFormsGiveTheSameBytes) {
  const base::Digest prk = hkdf_extract(as_bytes("salt"), as_bytes("input"));
  const SecretBytes secret = extract_secret(as_bytes("salt"), as_bytes("input"));
  EXPECT_TRUE(base::equal(secret.view(), prk.view()));
  const SecretBytes expanded = expand_secret(secret, as_bytes("info"), 32);
  EXPECT_TRUE(base::equal(expanded.view(), hkdf_expand_32(prk.view(), as_bytes("info")).view()));
}

}  // namespace
}  // namespace besa::crypto
