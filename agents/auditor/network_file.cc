#include "agents/auditor/network_file.h"

#include "program/file.h"
#include "program/json.h"
#include "program/key_file.h"

namespace besa::auditor {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::size_t kFileBytes = 16 * 1024;

base::Result<NetworkFile> network_of(const program::Json& json) {
  NetworkFile out;
  BESA_ASSIGN(out.anchor.name, program::json_text(json, "name"));
  BESA_ASSIGN(out.anchor.network, program::json_id<base::NetworkId>(json, "network"));
  BESA_ASSIGN(out.anchor.log_key, program::json_id<base::PublicKey>(json, "broker_log_key"));
  BESA_ASSIGN(out.broker, program::json_id<base::TransportKey>(json, "broker_transport_key"));
  BESA_ASSIGN(out.endpoint, program::json_text(json, "endpoint"));
  return out;
}

}  // namespace

base::Result<NetworkFile> read_network(const std::string& path) {
  BESA_ASSIGN(const std::string text, program::read_text_file(path, kFileBytes));
  const auto json = program::parse_json(text);
  if (!json) return fail(json.error().kind, path + ": " + json.error().message);
  auto out = network_of(*json);
  if (!out) return fail(out.error().kind, path + ": " + out.error().message);
  return out;
}

base::Result<crypto::TransportSecret> read_transport_key(const std::string& folder) {
  BESA_ASSIGN(const program::KeyBytes bytes, program::read_key_file(folder + "/transport.key", "member-transport"));
  return crypto::TransportSecret::from_bytes(bytes.view());
}

}  // namespace besa::auditor
