#include "core/merkle.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "base/check.h"
#include "crypto/verify/hash.h"

namespace besa::core {
namespace {

using base::Digest;
using base::Result;

constexpr std::array<std::uint8_t, 1> kLeafPrefix{0x00};
constexpr std::array<std::uint8_t, 1> kNodePrefix{0x01};

unsigned level_of(std::uint64_t perfect_size) { return static_cast<unsigned>(std::countr_zero(perfect_size)); }

// The largest power of two below n, for n > 1: where the RFC splits a tree.
std::uint64_t split(std::uint64_t n) { return std::bit_floor(n - 1); }

// The root over the leaves [start, start + size), size > 0, where start is a multiple of the power of two that is not
// less than size: such a range falls into perfect nodes, one for each bit of size.
Result<Digest> range_root(std::uint64_t start, std::uint64_t size, const NodeSource& source) {
  std::uint64_t end = start + size;
  std::uint64_t left = size;
  Digest root;
  bool first = true;
  while (left != 0) {
    const std::uint64_t smallest = std::uint64_t{1} << level_of(left);
    end -= smallest;
    BESA_ASSIGN(const Digest node, source(level_of(smallest), end >> level_of(smallest)));
    root = first ? node : node_hash(node, root);
    first = false;
    left -= smallest;
  }
  return root;
}

// Perfect nodes of leaves that lie in memory, computed anew at each call.
NodeSource source_over(std::span<const Digest> leaf_hashes) {
  return [leaf_hashes](unsigned level, std::uint64_t index) -> Result<Digest> {
    return root_of(leaf_hashes.subspan(index << level, std::size_t{1} << level));
  };
}

base::Status bad(const char* message) { return base::fail(base::ErrorKind::bad_signature, message); }

}  // namespace

Digest leaf_hash(base::ByteView data) { return crypto::sha256_of({kLeafPrefix, data}); }

Digest node_hash(const Digest& left, const Digest& right) {
  return crypto::sha256_of({kNodePrefix, left.view(), right.view()});
}

Digest empty_root() { return crypto::sha256({}); }

Digest root_of(std::span<const Digest> leaf_hashes) {
  Frontier frontier;
  for (const Digest& leaf : leaf_hashes) frontier.append(leaf);
  return frontier.root();
}

Proof inclusion_proof(std::uint64_t index, std::span<const Digest> leaf_hashes) {
  auto proof = inclusion_proof(index, base::TreeSize{leaf_hashes.size()}, source_over(leaf_hashes));
  BESA_CHECK(proof.has_value());
  return std::move(*proof);
}

Proof consistency_proof(base::TreeSize size1, std::span<const Digest> leaf_hashes) {
  auto proof = consistency_proof(size1, base::TreeSize{leaf_hashes.size()}, source_over(leaf_hashes));
  BESA_CHECK(proof.has_value());
  return std::move(*proof);
}

Result<Digest> root_at(base::TreeSize size, const NodeSource& source) {
  if (size.value == 0) return empty_root();
  return range_root(0, size.value, source);
}

Result<Proof> inclusion_proof(std::uint64_t index, base::TreeSize size, const NodeSource& source) {
  if (index >= size.value) {
    return base::fail(base::ErrorKind::not_found, "no inclusion proof: the leaf is not in a tree of this size");
  }
  // PATH(m, D[n]) of RFC 9162, walked from the root down; the proof lists the lowest hash first.
  Proof proof;
  std::uint64_t start = 0;
  std::uint64_t n = size.value;
  while (n > 1) {
    const std::uint64_t k = split(n);
    if (index - start < k) {
      BESA_ASSIGN(const Digest right, range_root(start + k, n - k, source));
      proof.push_back(right);
      n = k;
    } else {
      BESA_ASSIGN(const Digest left, range_root(start, k, source));
      proof.push_back(left);
      start += k;
      n -= k;
    }
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

Result<Proof> consistency_proof(base::TreeSize size1, base::TreeSize size2, const NodeSource& source) {
  if (size1.value > size2.value) {
    return base::fail(base::ErrorKind::not_found, "no consistency proof: the first tree is larger than the second");
  }
  Proof proof;
  if (size1.value == 0) return proof;
  // SUBPROOF(m, D[n], b) of RFC 9162, walked from the root down; the proof lists the lowest hash first.
  std::uint64_t start = 0;
  std::uint64_t m = size1.value;
  std::uint64_t n = size2.value;
  bool complete = true;  // b: the subtree so far is one the verifier knows as its old root
  while (m != n) {
    const std::uint64_t k = split(n);
    if (m <= k) {
      BESA_ASSIGN(const Digest right, range_root(start + k, n - k, source));
      proof.push_back(right);
      n = k;
    } else {
      BESA_ASSIGN(const Digest left, range_root(start, k, source));
      proof.push_back(left);
      start += k;
      m -= k;
      n -= k;
      complete = false;
    }
  }
  if (!complete) {
    BESA_ASSIGN(const Digest middle, range_root(start, n, source));
    proof.push_back(middle);
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

Result<Frontier> Frontier::load(base::TreeSize size, const NodeSource& source) {
  Frontier frontier;
  std::uint64_t start = 0;
  while (start != size.value) {
    const std::uint64_t largest = std::bit_floor(size.value - start);
    BESA_ASSIGN(const Digest node, source(level_of(largest), start >> level_of(largest)));
    frontier.edge_.push_back(node);
    start += largest;
  }
  frontier.size_ = size.value;
  return frontier;
}

std::vector<Node> Frontier::append(const Digest& leaf_hash) {
  BESA_CHECK(size_ != UINT64_MAX);
  std::vector<Node> nodes{Node{0, size_, leaf_hash}};
  // Each low one bit of the old size is a perfect left neighbour that now gets its parent.
  for (std::uint64_t rest = size_; (rest & 1U) != 0; rest >>= 1U) {
    const Node& last = nodes.back();
    nodes.push_back(Node{last.level + 1, last.index >> 1U, node_hash(edge_.back(), last.hash)});
    edge_.pop_back();
  }
  edge_.push_back(nodes.back().hash);
  ++size_;
  return nodes;
}

Digest Frontier::root() const {
  if (edge_.empty()) return empty_root();
  Digest root = edge_.back();
  for (auto node = edge_.rbegin() + 1; node != edge_.rend(); ++node) root = node_hash(*node, root);
  return root;
}

Result<Digest> root_from_inclusion(const Digest& leaf_hash, std::uint64_t index, base::TreeSize size,
                                   std::span<const Digest> proof) {
  // RFC 9162, section 2.1.3.2; the numbers are its steps.
  // 1. The leaf must be in the tree.
  if (index >= size.value) {
    return base::fail(base::ErrorKind::bad_signature, "an inclusion proof is for a leaf outside of the tree");
  }
  // 2. and 3.
  std::uint64_t fn = index;
  std::uint64_t sn = size.value - 1;
  Digest root = leaf_hash;
  // 4.
  for (const Digest& sibling : proof) {
    if (sn == 0) return base::fail(base::ErrorKind::bad_signature, "an inclusion proof is too long");
    if ((fn & 1U) != 0 || fn == sn) {
      root = node_hash(sibling, root);
      while ((fn & 1U) == 0 && fn != 0) {
        fn >>= 1U;
        sn >>= 1U;
      }
    } else {
      root = node_hash(root, sibling);
    }
    fn >>= 1U;
    sn >>= 1U;
  }
  // 5., its first half.
  if (sn != 0) return base::fail(base::ErrorKind::bad_signature, "an inclusion proof is too short");
  return root;
}

base::Status verify_inclusion(const Digest& leaf_hash, std::uint64_t index, base::TreeSize size,
                              std::span<const Digest> proof, const Digest& root) {
  BESA_ASSIGN(const Digest shown, root_from_inclusion(leaf_hash, index, size, proof));
  // 5., its second half.
  if (shown != root) return bad("an inclusion proof leads to another root");
  return {};
}

base::Status verify_consistency(base::TreeSize size1, base::TreeSize size2, const Digest& root1, const Digest& root2,
                                std::span<const Digest> proof) {
  if (size1.value > size2.value) return bad("a consistency proof is for a tree that shrinks");
  if (size1.value == size2.value || size1.value == 0) {
    if (!proof.empty()) return bad("a consistency proof is too long");
    const bool same = size1.value != size2.value || root1 == root2;
    const bool begins = size1.value != 0 || root1 == empty_root();
    if (!same || !begins) return bad("a consistency proof leads to another root");
    return {};
  }
  // RFC 9162, section 2.1.4.2; the numbers are its steps.
  // 1. and 2. If the first tree is perfect, its root stands before the proof.
  const bool perfect = std::has_single_bit(size1.value);
  if (proof.empty()) return bad("a consistency proof is too short");
  const Digest& begin = perfect ? root1 : proof.front();
  // 3. and 4.
  std::uint64_t fn = size1.value - 1;
  std::uint64_t sn = size2.value - 1;
  while ((fn & 1U) != 0) {
    fn >>= 1U;
    sn >>= 1U;
  }
  // 5. and 6.
  Digest first = begin;
  Digest second = begin;
  for (const Digest& node : proof.subspan(perfect ? 0 : 1)) {
    if (sn == 0) return bad("a consistency proof is too long");
    if ((fn & 1U) != 0 || fn == sn) {
      first = node_hash(node, first);
      second = node_hash(node, second);
      while ((fn & 1U) == 0 && fn != 0) {
        fn >>= 1U;
        sn >>= 1U;
      }
    } else {
      second = node_hash(second, node);
    }
    fn >>= 1U;
    sn >>= 1U;
  }
  // 7.
  if (sn != 0) return bad("a consistency proof is too short");
  if (first != root1 || second != root2) return bad("a consistency proof leads to another root");
  return {};
}

}  // namespace besa::core
