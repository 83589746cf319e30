// besa-broker run: the service under a service manager, until a signal or a failure ends it.
#include "broker/commands.h"
#include "broker/keys.h"
#include "broker/service.h"
#include "crypto/verify/initialise.h"
#include "program/exit_code.h"
#include "program/notify.h"
#include "program/stand_by.h"

namespace besa::broker {
namespace {

using base::Result;

program::Standing standing_of(const Service& service, const std::string& config) {
  program::Standing out;
  out.ill = [&] { return service.ill(); };
  out.not_ready = [&] { return service.not_ready(); };
  out.failed = [&] { return service.failed(); };
  out.read_level = [&]() -> Result<program::LogLevel> {
    BESA_ASSIGN(const Config loaded, load_config(config));
    return loaded.log_level;
  };
  return out;
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
  const program::Standing standing = standing_of(*service, config);
  BESA_ASSIGN(auto monitor, program::start_monitor(loaded.metrics_address, loaded.metrics_port,
                                                   {[&](program::MetricsPage& page) { service->write_metrics(page); },
                                                    standing.ill, standing.not_ready},
                                                   log));
  log.info("ready", {{"endpoint", program::OwnText(service->endpoint())}});
  program::notify_ready();
  program::stand_by(standing, clock, log, stop);
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
