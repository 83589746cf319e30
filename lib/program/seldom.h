// What may happen hundreds of times a second and is worth one line: said at the first, then once a minute, with how
// often it happened. Any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

#include "base/ids.h"

namespace besa::program {

class Seldom {
 public:
  // It happened. How often since it was last said, if it is to be said now; nothing if not.
  std::optional<std::uint64_t> happened(base::Timestamp now) {
    const std::scoped_lock lock(mutex_);
    ++count_;
    const bool back = said_ && now < *said_;  // the clock was set back
    if (said_ && !back && now < *said_ + kSayEvery) return std::nullopt;
    said_ = now;
    return std::exchange(count_, 0);
  }

 private:
  static constexpr base::Duration kSayEvery = base::minutes(1);
  std::mutex mutex_;
  std::uint64_t count_ = 0;
  std::optional<base::Timestamp> said_;
};

}  // namespace besa::program
