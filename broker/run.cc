// besa-broker run: the service under a service manager, until a signal or a failure ends it.
#include "broker/commands.h"
#include "broker/keys.h"
#include "broker/service.h"
#include "crypto/verify/initialise.h"
#include "program/exit_code.h"
#include "program/monitor.h"
#include "program/notify.h"
#include "program/signals.h"

namespace besa::broker {
namespace {

using base::Result;

constexpr std::uint32_t kLookAfterMs = 250;

Result<std::unique_ptr<program::Monitor>> start_monitor(const Config& config, const Service& service,
                                                        const program::Logger& log) {
  if (config.metrics_port == 0) return nullptr;
  BESA_ASSIGN(auto monitor,
              program::Monitor::start(config.metrics_address, config.metrics_port,
                                      {[&](program::MetricsPage& page) { service.write_metrics(page); },
                                       [&] { return service.ill(); }, [&] { return service.not_ready(); }}));
  log.info("metrics", {{"address", program::OwnText(config.metrics_address)}, {"port", monitor->port()}});
  return monitor;
}

// The log level is taken; whatever else has changed needs a start. A file that does not read changes nothing.
void reload(const std::string& config, program::Logger& log) {
  program::notify_reloading();
  const auto loaded = load_config(config);
  if (loaded) {
    log.set_least(loaded->log_level);
    log.info("configuration_read_again", {{"level", loaded->log_level}});
  } else {
    log.error("configuration_not_read", {{"error", loaded.error()}, {"do", "besa-broker run --check-config says why"}});
  }
  program::notify_ready();
}

// Until a stop is asked for or the service has failed.
void stand_by(const std::string& config, const Service& service, const program::Clock& clock, program::Logger& log,
              program::StopSignal& stop) {
  program::Watchdog watchdog;
  std::string said;
  std::string stalled;
  while (!stop.wait(kLookAfterMs) && !service.failed()) {
    if (stop.take_reload()) reload(config, log);
    const std::string ill = service.ill();
    if (ill != stalled && !ill.empty()) log.error("thread_stands_still", {{"which", program::OwnText(ill)}});
    stalled = ill;
    watchdog.feed(ill.empty(), clock.since_boot().ms);
    const std::string reason = service.not_ready();
    const std::string state = reason.empty() ? "serving" : reason;
    if (state != said) program::notify_status(state);
    said = state;
  }
}

}  // namespace

Result<int> run_command(const std::string& config, bool clock_is_right) {
  BESA_ASSIGN(program::StopSignal stop, program::StopSignal::install());
  crypto::initialise();
  BESA_ASSIGN(const Config loaded, load_config(config));
  program::Logger log("besa-broker", loaded.log_target, loaded.log_level);
  BESA_ASSIGN(const Keys keys, load_keys(loaded.keys));
  const program::SystemClock clock;
  BESA_ASSIGN(auto service, Service::start(loaded, keys, clock, log, clock_is_right));
  BESA_ASSIGN(auto monitor, start_monitor(loaded, *service, log));
  log.info("ready", {{"endpoint", program::OwnText(service->endpoint())}});
  program::notify_ready();
  stand_by(config, *service, clock, log, stop);
  program::notify_stopping();
  const bool failed = service->failed();
  if (!failed) log.info("stopping");
  stop.let_next_end();
  monitor.reset();
  service.reset();
  if (failed) {
    return base::fail(base::ErrorKind::io, "writing to the state folder failed: look at the disk, then start again");
  }
  log.info("stopped");
  return program::to_int(program::ExitCode::ok);
}

}  // namespace besa::broker
