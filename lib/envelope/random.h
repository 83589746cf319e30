// Where randomness comes from: handed in, so that a simulation can replay it. Programs hand in the system's.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

namespace besa::envelope {

// Fills the span. Every byte that seals anything comes from here: give crypto::random_bytes outside of tests.
using RandomSource = std::function<void(std::span<std::uint8_t>)>;

template <class Id>
Id draw(const RandomSource& random) {
  Id id;
  random(id.bytes);
  return id;
}

}  // namespace besa::envelope
