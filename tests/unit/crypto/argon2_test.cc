#include "crypto/secret/argon2.h"

#include <gtest/gtest.h>

namespace besa::crypto {
namespace {

TEST(Argon2, DependsOnPasswordAndSaltOnly) {
  base::Salt other;
  other.bytes[15] = 1;
  const auto first = argon2id(base::as_bytes("01234567890123456789"), {});
  const auto again = argon2id(base::as_bytes("01234567890123456789"), {});
  const auto salted = argon2id(base::as_bytes("01234567890123456789"), other);
  ASSERT_TRUE(first && again && salted);
  EXPECT_EQ(first->size(), kArgon2OutputBytes);
  EXPECT_TRUE(base::equal(first->view(), again->view()));
  EXPECT_FALSE(base::equal(first->view(), salted->view()));
}

// The same as the reference program gives for -id -t 3 -m 16 -p 1 -l 64.
TEST(Argon2, KnownValue) {
  base::Salt salt;
  ASSERT_TRUE(base::Salt::read(base::as_bytes("saltsaltsaltsalt"), salt));
  const auto secret = argon2id(base::as_bytes("01234567890123456789"), salt);
  ASSERT_TRUE(secret.has_value());
  EXPECT_EQ(base::to_hex(secret->view()),
            "6cba06df8d2e2c13876e8471078b44aebc00614984648164c145b9f5b6d55d5d"
            "284485d7ecf5c255d5d1d29784f1d073d96355a6d310582c3c34e71165d77607");
}

}  // namespace
}  // namespace besa::crypto
