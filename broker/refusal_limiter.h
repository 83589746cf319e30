// How many refusals of one suspended or removed member become entries: 16 an hour. In memory only; a restart forgets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "base/ids.h"

namespace besa::broker {

class RefusalLimiter {
 public:
  static constexpr std::uint32_t kPerHour = 16;

  // False: count it, write no entry. An hour begins with the first refusal after the last one ended.
  bool allow(const base::MemberId& member, base::Timestamp now) {
    Window& window = windows_[member];
    if (window.refusals == 0 || now >= window.from + base::hours(1)) window = {now, 0};
    if (window.refusals >= kPerHour) return false;
    ++window.refusals;
    return true;
  }

 private:
  struct Window {
    base::Timestamp from;
    std::uint32_t refusals = 0;
  };
  std::map<base::MemberId, Window> windows_;  // one a member that ever was suspended: enrolment bounds it
};

}  // namespace besa::broker
