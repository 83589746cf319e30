#include "agents/node/run.h"

#include <cstdio>

#include "agents/node/daemon.h"
#include "agents/node/keys.h"
#include "agents/node/metrics.h"
#include "crypto/secret/random.h"
#include "program/exit_code.h"
#include "program/monitor.h"
#include "program/notify.h"
#include "program/signals.h"

namespace besa::node {
namespace {

using base::Result;
using program::ExitCode;

constexpr std::uint32_t kLookAfterMs = 250;

// Daemon, port and log of one run.
struct Running {
  Node& node;
  Daemon& daemon;
  program::Logger& log;

  std::string ill() const { return daemon.stands_still() ? "the worker's thread stands still" : std::string(); }
  std::string not_ready() const {
    const std::string reason = ill();
    return reason.empty() ? node::not_ready(node) : reason;
  }
};

Result<std::unique_ptr<program::Monitor>> start_monitor(const NodeConfig& config, const Running& running) {
  if (config.metrics_port == 0) return nullptr;
  BESA_ASSIGN(auto monitor,
              program::Monitor::start(config.metrics_address, config.metrics_port,
                                      {[&](program::MetricsPage& page) { write_metrics(running.node, page); },
                                       [&] { return running.ill(); }, [&] { return running.not_ready(); }}));
  running.log.info("metrics", {{"address", program::OwnText(config.metrics_address)}, {"port", monitor->port()}});
  return monitor;
}

// The log level is taken; whatever else has changed needs a start. A file that does not read changes nothing.
void reload(const std::string& path, program::Logger& log) {
  program::notify_reloading();
  const auto loaded = load_config(path);
  if (loaded) {
    log.set_least(loaded->log_level);
    log.info("configuration_read_again", {{"level", loaded->log_level}});
  } else {
    log.error("configuration_not_read", {{"error", loaded.error()}, {"do", "besa-node run --check-config says why"}});
  }
  program::notify_ready();
}

void stand_by(const std::string& path, const Running& running, const program::Clock& clock, program::StopSignal& stop) {
  program::Watchdog watchdog;
  std::string said;
  while (!stop.wait(kLookAfterMs)) {
    if (stop.take_reload()) reload(path, running.log);
    watchdog.feed(running.ill().empty(), clock.since_boot().ms);
    const std::string reason = running.not_ready();
    const std::string state = reason.empty() ? "serving" : reason;
    if (state != said) program::notify_status(state);
    said = state;
  }
}

Result<int> run_daemon(const std::string& path, const NodeConfig& config, NodeKeys keys, program::StopSignal& stop) {
  const program::SystemClock clock;
  program::Logger log("besa-node", config.log_target, config.log_level);
  const auto random = [](std::span<std::uint8_t> out) { crypto::random_bytes(out); };
  BESA_ASSIGN(const auto node, Node::open(config, std::move(keys), {clock, random, log}));
  BESA_ASSIGN(auto daemon, Daemon::start(*node));
  const Running running{*node, *daemon, log};
  BESA_ASSIGN(auto monitor, start_monitor(config, running));
  log.info("started", {{"member", node->self}});
  program::notify_ready();
  stand_by(path, running, clock, stop);
  program::notify_stopping();
  stop.let_next_end();
  monitor.reset();
  daemon.reset();
  log.info("stopped");
  return to_int(ExitCode::ok);
}

Result<int> run_or_check(const std::string& path, bool only_check) {
  BESA_ASSIGN(program::StopSignal stop, program::StopSignal::install());
  BESA_ASSIGN(const NodeConfig config, load_config(path));
  BESA_ASSIGN(NodeKeys keys, load_keys(config.keys));
  if (!only_check) return run_daemon(path, config, std::move(keys), stop);
  std::printf("%s is fine: %zu peers.\n", path.c_str(), config.peers.all().size());
  return to_int(ExitCode::ok);
}

}  // namespace

int run_command(const std::string& config, bool only_check) {
  const auto done = run_or_check(config, only_check);
  return done ? *done : program::report("besa-node", done.error());
}

}  // namespace besa::node
