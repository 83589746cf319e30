// How long somebody who typed a command waits: the command for its node, the node for its broker.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace besa::node {

inline constexpr std::uint32_t kCommandWaitsMs = 30'000;  // for the whole answer of the node
// For the worker to come to what the command asks of the broker. What has begun ends by itself: the rest of the time is
// one request to the broker, and the derivation of a key.
inline constexpr std::uint32_t kNodeWaitsMs = 15'000;

// One deadline for all that a command waits for, however many waits that are.
class Patience {
 public:
  explicit Patience(std::uint32_t all_ms) : until_(Clock::now() + std::chrono::milliseconds(all_ms)) {}
  std::uint32_t left_ms() const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until_ - Clock::now()).count();
    return static_cast<std::uint32_t>(std::max<std::int64_t>(left, 0));
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point until_;
};

}  // namespace besa::node
