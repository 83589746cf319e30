// The subcommands of besa-broker, each a function that gives the exit code.
#pragma once

#include <string>

#include "base/result.h"

namespace besa::broker {

// Makes the two keys in a folder and says what goes into genesis.
[[nodiscard]] base::Result<int> make_keys_command(const std::string& folder);
// Reads and checks the configuration (and the keys, if they are there).
[[nodiscard]] base::Result<int> check_config_command(const std::string& config);
// Writes the genesis statement of a file as the first entry.
[[nodiscard]] base::Result<int> init_command(const std::string& config, const std::string& genesis);
// Serves until SIGTERM or SIGINT.
[[nodiscard]] base::Result<int> run_command(const std::string& config, bool clock_is_right);
// Drops the view and decides the whole log again; 3 if an entry differs.
[[nodiscard]] base::Result<int> backup_command(const std::string& config, const std::string& to);
[[nodiscard]] base::Result<int> restore_command(const std::string& config, const std::string& from, bool verify);
[[nodiscard]] base::Result<int> rebuild_command(const std::string& config);
// Every row of the view, sorted, on stdout.
[[nodiscard]] base::Result<int> dump_command(const std::string& config);

}  // namespace besa::broker
