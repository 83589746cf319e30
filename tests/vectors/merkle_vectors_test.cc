// transparency-dev/merkle: proofs that hold, proofs that were probed with every kind of change, and known roots.
#include "core/merkle.h"

#include "base/base64.h"
#include "crypto/verify/hash.h"
#include "tests/vectors/vectors.h"

namespace besa::vectors {
namespace {

using base::Digest;
using base::TreeSize;

std::optional<Digest> digest(const Json& base64) {
  const auto bytes = base::base64_decode(base64.get<std::string>());
  EXPECT_TRUE(bytes.has_value()) << base64;
  Digest out;
  if (!bytes || !Digest::read(*bytes, out)) return std::nullopt;
  return out;
}

// Empty if one of the hashes has not 32 bytes, which our types cannot hold.
std::optional<core::Proof> proof_of(const Json& test) {
  core::Proof proof;
  if (test.at("proof").is_null()) return proof;
  for (const Json& item : test.at("proof")) {
    const auto hash = digest(item);
    if (!hash) return std::nullopt;
    proof.push_back(*hash);
  }
  return proof;
}

TEST(Merkle, Inclusion) {
  BESA_VECTORS_OR_SKIP(file, "merkle/inclusion.json");
  ASSERT_GT(file.size(), 0U);
  for (const Json& test : file) {
    SCOPED_TRACE(test.at("name").dump());
    const auto leaf = digest(test.at("leafHash"));
    const auto root = digest(test.at("root"));
    const auto proof = proof_of(test);
    const bool holds = leaf && root && proof &&
                       core::verify_inclusion(*leaf, test.at("leafIdx").get<std::uint64_t>(),
                                              TreeSize{test.at("treeSize").get<std::uint64_t>()}, *proof, *root)
                           .has_value();
    EXPECT_EQ(holds, !test.at("wantErr").get<bool>());
  }
}

TEST(Merkle, Consistency) {
  BESA_VECTORS_OR_SKIP(file, "merkle/consistency.json");
  ASSERT_GT(file.size(), 0U);
  for (const Json& test : file) {
    SCOPED_TRACE(test.at("name").dump());
    const auto root1 = digest(test.at("root1"));
    const auto root2 = digest(test.at("root2"));
    const auto proof = proof_of(test);
    const bool holds = root1 && root2 && proof &&
                       core::verify_consistency(TreeSize{test.at("size1").get<std::uint64_t>()},
                                                TreeSize{test.at("size2").get<std::uint64_t>()}, *root1, *root2, *proof)
                           .has_value();
    EXPECT_EQ(holds, !test.at("wantErr").get<bool>());
  }
}

TEST(Merkle, RootsOfRfc6962) {
  BESA_VECTORS_OR_SKIP(file, "merkle/rfc6962_roots.json");
  const Json& roots = file.at("root_by_tree_size_hex");
  ASSERT_EQ(roots.size(), file.at("leaves_hex").size() + 1);
  std::vector<Digest> leaves;
  core::Frontier frontier;
  for (std::size_t size = 0; size < roots.size(); ++size) {
    SCOPED_TRACE(size);
    if (size > 0) {
      leaves.push_back(core::leaf_hash(unhex(file.at("leaves_hex").at(size - 1))));
      frontier.append(leaves.back());
    }
    EXPECT_EQ(base::to_hex(core::root_of(leaves).view()), roots.at(size));
    EXPECT_EQ(base::to_hex(frontier.root().view()), roots.at(size));
  }
}

TEST(Merkle, HashesOfRfc6962) {
  BESA_VECTORS_OR_SKIP(file, "merkle/rfc6962_roots.json");
  const Json& known = file.at("hasher");
  EXPECT_EQ(base::to_hex(core::empty_root().view()), known.at("empty"));
  EXPECT_EQ(base::to_hex(core::leaf_hash({}).view()), known.at("empty_leaf"));
  EXPECT_EQ(base::to_hex(core::leaf_hash(base::as_bytes("L123456")).view()), known.at("leaf_L123456"));
  // The known node is over two short strings, which our node_hash cannot take: the same steps, by hand.
  const base::Bytes prefix{0x01};
  const Digest node = crypto::sha256_of({prefix, base::as_bytes("N123"), base::as_bytes("N456")});
  EXPECT_EQ(base::to_hex(node.view()), known.at("node_N123_N456"));
}

}  // namespace
}  // namespace besa::vectors
