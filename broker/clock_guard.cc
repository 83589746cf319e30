#include "broker/clock_guard.h"

#include "base/check.h"

namespace besa::broker {
namespace {

using base::Timestamp;

std::uint64_t distance(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : b - a; }

}  // namespace

ClockGuard::ClockGuard(const program::Clock& clock, Timestamp last_entry, bool stepped)
    : clock_(clock), wall_(clock.now()), boot_(clock.since_boot()) {
  if (stepped) trouble_ = Trouble::stepped;
  if (wall_ + kStep < last_entry) trouble_ = Trouble::behind_log;
  if (wall_ > last_entry + kAbsence) trouble_ = Trouble::long_after_log;
  not_before_ = last_entry;
}

void ClockGuard::confirm() {
  trouble_ = Trouble::none;
  not_before_ = {};
  wall_ = clock_.now();
  boot_ = clock_.since_boot();
}

std::optional<Timestamp> ClockGuard::now() {
  const Timestamp wall = clock_.now();
  const base::Duration boot = clock_.since_boot();
  const std::uint64_t expected = wall_.ms + (boot.ms - boot_.ms);
  if (trouble_ == Trouble::none && distance(wall.ms, expected) > kStep.ms) trouble_ = Trouble::stepped;
  if (trouble_ != Trouble::none) return std::nullopt;
  if (boot.ms - boot_.ms >= base::days(1).ms) {
    wall_ = wall;
    boot_ = boot;
  }
  if (wall < not_before_) return std::nullopt;
  not_before_ = {};  // from now on the core keeps the time from falling
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
