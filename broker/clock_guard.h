// The time that goes into the log. A wall clock that somebody sets, or that comes back wrong after a start, must not
// move the log's time: then nothing is appended until an administrator has looked at the clock and started again.
//
// Thread: the sequencer's.
#pragma once

#include <optional>
#include <string_view>

#include "program/clock.h"

namespace besa::broker {

class ClockGuard {
 public:
  static constexpr base::Duration kStep = base::minutes(1);  // what the wall clock may jump against the one since boot
  static constexpr base::Duration kAbsence = base::days(1);  // how far past the last entry a start may lie

  enum class Trouble { none, behind_log, long_after_log, stepped };

  // `last_entry`: the log's time. `confirmed`: an administrator has checked the clock; only later steps matter.
  ClockGuard(const program::Clock& clock, base::Timestamp last_entry, bool confirmed);

  // The time now, or nothing if the clock is in trouble (for good).
  std::optional<base::Timestamp> now();
  Trouble trouble() const { return trouble_; }

 private:
  const program::Clock& clock_;
  base::Timestamp last_wall_;
  base::Duration last_boot_;
  Trouble trouble_ = Trouble::none;
};

std::string_view to_string(ClockGuard::Trouble trouble);

}  // namespace besa::broker
