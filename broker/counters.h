// What the broker counts since its start, for log lines and metrics. Any thread writes and reads.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "core/codes.h"
#include "wire/wire_error.h"

namespace besa::broker {

using Count = std::atomic<std::uint64_t>;

// Entries by type and by the reason of a refusal (none: accepted), once they are durable.
class EntryCounts {
 public:
  using Kind = std::pair<core::StatementType, core::Reason>;
  void count(const std::vector<Kind>& entries) {
    const std::scoped_lock lock(mutex_);
    for (const Kind& kind : entries) ++counts_[kind];
  }
  std::map<Kind, std::uint64_t> get() const {
    const std::scoped_lock lock(mutex_);
    return counts_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<Kind, std::uint64_t> counts_;  // bounded by the lists of types and reasons
};

struct Counters {
  EntryCounts entries;
  Count repeated{0};         // receipts given again
  Count not_logged{0};       // refusals of suspended members over the limit
  Count answers_overdue{0};  // referrals whose recipient let the time for an answer pass
  Count withdrawal_answers_overdue{0};
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
