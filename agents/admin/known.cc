#include "agents/admin/known.h"

#include "agents/admin/archive.h"

namespace besa::admin {
namespace {

using base::ErrorKind;
using base::fail;

constexpr const char* kFromArchive =
    "The broker cannot be reached: rules, members and keys are as this administrator last saw them.";

}  // namespace

std::string network_file(const Common& common) {
  return common.network.empty() ? common.keys + "/network.json" : common.network;
}

base::Result<Known> know(const Common& common, Need need) {
  BESA_ASSIGN(AdministratorKeys keys, load_keys(common.keys));
  BESA_ASSIGN(NetworkFile network, read_network(network_file(common)));
  auto link = Link::open(common.keys, keys, network);
  const Archive archive(common.keys);
  Known out{std::move(network), std::move(keys), {}, {}, nullptr, {}};
  if (link) {
    out.link = std::move(*link);
  } else if (need == Need::broker || link.error().kind != ErrorKind::unavailable) {
    return tl::unexpected(std::move(link).error());
  } else {
    if (Link::known_network(common.keys) != out.network.network) return tl::unexpected(std::move(link).error());
    out.reservation = kFromArchive;
  }
  BESA_ASSIGN(out.view, archive.replay());
  BESA_ASSIGN(out.genesis, archive.genesis());
  return out;
}

}  // namespace besa::admin
