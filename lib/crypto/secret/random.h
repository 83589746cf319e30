// Random bytes from the operating system.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/ids.h"
#include "crypto/secret/secret_bytes.h"

namespace besa::crypto {

// Fills `out` with bytes nobody can guess. Cannot fail: a system without random numbers ends the process.
void random_bytes(std::span<std::uint8_t> out);

// 64 of them as a number, for jitter and the like.
std::uint64_t random_bits();

// A fresh secret of `size` bytes.
SecretBytes random_secret(std::size_t size);

// A fresh id of any FixedBytes type: random_id<base::MemberId>().
template <class Id>
Id random_id() {
  Id id;
  random_bytes(id.bytes);
  return id;
}

inline base::Salt random_salt() { return random_id<base::Salt>(); }

}  // namespace besa::crypto
