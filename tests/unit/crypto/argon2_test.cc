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

}  // namespace
}  // namespace besa::crypto
