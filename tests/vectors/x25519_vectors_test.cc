// Wycheproof: X25519. Keys of low order give an all-zero secret and are refused, also inside HPKE.
#include "crypto/secret/box.h"
#include "crypto/secret/hpke.h"
#include "tests/vectors/vectors.h"

namespace besa::vectors {
namespace {

bool gives_zeros(const Json& test) { return hex(test, "shared") == base::Bytes(32); }

TEST(Wycheproof, X25519) {
  BESA_VECTORS_OR_SKIP(file, "wycheproof/x25519_test.json");
  for (const Json& test : wycheproof_cases(file)) {
    SCOPED_TRACE("tcId " + test.at("tcId").dump());
    const auto key = crypto::BoxSecret::from_bytes(hex(test, "private"));
    ASSERT_TRUE(key.has_value());
    const auto shared = key->exchange(hex_id<base::BoxKey>(test, "public"));
    ASSERT_EQ(shared.has_value(), !gives_zeros(test));
    if (shared) {
      EXPECT_EQ(base::to_bytes(shared->view()), hex(test, "shared"));
    } else {
      EXPECT_NE(test.at("result"), "valid");
      EXPECT_EQ(shared.error().kind, base::ErrorKind::malformed);
    }
  }
}

// Row 23 of the attack table: the encapsulation of a grant is one of the low-order points.
TEST(Wycheproof, HpkeRefusesLowOrderEncapsulations) {
  BESA_VECTORS_OR_SKIP(file, "wycheproof/x25519_test.json");
  const crypto::BoxSecret recipient = crypto::BoxSecret::generate();
  std::size_t refused = 0;
  for (const Json& test : wycheproof_cases(file)) {
    if (!gives_zeros(test)) continue;
    ++refused;
    SCOPED_TRACE("tcId " + test.at("tcId").dump());
    const auto point = hex_id<base::BoxKey>(test, "public");
    const auto opened = crypto::hpke::open(recipient, point, {}, {}, base::Bytes(64));
    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error().kind, base::ErrorKind::malformed);
    const auto sealed = crypto::hpke::seal(point, {}, {}, base::Bytes(8));
    ASSERT_FALSE(sealed.has_value());
    EXPECT_EQ(sealed.error().kind, base::ErrorKind::malformed);
  }
  EXPECT_EQ(refused, 31U);
}

}  // namespace
}  // namespace besa::vectors
