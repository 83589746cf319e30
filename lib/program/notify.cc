#include "program/notify.h"

#include <systemd/sd-daemon.h>

#include <algorithm>
#include <ctime>

namespace besa::program {
namespace {

// NOTIFY_SOCKET stays in the environment for the next call; started programs are given an environment of their own.
void tell(const std::string& state) { static_cast<void>(::sd_notify(0, state.c_str())); }

}  // namespace

void notify_ready() { tell("READY=1"); }
void notify_stopping() { tell("STOPPING=1"); }

void notify_reloading() {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  const auto microseconds =
      static_cast<std::uint64_t>(t.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(t.tv_nsec) / 1'000;
  tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
}

void notify_status(const std::string& line) {
  std::string one_line = line;
  std::replace(one_line.begin(), one_line.end(), '\n', ' ');
  tell("STATUS=" + one_line);
}

Watchdog::Watchdog() {
  std::uint64_t microseconds = 0;
  if (::sd_watchdog_enabled(1, &microseconds) > 0) interval_ms_ = std::max<std::uint64_t>(1, microseconds / 3'000);
}

void Watchdog::feed(bool alive, std::uint64_t now_ms) {
  if (!wanted() || !alive || now_ms < next_ms_) return;
  next_ms_ = now_ms + interval_ms_;
  tell("WATCHDOG=1");
}

}  // namespace besa::program
