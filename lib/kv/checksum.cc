#include "kv/checksum.h"

#include <xxhash.h>

namespace besa::kv {

std::uint64_t checksum(std::uint64_t seed, base::ByteView bytes) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

}  // namespace besa::kv
