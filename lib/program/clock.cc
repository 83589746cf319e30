#include "program/clock.h"

#include <ctime>

namespace besa::program {
namespace {

std::uint64_t read_ms(clockid_t id) {
  timespec t{};
  ::clock_gettime(id, &t);
  return static_cast<std::uint64_t>(t.tv_sec) * 1'000 + static_cast<std::uint64_t>(t.tv_nsec) / 1'000'000;
}

}  // namespace

base::Timestamp SystemClock::now() const { return {read_ms(CLOCK_REALTIME)}; }
base::Duration SystemClock::since_boot() const { return {read_ms(CLOCK_BOOTTIME)}; }

}  // namespace besa::program
