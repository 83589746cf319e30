// What the broker counts since its start, for log lines and metrics. Any thread writes and reads.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "wire/wire_error.h"

namespace besa::broker {

using Count = std::atomic<std::uint64_t>;

struct Counters {
  Count accepted{0};  // entries of members and administrators
  Count refused{0};
  Count repeated{0};    // receipts given again
  Count not_logged{0};  // refusals of suspended members over the limit
  Count hand_outs{0};   // entries
  Count withholds{0};
  Count ticks{0};
  Count batches{0};
  Count failed_batches{0};
  Count requests{0};     // read by a worker
  Count turned_away{0};  // busy at the door
  Count lookups{0};      // of a person's code, found or not
  Count lookups_turned_away{0};

  void count(wire::WireError error) {
    const auto number = static_cast<std::size_t>(error);
    if (number < errors_.size()) errors_[number].fetch_add(1, std::memory_order_relaxed);
  }
  std::uint64_t of(wire::WireError error) const { return errors_[static_cast<std::size_t>(error)].load(); }

 private:
  std::array<Count, 32> errors_{};
};

}  // namespace besa::broker
