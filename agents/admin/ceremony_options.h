// The command line of the ceremony.
#pragma once

#include <functional>
#include <memory>

#include "agents/admin/ceremony.h"

namespace CLI {
class App;
}

namespace besa::admin {

// Everything that the options of the ceremony are read into; must outlive the parsing.
struct CeremonyChoice {
  InviteOptions invite;
  ApproveOptions approve;
  std::string invites;
  std::string which;                   // an invite's first digits
  std::vector<std::string> approvals;  // of submit
  bool dry_run = false;
  bool needs_network = false;  // given, or in the keys folder
};

// Adds `invite` and `approve`. `choose` is called with what to run once the command line was read.
void declare_ceremony(CLI::App& app, Common& common, CeremonyChoice& choice,
                      const std::function<void(std::function<Done()>)>& choose);
// --keys, which BESA_ADMIN_KEYS stands in for; and a network file that the keys folder may hold.
void add_own_keys(CLI::App& app, Common& common);
void add_own_network(CLI::App& app, Common& common, CeremonyChoice& choice);

}  // namespace besa::admin
