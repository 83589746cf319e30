// How many codes of persons one member may look up: base::limits::kLookupsPerHour. In memory only; a restart forgets.
#pragma once

#include <map>
#include <mutex>

#include "base/ids.h"
#include "base/limits.h"

namespace besa::broker {

// Any thread.
class LookupLimiter {
 public:
  // 0: it may. Otherwise it may not, and how long until it may again. An hour begins with the first lookup after the
  // last one ended.
  std::uint32_t wait_ms(const base::MemberId& member, base::Timestamp now) {
    const std::scoped_lock lock(mutex_);
    Window& window = windows_[member];
    if (window.lookups == 0 || now >= window.from + kHour) window = {now, 0};
    if (window.lookups >= base::limits::kLookupsPerHour) {
      return static_cast<std::uint32_t>((window.from + kHour).ms - now.ms);
    }
    ++window.lookups;
    return 0;
  }

 private:
  static constexpr base::Duration kHour = base::hours(1);
  struct Window {
    base::Timestamp from;
    std::uint32_t lookups = 0;
  };
  std::mutex mutex_;
  std::map<base::MemberId, Window> windows_;  // one a member that ever was in force: enrolment bounds it
};

}  // namespace besa::broker
