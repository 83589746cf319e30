// besa-node run: the daemon under a service manager, until a signal ends it.
#pragma once

#include <string>

namespace besa::node {

// `only_check`: reads configuration and keys and ends. Gives the exit code; errors are written to stderr.
int run_command(const std::string& config, bool only_check);

}  // namespace besa::node
