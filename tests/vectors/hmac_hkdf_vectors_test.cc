// Wycheproof: HMAC-SHA256 and HKDF-SHA256.
#include "crypto/verify/ed25519.h"
#include "crypto/verify/hmac.h"
#include "tests/vectors/vectors.h"

namespace besa::vectors {
namespace {

TEST(Wycheproof, HmacSha256) {
  BESA_VECTORS_OR_SKIP(file, "wycheproof/hmac_sha256_test.json");
  for (const Json& test : wycheproof_cases(file)) {
    SCOPED_TRACE("tcId " + test.at("tcId").dump());
    const base::Digest code = crypto::hmac_sha256(hex(test, "key"), hex(test, "msg"));
    const base::Bytes tag = hex(test, "tag");
    ASSERT_EQ(tag.size() * 8, test.at("group").at("tagSize").get<std::size_t>());
    ASSERT_LE(tag.size(), code.bytes.size());
    const bool same = crypto::equal_constant_time(code.view().first(tag.size()), tag);
    EXPECT_EQ(same, test.at("result") == "valid");
  }
}

TEST(Wycheproof, HkdfSha256) {
  BESA_VECTORS_OR_SKIP(file, "wycheproof/hkdf_sha256_test.json");
  for (const Json& test : wycheproof_cases(file)) {
    SCOPED_TRACE("tcId " + test.at("tcId").dump());
    const base::Digest prk = crypto::hkdf_extract(hex(test, "salt"), hex(test, "ikm"));
    base::Bytes out(test.at("size").get<std::size_t>());
    const auto status = crypto::hkdf_expand(prk.view(), hex(test, "info"), out);
    ASSERT_EQ(status.has_value(), test.at("result") == "valid");
    if (!status) continue;
    EXPECT_EQ(out, hex(test, "okm"));
    if (out.size() == base::Digest::kSize) {
      EXPECT_TRUE(base::equal(crypto::hkdf_expand_32(prk.view(), hex(test, "info")).view(), out));
    }
  }
}

}  // namespace
}  // namespace besa::vectors
