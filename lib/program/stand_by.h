// What a daemon does between its start and its end: it tells the service manager how it stands, feeds the watchdog, and
// takes a new log level at SIGHUP.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "program/clock.h"
#include "program/log.h"
#include "program/monitor.h"
#include "program/signals.h"

namespace besa::program {

struct Standing {
  std::function<std::string()> ill;        // which thread stands still; empty while all move
  std::function<std::string()> not_ready;  // why it does not do what it is for; empty while it does
  std::function<bool()> failed;            // it has to end by itself
  // Reads the configuration again. Whatever else has changed needs a start.
  std::function<base::Result<LogLevel>()> read_level;
};

// Until a stop is asked for or the daemon has failed. In the thread that installed `stop`.
void stand_by(const Standing& standing, const Clock& clock, Logger& log, StopSignal& stop);

// With port 0 there is none. Errors: those of Monitor::start.
[[nodiscard]] base::Result<std::unique_ptr<Monitor>> start_monitor(const std::string& address, std::uint16_t port,
                                                                   MonitorAnswers answers, const Logger& log);

}  // namespace besa::program
