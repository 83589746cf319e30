#include "agents/node/config.h"

#include <algorithm>

#include "base/utf8.h"
#include "program/file.h"
#include "program/http_server.h"
#include "program/nearest.h"
#include "program/toml.h"
#include "transport/requester.h"

namespace besa::node {
namespace {

using program::TomlTable;

std::string below(const std::string& folder, const std::string& path) {
  return path.empty() || path.front() == '/' ? path : folder + "/" + path;
}

template <class Id>
Id hex_of(TomlTable& table, std::string_view key) {
  const std::string text = table.text(key);
  const auto bytes = base::from_hex(text);
  Id out;
  if (table.has(key) && (!bytes || !Id::read(*bytes, out) || out.is_none())) {
    table.complain(key, "must be " + std::to_string(2 * Id::kSize) + " hex digits");
  }
  return out;
}

void read_log(TomlTable log, NodeConfig& config) {
  if (const auto level = program::parse_log_level(log.text("level", "info"))) {
    config.log_level = *level;
  } else {
    log.complain("level", level.error().message);
  }
  if (const auto target = program::parse_log_target(log.text("target", "auto"))) {
    config.log_target = *target;
  } else {
    log.complain("target", target.error().message);
  }
}

void read_notify(TomlTable notify, NodeConfig& config) {
  config.notify_command = notify.texts("command");
  if (!config.notify_command.empty() && !config.notify_command.front().starts_with('/')) {
    notify.complain("command", "begins with the program's whole path, such as /usr/local/bin/page");
  }
  config.notify_every = notify.duration("every", base::minutes(1));
  if (config.notify_every.ms < 1'000 || config.notify_every > base::days(1)) {
    notify.complain("every", "must be from 1s to 1d");
  }
}

void read_metrics(TomlTable metrics, NodeConfig& config) {
  config.metrics_address = metrics.text("address", "127.0.0.1");
  config.metrics_port = static_cast<std::uint16_t>(metrics.integer("port", 0, UINT16_MAX, 0));
  if (!program::is_loopback(config.metrics_address)) {
    metrics.complain("address", "must be one of loopback, such as 127.0.0.1: everybody who reaches it may read it");
  }
}

// Names are typed on command lines and shown on terminals: no comma, nothing that a terminal obeys.
bool name_fits(const std::string& name) {
  constexpr std::size_t kNameBytes = 64;
  return !name.empty() && name.size() <= kNameBytes && base::is_utf8(name) &&
         std::none_of(name.begin(), name.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte < 0x20 || byte == 0x7F || c == ',' || c == '/';
         });
}

void read_peers(TomlTable peers, Peers& out) {
  for (const std::string& name : peers.keys()) {
    TomlTable peer = peers.table(name);
    const auto member = hex_of<base::MemberId>(peer, "member");
    if (!name_fits(name)) {
      peers.complain(name, "a name of a peer has 1 to 64 bytes, no comma, no slash and no control character");
    }
    for (const auto& [earlier, known] : out.all()) {
      if (known == member && !member.is_none()) peer.complain("member", "is the member of peer '" + earlier + "' too");
    }
    out.add(name, member);
  }
}

}  // namespace

namespace {

std::string known_words(const std::string& name, const std::vector<std::string>& names) {
  if (const std::string guess = program::did_you_mean(name, names); !guess.empty()) return guess;
  std::string all;
  for (const std::string& known : names) all += (all.empty() ? "" : ", ") + known;
  return "; the names under [peer] in the node's configuration are: " + (all.empty() ? "none" : all);
}

}  // namespace

void Peers::add(const std::string& name, const base::MemberId& member) {
  by_name_[name] = member;
  by_member_[member] = name;
}

base::Result<base::MemberId> Peers::find(const std::string& name) const {
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, member] : by_name_) names.push_back(known);
  return base::fail(base::ErrorKind::not_found, "no member is known here as '" + name + "'" + known_words(name, names));
}

std::string Peers::name_of(const base::MemberId& member) const {
  const auto found = by_member_.find(member);
  if (found != by_member_.end()) return found->second;
  return "member " + base::to_hex(member.view()).substr(0, 8);
}

base::Result<NodeConfig> load_config(const std::string& path) {
  BESA_ASSIGN(program::TomlFile file, program::TomlFile::load_configuration(path));
  const std::string folder = program::folder_of(path);
  TomlTable& root = file.root();
  NodeConfig config;
  config.state = below(folder, root.text("state"));
  config.keys = below(folder, root.text("keys"));
  config.socket = below(folder, root.text("socket"));
  config.network = hex_of<base::NetworkId>(root, "network");
  config.life = root.duration("life", base::days(7));
  if (config.life < base::hours(1) || config.life > base::days(30)) root.complain("life", "must be from 1h to 30d");
  config.poll = root.duration("poll", base::Duration{5'000});
  if (config.poll.ms < 200 || config.poll > base::hours(1)) root.complain("poll", "must be from 200ms to 1h");
  TomlTable broker = root.require_table("broker");
  config.endpoint = broker.text("endpoint");
  if (const auto fits = transport::check_endpoint(config.endpoint); broker.has("endpoint") && !fits) {
    broker.complain("endpoint", fits.error().message);
  }
  config.broker = hex_of<base::TransportKey>(broker, "transport_key");
  config.socks_proxy = broker.text("socks_proxy", "");
  read_peers(root.table("peer"), config.peers);
  read_notify(root.table("notify"), config);
  config.echo = root.table("echo").boolean("answer", false);
  read_metrics(root.table("metrics"), config);
  read_log(root.table("log"), config);
  BESA_TRY(file.finish());
  return config;
}

}  // namespace besa::node
