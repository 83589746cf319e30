#include "broker/clock_guard.h"

#include "base/check.h"

namespace besa::broker {
namespace {

using base::Timestamp;

std::uint64_t distance(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : b - a; }

}  // namespace

ClockGuard::ClockGuard(const program::Clock& clock, Timestamp last_entry, bool confirmed)
    : clock_(clock), last_wall_(clock.now()), last_boot_(clock.since_boot()) {
  if (confirmed) return;
  // Less than a step behind is what time servers correct; the log's time stands still for that long.
  if (last_wall_ + kStep < last_entry) trouble_ = Trouble::behind_log;
  if (last_wall_ > last_entry + kAbsence) trouble_ = Trouble::long_after_log;
}

std::optional<Timestamp> ClockGuard::now() {
  const Timestamp wall = clock_.now();
  const base::Duration boot = clock_.since_boot();
  const std::uint64_t expected = last_wall_.ms + (boot.ms - last_boot_.ms);
  if (trouble_ == Trouble::none && distance(wall.ms, expected) > kStep.ms) trouble_ = Trouble::stepped;
  last_wall_ = wall;
  last_boot_ = boot;
  if (trouble_ != Trouble::none) return std::nullopt;
  return wall;
}

std::string_view to_string(ClockGuard::Trouble trouble) {
  switch (trouble) {
    case ClockGuard::Trouble::none: return "none";
    case ClockGuard::Trouble::behind_log: return "behind_log";
    case ClockGuard::Trouble::long_after_log: return "long_after_log";
    case ClockGuard::Trouble::stepped: return "stepped";
  }
  BESA_CHECK(false);
}

}  // namespace besa::broker
