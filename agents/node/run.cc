#include "agents/node/run.h"

#include <cstdio>

#include "agents/node/daemon.h"
#include "agents/node/keys.h"
#include "agents/node/metrics.h"
#include "crypto/secret/random.h"
#include "program/exit_code.h"
#include "program/notify.h"
#include "program/stand_by.h"

namespace besa::node {
namespace {

using base::Result;
using program::ExitCode;

program::Standing standing_of(Node& node, const Daemon& daemon, const std::string& path) {
  program::Standing out;
  out.ill = [&] { return daemon.stands_still() ? "the worker's thread stands still" : std::string(); };
  out.not_ready = [&node, ill = out.ill] {
    const std::string reason = ill();
    return reason.empty() ? not_ready(node) : reason;
  };
  out.failed = [] { return false; };
  out.read_level = [&]() -> Result<program::LogLevel> {
    BESA_ASSIGN(const NodeConfig loaded, load_config(path));
    return loaded.log_level;
  };
  return out;
}

Result<int> run_daemon(const std::string& path, const NodeConfig& config, NodeKeys keys, program::StopSignal& stop) {
  const program::SystemClock clock;
  program::Logger log("besa-node", config.log_target, config.log_level);
  const auto random = [](std::span<std::uint8_t> out) { crypto::random_bytes(out); };
  BESA_ASSIGN(const auto node, Node::open(config, std::move(keys), {clock, random, log}));
  BESA_ASSIGN(auto daemon, Daemon::start(*node));
  const program::Standing standing = standing_of(*node, *daemon, path);
  BESA_ASSIGN(auto monitor, program::start_monitor(config.metrics_address, config.metrics_port,
                                                   {[&](program::MetricsPage& page) { write_metrics(*node, page); },
                                                    standing.ill, standing.not_ready},
                                                   log));
  log.info("started", {{"member", node->self}});
  program::notify_ready();
  program::stand_by(standing, clock, log, stop);
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
