// The time that goes into the log. A wall clock that somebody sets, or that comes back wrong after a start, must not
// move the log's time: then nothing is appended until an administrator has looked at the clock and started again.
// Steps are counted together over a day, since many small ones move the time as far as one large one; the clock since
// boot runs through every correction that a time service makes without a step.
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

  enum class Trouble { none, behind_log, long_after_log, stepped };  // also as they are kept in a file

  // `last_entry`: the log's time. `stepped`: it did in an earlier run, and nobody has confirmed it since.
  // A start at most a step behind the log is no trouble: it waits until the clock no longer lies behind.
  ClockGuard(const program::Clock& clock, base::Timestamp last_entry, bool stepped);

  // The time now, or nothing if the clock is in trouble (for good) or has to catch up with the log first.
  std::optional<base::Timestamp> now();
  Trouble trouble() const { return trouble_; }
  // An administrator has checked the clock: only later steps matter.
  void confirm();

 private:
  const program::Clock& clock_;
  base::Timestamp wall_;  // both clocks at one moment of the last day, against which steps are seen
  base::Duration boot_;
  base::Timestamp not_before_;
  Trouble trouble_ = Trouble::none;
};

std::string_view to_string(ClockGuard::Trouble trouble);

}  // namespace besa::broker
