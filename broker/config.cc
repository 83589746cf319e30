#include "broker/config.h"

#include "program/file.h"
#include "program/http_server.h"
#include "program/toml.h"

namespace besa::broker {
namespace {

void read_log(program::TomlTable log, Config& config) {
  const auto level = program::parse_log_level(log.text("level", "info"));
  if (!level) log.complain("level", level.error().message);
  config.log_level = level.value_or(program::LogLevel::info);
  const auto target = program::parse_log_target(log.text("target", "auto"));
  if (!target) log.complain("target", target.error().message);
  config.log_target = target.value_or(program::LogTarget::automatic);
}

void read_metrics(program::TomlTable metrics, Config& config) {
  config.metrics_address = metrics.text("address", "127.0.0.1");
  config.metrics_port = static_cast<std::uint16_t>(metrics.integer("port", 0, UINT16_MAX, 0));
  if (!program::is_loopback(config.metrics_address)) {
    metrics.complain("address", "must be one of loopback, such as 127.0.0.1: everybody who reaches it may read it");
  }
}

// A path that does not begin with '/' counts from the configuration file's own folder.
std::string from_file(const std::string& config_file, const std::string& path) {
  return path.empty() || path.front() == '/' ? path : program::folder_of(config_file) + "/" + path;
}

}  // namespace

base::Result<Config> load_config(const std::string& path) {
  BESA_ASSIGN(program::TomlFile file, program::TomlFile::load_configuration(path));
  program::TomlTable& root = file.root();
  Config config;
  config.state = root.text("state");
  config.keys = root.text("keys");
  program::TomlTable listen = root.table("listen");
  config.address = listen.text("address", "127.0.0.1");
  config.port = static_cast<std::uint16_t>(listen.integer("port", 0, UINT16_MAX, 7700));
  read_log(root.table("log"), config);
  read_metrics(root.table("metrics"), config);
  program::TomlTable batch = root.table("batch");
  config.batch_statements = static_cast<std::size_t>(batch.integer("statements", 1, 1024, 256));
  program::TomlTable recovery = root.table("recovery");
  config.offer_again =
      base::Duration{static_cast<std::uint64_t>(recovery.integer("offer_again_seconds", 0, 86'400, 600)) * 1000};
  program::TomlTable pool = root.table("pool");
  config.pool_threads = static_cast<unsigned>(pool.integer("threads", 0, 256, 0));
  if (root.has("state") && config.state.empty()) root.complain("state", "an empty path");
  if (root.has("keys") && config.keys.empty()) root.complain("keys", "an empty path");
  BESA_TRY(file.finish());
  config.state = from_file(path, config.state);
  config.keys = from_file(path, config.keys);
  return config;
}

}  // namespace besa::broker
