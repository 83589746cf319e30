// The broker's configuration file. Paths that do not begin with '/' count from the file's own folder.
//
//   state = "/var/lib/besa-broker"     # log, view, ciphertext; made if it is not there
//   keys = "/etc/besa/broker"          # log key and transport key, made by 'besa-broker keys'
//   [listen]
//   address = "127.0.0.1"
//   port = 7700                        # 0: any free one; the real one stands in state/endpoint
//   [log]
//   level = "info"                     # debug, info, warning, error
//   target = "auto"                    # auto, stderr, journal
//   [metrics]
//   address = "127.0.0.1"              # of loopback
//   port = 0                           # of /metrics, /healthz and /readyz; 0: none
//   [batch]
//   statements = 256                   # at most so many in one commit
//   [pool]
//   threads = 0                        # that verify; 0: one a core
//   [recovery]
//   offer_again_seconds = 600          # after a start in the middle of a recovery
#pragma once

#include <string>

#include "base/result.h"
#include "program/log.h"

namespace besa::broker {

struct Config {
  std::string state;
  std::string keys;
  std::string address;
  std::uint16_t port = 0;
  program::LogLevel log_level = program::LogLevel::info;
  program::LogTarget log_target = program::LogTarget::automatic;
  std::string metrics_address;
  std::uint16_t metrics_port = 0;  // 0: off
  std::size_t batch_statements = 256;
  base::Duration offer_again = base::minutes(10);  // after a start in the middle of a recovery
  unsigned pool_threads = 0;

  std::string journal_folder() const { return state + "/journal"; }
  std::string endpoint_file() const { return state + "/endpoint"; }
  std::string rollback_file() const { return state + "/rollback-seen"; }
  std::string clock_file() const { return state + "/clock-stepped"; }
};

// Errors: not_found, configuration (all complaints, with file and line).
[[nodiscard]] base::Result<Config> load_config(const std::string& path);

}  // namespace besa::broker
