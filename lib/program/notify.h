// Tells the service manager how the program stands. Without one (no NOTIFY_SOCKET) nothing happens.
// Source: sd_notify(3), sd_watchdog_enabled(3).
#pragma once

#include <cstdint>
#include <string>

namespace besa::program {

// Requests are served from now on.
void notify_ready();
// A clean end has begun.
void notify_stopping();
// The configuration is being read again; `notify_ready` ends it.
void notify_reloading();
// One line for `systemctl status`, of our own words and numbers: anybody on the machine can read it.
void notify_status(const std::string& line);

// The service manager ends a program whose watchdog is not fed in time.
class Watchdog {
 public:
  // Reads what the service manager wants (WATCHDOG_USEC) and takes it out of the environment, so that no program
  // started from here speaks in our name.
  Watchdog();
  bool wanted() const { return interval_ms_ != 0; }
  // Call it all the time with the truth: it is fed only while `alive`, and not more often than needed. `now_ms` is a
  // clock that never falls.
  void feed(bool alive, std::uint64_t now_ms);

 private:
  std::uint64_t interval_ms_ = 0;  // a third of what is wanted; 0: nothing is
  std::uint64_t next_ms_ = 0;
};

}  // namespace besa::program
