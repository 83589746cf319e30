#include "program/stand_by.h"

#include "program/notify.h"

namespace besa::program {
namespace {

constexpr std::uint32_t kLookAfterMs = 250;

// A file that does not read changes nothing.
void reload(const Standing& standing, Logger& log) {
  notify_reloading();
  const auto level = standing.read_level();
  if (level) {
    log.set_least(*level);
    log.info("configuration_read_again", {{"level", *level}});
  } else {
    log.error("configuration_not_read",
              {{"error", level.error()}, {"do", "the same program with --check-config says why"}});
  }
  notify_ready();
}

}  // namespace

void stand_by(const Standing& standing, const Clock& clock, Logger& log, StopSignal& stop) {
  Watchdog watchdog;
  std::string said;
  std::string stalled;
  while (!stop.wait(kLookAfterMs) && !standing.failed()) {
    if (stop.take_reload()) reload(standing, log);
    const std::string ill = standing.ill();
    if (ill != stalled && !ill.empty()) log.error("thread_stands_still", {{"which", OwnText(ill)}});
    stalled = ill;
    watchdog.feed(ill.empty(), clock.since_boot().ms);
    const std::string reason = standing.not_ready();
    const std::string state = reason.empty() ? "serving" : reason;
    if (state != said) notify_status(state);
    said = state;
  }
}

base::Result<std::unique_ptr<Monitor>> start_monitor(const std::string& address, std::uint16_t port,
                                                     MonitorAnswers answers, const Logger& log) {
  if (port == 0) return nullptr;
  BESA_ASSIGN(auto monitor, Monitor::start(address, port, std::move(answers)));
  log.info("metrics", {{"address", OwnText(address)}, {"port", monitor->port()}});
  return monitor;
}

}  // namespace besa::program
