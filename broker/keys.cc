#include "broker/keys.h"

#include "program/file.h"
#include "program/json.h"
#include "program/key_file.h"

namespace besa::broker {
namespace {

using base::Status;

constexpr std::string_view kLogKind = "broker-log";
constexpr std::string_view kTransportKind = "broker-transport";

std::string log_path(const std::string& folder) { return folder + "/log.key"; }
std::string transport_path(const std::string& folder) { return folder + "/transport.key"; }

base::Result<program::KeyBytes> read_key(const std::string& path, std::string_view kind) {
  auto key = program::read_key_file(path, kind);
  if (!key && key.error().kind == base::ErrorKind::not_found) {
    return base::fail(base::ErrorKind::not_found,
                      key.error().message + "; restore the keys, or make those of a new network: besa-broker keys");
  }
  return key;
}

}  // namespace

Status save_keys(const std::string& folder, const Keys& keys) {
  BESA_TRY(program::make_directory(folder));
  BESA_TRY(program::write_key_file(log_path(folder), kLogKind, keys.log.seed().view()));
  BESA_TRY(program::write_key_file(transport_path(folder), kTransportKind, keys.transport.view()));
  program::Json json;
  json["log_key"] = base::to_hex(keys.log.public_key().view());
  json["transport_key"] = base::to_hex(keys.transport.public_key().view());
  return program::write_file(folder + "/broker.public.json", base::as_bytes(program::to_pretty(json) + "\n"), 0644);
}

Status make_keys(const std::string& folder) {
  return save_keys(folder, Keys{crypto::SigningKey::generate(), crypto::TransportSecret::generate()});
}

base::Result<Keys> load_keys(const std::string& configured) {
  const std::string folder = program::key_folder(configured, "log.key");
  BESA_ASSIGN(const program::KeyBytes log, read_key(log_path(folder), kLogKind));
  BESA_ASSIGN(const program::KeyBytes transport, read_key(transport_path(folder), kTransportKind));
  BESA_ASSIGN(crypto::SigningKey log_key, crypto::SigningKey::from_seed(log.view()));
  BESA_ASSIGN(crypto::TransportSecret transport_key, crypto::TransportSecret::from_bytes(transport.view()));
  return Keys{std::move(log_key), std::move(transport_key)};
}

}  // namespace besa::broker
