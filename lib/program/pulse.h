// Whether a thread still moves, for the watchdog and for /healthz. The thread says so, anybody asks.
#pragma once

#include <atomic>
#include <cstdint>

namespace besa::program {

class Pulse {
 public:
  // At every turn of a loop, and at the start of a piece of work. `now_ms`: a clock that never falls.
  void beat(std::uint64_t now_ms) { since_ms_ = now_ms + 1; }
  // Waits for work, for as long as it may take.
  void rest() { since_ms_ = 0; }
  // Neither at rest nor silent for `limit_ms`.
  bool stands_still(std::uint64_t now_ms, std::uint64_t limit_ms) const {
    const std::uint64_t since = since_ms_;
    return since != 0 && now_ms + 1 > since + limit_ms;
  }

 private:
  std::atomic<std::uint64_t> since_ms_{0};  // 0: at rest
};

}  // namespace besa::program
