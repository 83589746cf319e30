// Ed25519: Wycheproof, and the CCTV cases that pin which odd signatures count as good (part of the format, since a
// replay of the log depends on it).
#include "crypto/verify/ed25519.h"
#include "tests/vectors/vectors.h"

namespace besa::vectors {
namespace {

TEST(Wycheproof, Ed25519) {
  BESA_VECTORS_OR_SKIP(file, "wycheproof/ed25519_test.json");
  for (const Json& test : wycheproof_cases(file)) {
    SCOPED_TRACE("tcId " + test.at("tcId").dump());
    const bool valid = test.at("result") == "valid";
    const auto key = hex_id<base::PublicKey>(test.at("group").at("publicKey"), "pk");
    base::Signature signature;
    if (!base::Signature::read(hex(test, "sig"), signature)) {
      // A signature of another length is none of our type.
      EXPECT_FALSE(valid);
      continue;
    }
    EXPECT_EQ(crypto::verify(key, hex(test, "msg"), signature), valid);
  }
}

struct Accepted {
  std::size_t cases = 0;
  std::size_t by_verify = 0;
  std::size_t with_key_rule = 0;
  bool ordinary_only = true;  // what the key rule leaves has no odd point in it
};

Accepted count_accepted(const Json& file) {
  Accepted out;
  for (const Json& test : file) {
    ++out.cases;
    const auto key = hex_id<base::PublicKey>(test, "key");
    const std::string message = test.at("msg");
    if (!crypto::verify(key, base::as_bytes(message), hex_id<base::Signature>(test, "sig"))) continue;
    ++out.by_verify;
    if (!crypto::is_valid_public_key(key)) continue;
    ++out.with_key_rule;
    out.ordinary_only = out.ordinary_only && (test.at("flags").is_null() || test.at("flags").empty());
  }
  return out;
}

TEST(Cctv, Ed25519AcceptsExactlyThePinnedCases) {
  BESA_VECTORS_OR_SKIP(file, "cctv-ed25519/ed25519vectors.json");
  const Accepted accepted = count_accepted(file);
  EXPECT_EQ(accepted.cases, 914U);
  EXPECT_EQ(accepted.by_verify, 43U);
}

TEST(Cctv, KeyRuleLeavesTheOneOrdinaryCase) {
  BESA_VECTORS_OR_SKIP(file, "cctv-ed25519/ed25519vectors.json");
  const Accepted accepted = count_accepted(file);
  EXPECT_EQ(accepted.with_key_rule, 1U);
  EXPECT_TRUE(accepted.ordinary_only);
}

}  // namespace
}  // namespace besa::vectors
