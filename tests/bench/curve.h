// Frames over CURVE on loopback, with libzmq alone: a router that answers, and a dealer that asks, one at a time.
#pragma once

#include <cstddef>

namespace besa::bench {

struct Exchanged {
  double passed_us = 0;  // median of one exchange
  double cpu_us = 0;     // mean of one exchange, both ends
};

// In a process of its own, since libzmq's threads live there.
Exchanged measure_curve(std::size_t request_bytes, std::size_t reply_bytes, int times);

}  // namespace besa::bench
