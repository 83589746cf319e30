#include "agents/node/keys.h"

#include <algorithm>

#include "base/fail_point.h"
#include "core/statement.h"
#include "crypto/secret/random.h"
#include "envelope/sign.h"
#include "program/file.h"
#include "program/json.h"
#include "program/key_file.h"
#include "wire/statement.h"
#include "wire/statement_file.h"

namespace besa::node {
namespace {

using base::ErrorKind;
using base::fail;
using program::Json;

constexpr std::size_t kRequestBytes = 16 * 1024;
constexpr unsigned kPublicMode = 0644;

template <class Id>
std::string hex(const Id& id) {
  return base::to_hex(id.view());
}

base::Result<crypto::SigningKey> load_signing(const std::string& path, std::string_view kind) {
  BESA_ASSIGN(const program::KeyBytes seed, program::read_key_file(path, kind));
  return crypto::SigningKey::from_seed(seed.view());
}

base::Result<Json> load_request(const std::string& path) {
  BESA_ASSIGN(const std::string text, program::read_text_file(path, kRequestBytes));
  auto json = program::parse_json(text);
  if (!json) return fail(json.error().kind, path + ": " + json.error().message);
  return json;
}

// Adds one block unless this key has signed already.
base::Status add_block(const base::StatementId& id, const crypto::SigningKey& key, const base::KeyId& key_id,
                       std::vector<core::SignatureBlock>& blocks) {
  const bool present =
      std::any_of(blocks.begin(), blocks.end(), [&](const auto& block) { return block.key == key_id; });
  if (present) return fail(ErrorKind::already_exists, "this enrolment already has this member's proof of possession");
  blocks.push_back(envelope::sign_id(id, key, key_id));
  return {};
}

std::string request_text(const base::MemberId& member, const base::OrganisationId& organisation,
                         const base::PublicKey& signing, const base::PublicKey& witness,
                         const base::TransportKey& transport) {
  const Json request = {{"member", hex(member)},
                        {"organisation", hex(organisation)},
                        {"signing_key", hex(signing)},
                        {"witness_key", hex(witness)},
                        {"transport_key", hex(transport)}};
  return program::to_pretty(request) + "\n";
}

template <class Key, class Bytes>
base::Status ensure_key(const std::string& path, std::string_view kind, Bytes bytes) {
  if (program::exists(path)) return {};
  const Key key = Key::generate();
  BESA_TRY(program::write_key_file(path, kind, bytes(key)));
  BESA_FAIL_POINT("join_key");
  return {};
}

// Four files, each written whole or not at all.
base::Status ensure_key_files(const std::string& folder) {
  const auto view = [](const auto& key) { return key.view(); };
  crypto::SecretBytes seed;
  const auto seed_of = [&seed](const crypto::SigningKey& key) {
    seed = key.seed();
    return seed.view();
  };
  BESA_TRY(ensure_key<crypto::SigningKey>(folder + "/signing.key", "member-signing", seed_of));
  BESA_TRY(ensure_key<crypto::SigningKey>(folder + "/witness.key", "member-witness", seed_of));
  BESA_TRY(ensure_key<crypto::TransportSecret>(folder + "/transport.key", "member-transport", view));
  return ensure_key<crypto::StorageKey>(folder + "/storage.key", "member-storage", view);
}

base::Status describe_keys(const std::string& folder, const base::MemberId& member,
                           const base::OrganisationId& organisation) {
  BESA_ASSIGN(const crypto::SigningKey signing, load_signing(folder + "/signing.key", "member-signing"));
  BESA_ASSIGN(const crypto::SigningKey witness, load_signing(folder + "/witness.key", "member-witness"));
  BESA_ASSIGN(const program::KeyBytes bytes, program::read_key_file(folder + "/transport.key", "member-transport"));
  BESA_ASSIGN(const crypto::TransportSecret transport, crypto::TransportSecret::from_bytes(bytes.view()));
  const std::string text =
      request_text(member, organisation, signing.public_key(), witness.public_key(), transport.public_key());
  return program::write_new_file(folder + "/member.request.json", base::as_bytes(text), kPublicMode);
}

}  // namespace

base::Result<NodeKeys> ensure_keys(const std::string& folder, const base::MemberId& member,
                                   const base::OrganisationId& organisation) {
  BESA_TRY(program::make_directory(folder));
  if (!program::exists(folder + "/member.request.json")) {
    BESA_TRY(ensure_key_files(folder));
    BESA_TRY(describe_keys(folder, member, organisation));
    BESA_FAIL_POINT("join_described");
  }
  BESA_ASSIGN(NodeKeys keys, load_keys(folder));
  if (keys.member == member && keys.organisation == organisation) return keys;
  return fail(ErrorKind::denied, folder + " holds the keys of another member: choose another folder with --dir");
}

base::Result<std::string> make_keys(const std::string& folder, base::OrganisationId organisation) {
  BESA_TRY(program::make_directory(folder));
  if (organisation.is_none()) organisation = crypto::random_id<base::OrganisationId>();
  const auto signing = crypto::SigningKey::generate();
  const auto witness = crypto::SigningKey::generate();
  const auto transport = crypto::TransportSecret::generate();
  const auto storage = crypto::StorageKey::generate();
  BESA_TRY(program::write_key_file(folder + "/signing.key", "member-signing", signing.seed().view()));
  BESA_TRY(program::write_key_file(folder + "/witness.key", "member-witness", witness.seed().view()));
  BESA_TRY(program::write_key_file(folder + "/transport.key", "member-transport", transport.view()));
  BESA_TRY(program::write_key_file(folder + "/storage.key", "member-storage", storage.view()));
  const std::string text = request_text(crypto::random_id<base::MemberId>(), organisation, signing.public_key(),
                                        witness.public_key(), transport.public_key());
  BESA_TRY(program::write_new_file(folder + "/member.request.json", base::as_bytes(text), kPublicMode));
  return text;
}

base::Result<NodeKeys> load_keys(const std::string& configured) {
  const std::string folder = program::key_folder(configured, "signing.key");
  BESA_ASSIGN(const Json request, load_request(folder + "/member.request.json"));
  BESA_ASSIGN(const auto member, program::json_id<base::MemberId>(request, "member"));
  BESA_ASSIGN(const auto organisation, program::json_id<base::OrganisationId>(request, "organisation"));
  BESA_ASSIGN(const auto public_key, program::json_id<base::PublicKey>(request, "signing_key"));
  BESA_ASSIGN(const auto witness_key, program::json_id<base::PublicKey>(request, "witness_key"));
  BESA_ASSIGN(const auto transport_key, program::json_id<base::TransportKey>(request, "transport_key"));
  BESA_ASSIGN(crypto::SigningKey signing, load_signing(folder + "/signing.key", "member-signing"));
  BESA_ASSIGN(crypto::SigningKey witness, load_signing(folder + "/witness.key", "member-witness"));
  BESA_ASSIGN(const program::KeyBytes transport_bytes,
              program::read_key_file(folder + "/transport.key", "member-transport"));
  BESA_ASSIGN(crypto::TransportSecret transport, crypto::TransportSecret::from_bytes(transport_bytes.view()));
  BESA_ASSIGN(const program::KeyBytes storage_bytes, program::read_key_file(folder + "/storage.key", "member-storage"));
  BESA_ASSIGN(crypto::StorageKey storage, crypto::StorageKey::from_bytes(storage_bytes.view()));
  const char* other = signing.public_key() != public_key        ? "signing.key"
                      : witness.public_key() != witness_key     ? "witness.key"
                      : transport.public_key() != transport_key ? "transport.key"
                                                                : nullptr;
  if (other != nullptr) {
    return fail(ErrorKind::malformed, folder + ": " + other + " is not the one of member.request.json");
  }
  return NodeKeys{
      member, organisation, std::move(signing), std::move(witness), std::move(transport), std::move(storage)};
}

base::Status possess(const NodeKeys& keys, const std::string& statement_file) {
  BESA_ASSIGN(const std::string text, program::read_text_file(statement_file, wire::kStatementFileBytes));
  auto read = wire::decode_statement_file(text);
  if (!read) return fail(read.error().kind, statement_file + ": " + read.error().message);
  wire::StatementParts parts = std::move(*read);
  BESA_ASSIGN(const core::ParsedStatement statement, wire::parse_shown(parts.type, parts.body, {}));
  const auto* enrolment = std::get_if<core::Enrolment>(&statement.body);
  if (enrolment == nullptr) return fail(ErrorKind::malformed, statement_file + " is no enrolment");
  if (enrolment->member != keys.member || enrolment->signing_key != keys.signing.public_key() ||
      enrolment->witness_key != keys.witness.public_key() || enrolment->transport_key != keys.transport.public_key()) {
    return fail(ErrorKind::malformed, statement_file + " enrols other keys than the ones of this node");
  }
  BESA_ASSIGN(std::vector<core::SignatureBlock> blocks, core::decode_blocks(parts.blocks));
  BESA_TRY(add_block(statement.id, keys.signing, core::member_key_id(keys.member, keys.signing.public_key()), blocks));
  BESA_TRY(add_block(statement.id, keys.witness, core::witness_key_id(keys.member, keys.witness.public_key()), blocks));
  parts.blocks = core::encode_blocks(blocks);
  BESA_ASSIGN(const std::string signed_text, wire::encode_statement_file(parts));
  return program::write_file(statement_file, base::as_bytes(signed_text), kPublicMode);
}

}  // namespace besa::node
