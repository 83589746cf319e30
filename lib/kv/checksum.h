// A fast 64-bit checksum against disk faults. It is no defence against an attacker: what must not be forged is bound by
// SHA-256 in the tree.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace besa::kv {

// XXH3, 64 bits, with a seed. Sums of different places get different seeds, so that bytes which turn up at a wrong
// place do not verify. Cost: about 10 GB/s.
std::uint64_t checksum(std::uint64_t seed, base::ByteView bytes);

}  // namespace besa::kv
