#include "agents/admin/keys.h"

#include "base/limits.h"
#include "crypto/secret/random.h"
#include "program/file.h"
#include "program/json.h"
#include "program/key_file.h"

namespace besa::admin {
namespace {

using base::ErrorKind;
using base::fail;
using program::Json;

constexpr std::size_t kPublicFileBytes = 16 * 1024;
constexpr unsigned kPublicMode = 0644;

template <class Id>
std::string hex(const Id& id) {
  return base::to_hex(id.view());
}

base::Result<Json> read_json(const std::string& path) {
  BESA_ASSIGN(const std::string text, program::read_text_file(path, kPublicFileBytes));
  auto json = program::parse_json(text);
  if (!json) return fail(json.error().kind, path + ": " + json.error().message);
  return json;
}

base::Error in_file(const std::string& path, base::Error error) {
  error.message = path + ": " + error.message;
  return error;
}

base::Result<core::Administrator> administrator_of(const Json& json) {
  core::Administrator out;
  BESA_ASSIGN(out.organisation, program::json_id<base::OrganisationId>(json, "organisation"));
  BESA_ASSIGN(out.signing_key, program::json_id<base::PublicKey>(json, "signing_key"));
  BESA_ASSIGN(out.transport_key, program::json_id<base::TransportKey>(json, "transport_key"));
  return out;
}

base::Result<BrokerPublic> broker_of(const Json& json) {
  BrokerPublic out;
  BESA_ASSIGN(out.log_key, program::json_id<base::PublicKey>(json, "log_key"));
  BESA_ASSIGN(out.transport_key, program::json_id<base::TransportKey>(json, "transport_key"));
  return out;
}

base::Result<MemberRequest> request_of(const Json& json) {
  MemberRequest out;
  BESA_ASSIGN(out.member, program::json_id<base::MemberId>(json, "member"));
  BESA_ASSIGN(out.organisation, program::json_id<base::OrganisationId>(json, "organisation"));
  BESA_ASSIGN(out.signing_key, program::json_id<base::PublicKey>(json, "signing_key"));
  BESA_ASSIGN(out.witness_key, program::json_id<base::PublicKey>(json, "witness_key"));
  BESA_ASSIGN(out.transport_key, program::json_id<base::TransportKey>(json, "transport_key"));
  return out;
}

base::Result<NetworkFile> network_of(const Json& json) {
  NetworkFile out;
  BESA_ASSIGN(out.name, program::json_text(json, "name"));
  BESA_ASSIGN(out.network, program::json_id<base::NetworkId>(json, "network"));
  BESA_ASSIGN(out.broker_log_key, program::json_id<base::PublicKey>(json, "broker_log_key"));
  BESA_ASSIGN(out.broker_transport_key, program::json_id<base::TransportKey>(json, "broker_transport_key"));
  BESA_ASSIGN(out.endpoint, program::json_text(json, "endpoint"));
  return out;
}

template <class Read>
auto read_public(const std::string& path, Read read) -> decltype(read(std::declval<const Json&>())) {
  BESA_ASSIGN(const Json json, read_json(path));
  auto out = read(json);
  if (!out) return tl::unexpected(in_file(path, std::move(out).error()));
  return out;
}

}  // namespace

base::Result<core::Administrator> make_keys(const std::string& folder, const base::OrganisationId& organisation) {
  BESA_TRY(program::make_directory(folder));
  const crypto::SigningKey signing = crypto::SigningKey::generate();
  const crypto::TransportSecret transport = crypto::TransportSecret::generate();
  BESA_TRY(program::write_key_file(folder + "/signing.key", "administrator-signing", signing.seed().view()));
  BESA_TRY(program::write_key_file(folder + "/transport.key", "administrator-transport", transport.view()));
  const core::Administrator out{organisation, signing.public_key(), transport.public_key()};
  const Json json = {{"organisation", hex(organisation)},
                     {"signing_key", hex(out.signing_key)},
                     {"transport_key", hex(out.transport_key)}};
  BESA_TRY(program::write_new_file(folder + "/administrator.public.json",
                                   base::as_bytes(program::to_pretty(json) + "\n"), kPublicMode));
  return out;
}

base::Result<AdministratorKeys> load_keys(const std::string& folder) {
  const std::string public_file = folder + "/administrator.public.json";
  if (!program::exists(public_file)) {
    return fail(ErrorKind::not_found,
                folder + " holds no administrator's keys: make them with besa-admin keys --dir " + folder);
  }
  BESA_ASSIGN(const core::Administrator known, read_administrator(public_file));
  BESA_ASSIGN(const program::KeyBytes seed, program::read_key_file(folder + "/signing.key", "administrator-signing"));
  BESA_ASSIGN(const program::KeyBytes secret,
              program::read_key_file(folder + "/transport.key", "administrator-transport"));
  BESA_ASSIGN(crypto::SigningKey signing, crypto::SigningKey::from_seed(seed.view()));
  BESA_ASSIGN(crypto::TransportSecret transport, crypto::TransportSecret::from_bytes(secret.view()));
  if (signing.public_key() != known.signing_key || transport.public_key() != known.transport_key) {
    return fail(ErrorKind::malformed, folder + ": the keys are not those of administrator.public.json");
  }
  return AdministratorKeys{known.organisation, std::move(signing), std::move(transport)};
}

base::Result<core::Administrator> read_administrator(const std::string& path) {
  return read_public(path, administrator_of);
}

base::Result<BrokerPublic> read_broker(const std::string& path) { return read_public(path, broker_of); }

base::Result<MemberRequest> read_member_request(const std::string& path) { return read_public(path, request_of); }

base::Result<NetworkFile> read_network(const std::string& path) { return read_public(path, network_of); }

base::Status write_network(const std::string& path, const NetworkFile& network) {
  const Json json = {{"name", network.name},
                     {"network", hex(network.network)},
                     {"broker_log_key", hex(network.broker_log_key)},
                     {"broker_transport_key", hex(network.broker_transport_key)},
                     {"endpoint", network.endpoint}};
  return program::write_file(path, base::as_bytes(program::to_pretty(json) + "\n"), kPublicMode);
}

}  // namespace besa::admin
