// What an administrator knows of the network before it invites or approves: all governance, decided again. From the
// broker, or from the archive in the keys folder while the broker cannot be reached.
#pragma once

#include <memory>
#include <string>

#include "agents/admin/commands.h"
#include "agents/admin/link.h"
#include "client/session.h"

namespace besa::admin {

// As given, or the network.json in the keys folder.
std::string network_file(const Common& common);

struct Known {
  NetworkFile network;
  AdministratorKeys keys;
  core::MemoryView view;
  wire::LogEntry genesis;      // body and blocks
  std::unique_ptr<Link> link;  // none: the broker could not be reached
  std::string reservation;     // what to tell people then
};

enum class Need { broker, archive };
// The network's file is `common.network`, by default the network.json in the keys folder. With Need::archive a broker
// that cannot be reached is no error if the archive has met the network before. Errors: not_found, malformed, those of
// Link; denied (the archive is of another network).
[[nodiscard]] base::Result<Known> know(const Common& common, Need need);

}  // namespace besa::admin
