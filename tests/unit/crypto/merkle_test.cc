// The fast algorithms against a textbook: every tree up to 70 leaves, every leaf and every pair of sizes.
#include "core/merkle.h"

#include <gtest/gtest.h>

#include <map>

namespace besa::core {
namespace {

using base::Digest;
using base::ErrorKind;
using base::Result;
using base::TreeSize;
using Leaves = std::span<const Digest>;

constexpr std::size_t kSizes = 70;

std::vector<Digest> make_leaves(std::size_t count) {
  std::vector<Digest> leaves;
  for (std::size_t i = 0; i < count; ++i) {
    base::ByteWriter data;
    data.u64(i);
    leaves.push_back(leaf_hash(data.bytes()));
  }
  return leaves;
}

// --- The textbook: RFC 9162, section 2.1, word for word ---

std::size_t textbook_split(std::size_t n) {
  std::size_t k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

Digest textbook_root(Leaves leaves) {
  if (leaves.empty()) return empty_root();
  if (leaves.size() == 1) return leaves[0];
  const std::size_t k = textbook_split(leaves.size());
  return node_hash(textbook_root(leaves.first(k)), textbook_root(leaves.subspan(k)));
}

Proof textbook_path(std::size_t m, Leaves leaves) {
  if (leaves.size() == 1) return {};
  const std::size_t k = textbook_split(leaves.size());
  Proof proof = m < k ? textbook_path(m, leaves.first(k)) : textbook_path(m - k, leaves.subspan(k));
  proof.push_back(textbook_root(m < k ? leaves.subspan(k) : leaves.first(k)));
  return proof;
}

Proof textbook_subproof(std::size_t m, Leaves leaves, bool complete) {
  if (m == leaves.size()) return complete ? Proof{} : Proof{textbook_root(leaves)};
  const std::size_t k = textbook_split(leaves.size());
  Proof proof =
      m <= k ? textbook_subproof(m, leaves.first(k), complete) : textbook_subproof(m - k, leaves.subspan(k), false);
  proof.push_back(textbook_root(m <= k ? leaves.subspan(k) : leaves.first(k)));
  return proof;
}

// --- A stored tree: what append returned, and nothing else ---

class StoredTree {
 public:
  explicit StoredTree(Leaves leaves) {
    Frontier frontier;
    for (const Digest& leaf : leaves) {
      for (const Node& node : frontier.append(leaf)) {
        EXPECT_TRUE(nodes_.emplace(std::pair(node.level, node.index), node.hash).second) << "a node came twice";
      }
    }
  }
  NodeSource source() const {
    return [this](unsigned level, std::uint64_t index) -> Result<Digest> {
      ++reads_;
      const auto found = nodes_.find({level, index});
      if (found == nodes_.end()) return base::fail(ErrorKind::damaged, "a node that is not perfect was asked for");
      return found->second;
    };
  }
  std::size_t count() const { return nodes_.size(); }
  std::size_t reads() const { return reads_; }

 private:
  std::map<std::pair<unsigned, std::uint64_t>, Digest> nodes_;
  mutable std::size_t reads_ = 0;
};

class MerkleTest : public testing::Test {
 protected:
  const std::vector<Digest> leaves_ = make_leaves(kSizes);
  const StoredTree tree_{leaves_};
  const NodeSource source_ = tree_.source();
  Leaves first(std::size_t n) const { return Leaves(leaves_).first(n); }
  Digest root(std::size_t n) const { return textbook_root(first(n)); }
};

TEST_F(MerkleTest, Roots) {
  Frontier frontier;
  for (std::size_t n = 0; n <= kSizes; ++n) {
    const Digest expected = root(n);
    EXPECT_EQ(root_of(first(n)), expected) << n;
    EXPECT_EQ(root_at(TreeSize{n}, source_).value(), expected) << n;
    EXPECT_EQ(Frontier::load(TreeSize{n}, source_).value().root(), expected) << n;
    EXPECT_EQ(frontier.root(), expected) << n;
    EXPECT_EQ(frontier.size(), TreeSize{n});
    if (n < kSizes) frontier.append(leaves_[n]);
  }
}

TEST_F(MerkleTest, AppendNamesEachPerfectNodeOnce) {
  std::size_t expected = 0;
  for (std::size_t width = 1; width <= kSizes; width *= 2) expected += kSizes / width;
  EXPECT_EQ(tree_.count(), expected);
}

TEST_F(MerkleTest, LoadedFrontierGoesOn) {
  for (std::size_t n = 0; n < kSizes; ++n) {
    Frontier loaded = Frontier::load(TreeSize{n}, source_).value();
    const auto nodes = loaded.append(leaves_[n]);
    EXPECT_EQ(nodes.front(), (Node{0, n, leaves_[n]}));
    for (const Node& node : nodes) EXPECT_EQ(source_(node.level, node.index).value(), node.hash);
    EXPECT_EQ(loaded.root(), root(n + 1));
  }
}

TEST_F(MerkleTest, InclusionProofs) {
  for (std::size_t n = 1; n <= kSizes; ++n) {
    const Digest expected = root(n);
    for (std::size_t index = 0; index < n; ++index) {
      const Proof proof = textbook_path(index, first(n));
      EXPECT_EQ(inclusion_proof(index, TreeSize{n}, source_).value(), proof) << index << " of " << n;
      EXPECT_EQ(inclusion_proof(index, first(n)), proof) << index << " of " << n;
      EXPECT_EQ(root_from_inclusion(leaves_[index], index, TreeSize{n}, proof).value(), expected);
    }
  }
}

TEST_F(MerkleTest, ConsistencyProofs) {
  for (std::size_t n = 1; n <= kSizes; ++n) {
    for (std::size_t m = 1; m <= n; ++m) {
      const Proof proof = textbook_subproof(m, first(n), true);
      EXPECT_EQ(consistency_proof(TreeSize{m}, TreeSize{n}, source_).value(), proof) << m << " to " << n;
      EXPECT_EQ(consistency_proof(TreeSize{m}, first(n)), proof) << m << " to " << n;
      EXPECT_TRUE(verify_consistency(TreeSize{m}, TreeSize{n}, root(m), root(n), proof)) << m << " to " << n;
    }
  }
}

TEST_F(MerkleTest, ProofsReadFewNodes) {
  const std::size_t before = tree_.reads();
  ASSERT_TRUE(inclusion_proof(13, TreeSize{kSizes}, source_).has_value());
  EXPECT_LE(tree_.reads() - before, 14U);  // twice the height
}

TEST_F(MerkleTest, WrongInclusionIsRefused) {
  for (std::size_t n = 1; n <= 17; ++n) {
    for (std::size_t index = 0; index < n; ++index) {
      const Proof proof = textbook_path(index, first(n));
      const auto refused = [&](const Digest& leaf, std::size_t at, std::size_t size, const Proof& p) {
        const auto status = verify_inclusion(leaf, at, TreeSize{size}, p, root(n));
        return !status && status.error().kind == ErrorKind::bad_signature;
      };
      Proof longer = proof;
      longer.push_back(root(n));
      EXPECT_TRUE(refused(leaves_[index], index, n, longer));
      EXPECT_TRUE(refused(leaves_[n], index, n, proof));
      EXPECT_TRUE(refused(leaves_[index], n, n, proof));
      for (std::size_t i = 0; i < proof.size(); ++i) {
        Proof changed = proof;
        changed[i].bytes[i % 32] ^= 1;
        EXPECT_TRUE(refused(leaves_[index], index, n, changed));
        EXPECT_TRUE(refused(leaves_[index], index, n, Proof(proof.begin(), proof.begin() + static_cast<long>(i))));
      }
      for (std::size_t other = 0; other < n; ++other) {
        if (other == index) continue;
        EXPECT_TRUE(refused(leaves_[index], other, n, proof)) << index << other << n;
      }
    }
  }
}

TEST_F(MerkleTest, WrongConsistencyIsRefused) {
  for (std::size_t n = 1; n <= 17; ++n) {
    for (std::size_t m = 1; m < n; ++m) {
      const Proof proof = textbook_subproof(m, first(n), true);
      const auto refused = [&](std::size_t from, std::size_t to, const Digest& r1, const Digest& r2, const Proof& p) {
        const auto status = verify_consistency(TreeSize{from}, TreeSize{to}, r1, r2, p);
        return !status && status.error().kind == ErrorKind::bad_signature;
      };
      Proof longer = proof;
      longer.push_back(root(m));
      EXPECT_TRUE(refused(m, n, root(m), root(n), longer));
      EXPECT_TRUE(refused(m, n, root(n), root(m), proof));
      EXPECT_TRUE(refused(m, n, root(m), root(n + 1), proof));
      EXPECT_TRUE(refused(m, n, root(m - 1), root(n), proof));
      EXPECT_TRUE(refused(n, m, root(n), root(m), proof));
      for (std::size_t i = 0; i < proof.size(); ++i) {
        Proof changed = proof;
        changed[i].bytes[i % 32] ^= 1;
        EXPECT_TRUE(refused(m, n, root(m), root(n), changed));
        EXPECT_TRUE(refused(m, n, root(m), root(n), Proof(proof.begin(), proof.begin() + static_cast<long>(i))));
      }
    }
  }
}

TEST_F(MerkleTest, EveryTreeFollowsTheEmptyOne) {
  for (std::size_t n = 0; n <= 9; ++n) {
    EXPECT_TRUE(consistency_proof(TreeSize{0}, TreeSize{n}, source_).value().empty());
    EXPECT_TRUE(verify_consistency(TreeSize{0}, TreeSize{n}, empty_root(), root(n), {}).has_value());
    EXPECT_FALSE(verify_consistency(TreeSize{0}, TreeSize{n}, root(1), root(n), {}).has_value());
  }
  EXPECT_FALSE(verify_consistency(TreeSize{0}, TreeSize{0}, empty_root(), root(1), {}).has_value());
}

TEST_F(MerkleTest, SameSizeOtherRootIsRefused) {
  EXPECT_TRUE(verify_consistency(TreeSize{5}, TreeSize{5}, root(5), root(5), {}).has_value());
  EXPECT_FALSE(verify_consistency(TreeSize{5}, TreeSize{5}, root(5), root(6), {}).has_value());
}

TEST_F(MerkleTest, OutsideOfTheTreeThereIsNoProof) {
  EXPECT_EQ(inclusion_proof(5, TreeSize{5}, source_).error().kind, ErrorKind::not_found);
  EXPECT_EQ(inclusion_proof(0, TreeSize{0}, source_).error().kind, ErrorKind::not_found);
  EXPECT_EQ(consistency_proof(TreeSize{6}, TreeSize{5}, source_).error().kind, ErrorKind::not_found);
}

TEST_F(MerkleTest, ErrorsOfTheSourcePassThrough) {
  const NodeSource broken = [](unsigned, std::uint64_t) -> Result<Digest> {
    return base::fail(ErrorKind::damaged, "a record is damaged");
  };
  EXPECT_EQ(root_at(TreeSize{7}, broken).error().kind, ErrorKind::damaged);
  EXPECT_EQ(inclusion_proof(0, TreeSize{7}, broken).error().kind, ErrorKind::damaged);
  EXPECT_EQ(consistency_proof(TreeSize{3}, TreeSize{7}, broken).error().kind, ErrorKind::damaged);
  EXPECT_EQ(Frontier::load(TreeSize{7}, broken).error().kind, ErrorKind::damaged);
}

// No arithmetic wraps at the largest sizes.
TEST_F(MerkleTest, LargestSizes) {
  const NodeSource same = [&](unsigned, std::uint64_t) -> Result<Digest> { return leaves_[0]; };
  const TreeSize largest{UINT64_MAX};
  ASSERT_TRUE(root_at(largest, same).has_value());
  const auto proof = inclusion_proof(UINT64_MAX - 1, largest, same);
  ASSERT_TRUE(proof.has_value());
  EXPECT_EQ(proof->size(), 63U);
  EXPECT_TRUE(root_from_inclusion(leaves_[0], UINT64_MAX - 1, largest, *proof).has_value());
  EXPECT_TRUE(consistency_proof(TreeSize{UINT64_MAX - 1}, largest, same).has_value());
  EXPECT_FALSE(verify_consistency(TreeSize{1}, largest, leaves_[0], leaves_[0], *proof).has_value());
  EXPECT_FALSE(root_from_inclusion(leaves_[0], UINT64_MAX, largest, *proof).has_value());
}

}  // namespace
}  // namespace besa::core
