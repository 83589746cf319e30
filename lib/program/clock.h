// Time as an argument: programs hold a Clock and pass `now` down. Tests hold a FakeClock.
#pragma once

#include "base/ids.h"

namespace besa::program {

class Clock {
 public:
  virtual ~Clock() = default;
  // The wall clock, which somebody may set.
  virtual base::Timestamp now() const = 0;
  // Since boot, sleep included; never set, never falls.
  virtual base::Duration since_boot() const = 0;
};

class SystemClock final : public Clock {
 public:
  base::Timestamp now() const override;
  base::Duration since_boot() const override;
};

// Stands still until told otherwise. Not thread-safe.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(base::Timestamp start) : now_(start) {}
  base::Timestamp now() const override { return now_; }
  base::Duration since_boot() const override { return boot_; }
  // Time passes: both clocks move.
  void pass(base::Duration d) {
    now_ = now_ + d;
    boot_.ms += d.ms;
  }
  // Somebody sets the wall clock.
  void set(base::Timestamp t) { now_ = t; }

 private:
  base::Timestamp now_;
  base::Duration boot_{1'000'000};
};

}  // namespace besa::program
