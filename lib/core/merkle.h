// The Merkle tree of RFC 6962 and RFC 9162: roots, inclusion proofs and consistency proofs.
//
// Words: a *leaf hash* is the hash of a leaf's bytes; a *node* is named by (level, index), where level 0 are the leaf
// hashes and node (level, index) covers the 2^level leaves from index * 2^level on. Only *perfect* nodes, all of whose
// leaves exist, are stored: they never change. The ragged right edge is computed when it is needed.
//
// The same functions serve the log, bundles of statements, rows and the chunks of a section.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace besa::core {

// Lowest hash first, as the RFCs list them. At most 64 for inclusion, 65 for consistency.
using Proof = std::vector<base::Digest>;

// Gives the hash of a perfect node that exists in the tree. Called O(log size) times for each proof. Errors pass
// through.
using NodeSource = std::function<base::Result<base::Digest>(unsigned level, std::uint64_t index)>;

// RFC 9162, section 2.1.1. SHA-256(0x00 | data), SHA-256(0x01 | left | right), SHA-256() of the empty tree.
base::Digest leaf_hash(base::ByteView data);
base::Digest node_hash(const base::Digest& left, const base::Digest& right);
base::Digest empty_root();

// --- A small tree that lies in memory ---

// The root over these leaf hashes. No leaves give empty_root(). Cost: one hash for each leaf.
base::Digest root_of(std::span<const base::Digest> leaf_hashes);
// `index` < number of leaves, and `size1` <= number of leaves: anything else is a programmer error.
Proof inclusion_proof(std::uint64_t index, std::span<const base::Digest> leaf_hashes);
Proof consistency_proof(base::TreeSize size1, std::span<const base::Digest> leaf_hashes);

// --- A stored tree ---

// The root of the first `size` leaves.
[[nodiscard]] base::Result<base::Digest> root_at(base::TreeSize size, const NodeSource& source);
// RFC 9162, section 2.1.3.1. `not_found` if index >= size.
[[nodiscard]] base::Result<Proof> inclusion_proof(std::uint64_t index, base::TreeSize size, const NodeSource& source);
// RFC 9162, section 2.1.4.1. `not_found` if size1 > size2. Empty if the sizes are equal or size1 is 0.
[[nodiscard]] base::Result<Proof> consistency_proof(base::TreeSize size1, base::TreeSize size2,
                                                    const NodeSource& source);

// A perfect node that came into being.
struct Node {
  unsigned level = 0;
  std::uint64_t index = 0;
  base::Digest hash;
  friend bool operator==(const Node&, const Node&) = default;
};

// The right edge of a growing tree: the perfect subtrees that the leaves so far fall into, largest first (at most 64).
// Enough to append and to know the root without reading the store.
class Frontier {
 public:
  // The empty tree.
  Frontier() = default;
  // The edge of a stored tree.
  [[nodiscard]] static base::Result<Frontier> load(base::TreeSize size, const NodeSource& source);

  // Appends leaf number size().value and returns the nodes that it completes, level 0 (the leaf) first. The caller
  // stores them. Cost: two hashes on average.
  std::vector<Node> append(const base::Digest& leaf_hash);

  base::TreeSize size() const { return base::TreeSize{size_}; }
  base::Digest root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<base::Digest> edge_;
};

// --- Checking ---

// RFC 9162, section 2.1.3.2, up to the root it leads to: the caller compares or has it signed. `bad_signature` if the
// proof has not exactly the length that index and size ask for, or index >= size.
[[nodiscard]] base::Result<base::Digest> root_from_inclusion(const base::Digest& leaf_hash, std::uint64_t index,
                                                             base::TreeSize size, std::span<const base::Digest> proof);
// The whole of it. `bad_signature` if the leaf is not shown to be under `root`.
[[nodiscard]] base::Status verify_inclusion(const base::Digest& leaf_hash, std::uint64_t index, base::TreeSize size,
                                            std::span<const base::Digest> proof, const base::Digest& root);
// RFC 9162, section 2.1.4.2: the tree of size1 is a beginning of the tree of size2. `bad_signature` otherwise. From
// the empty tree (size1 0, root1 empty_root()) every tree follows, with an empty proof.
[[nodiscard]] base::Status verify_consistency(base::TreeSize size1, base::TreeSize size2, const base::Digest& root1,
                                              const base::Digest& root2, std::span<const base::Digest> proof);

}  // namespace besa::core
