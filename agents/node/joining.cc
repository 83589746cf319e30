#include "agents/node/joining.h"

#include <cstdio>
#include <vector>

#include "agents/node/config.h"
#include "agents/node/keys.h"
#include "base/fail_point.h"
#include "client/joining.h"
#include "crypto/secret/random.h"
#include "program/clock.h"
#include "program/file.h"
#include "program/json.h"
#include "program/time_text.h"
#include "transport/requester.h"

namespace besa::node {
namespace {

using base::ErrorKind;
using base::fail;
using base::Result;
using base::Status;
using program::Json;

constexpr std::size_t kShortDigits = 8;
constexpr unsigned kPublicMode = 0644;

template <class Id>
std::string hex(const Id& id) {
  return base::to_hex(id.view());
}

struct Read {
  wire::Invite file;
  client::CheckedInvite checked;
};

Result<Read> read_invite(const std::string& path) {
  BESA_ASSIGN(const std::string text, program::read_text_file(path, wire::kCeremonyFileBytes));
  auto file = wire::decode_invite(text);
  if (!file) return fail(file.error().kind, path + ": " + file.error().message);
  auto checked = client::check_invite(*file);
  if (!checked) return fail(checked.error().kind, path + ": " + checked.error().message);
  BESA_TRY(transport::check_endpoint(checked->terms.endpoint));
  return Read{std::move(*file), std::move(*checked)};
}

Status check_time(const wire::InviteTerms& terms, base::Timestamp now) {
  switch (client::invite_timing(terms, now)) {
    case client::Timing::good: return {};
    case client::Timing::ahead:
      return fail(ErrorKind::denied,
                  program::against_clock("the invite seems to be from the future: it was made", terms.created, now));
    case client::Timing::over: break;
  }
  return fail(ErrorKind::denied, program::against_clock("the invite has expired: it ended", terms.expires, now) +
                                     "; if it is right, ask the administrators for a new invite");
}

// Everything that the configuration needs to be; the names of peers are the agency's to add.
std::string config_text(const wire::InviteTerms& terms, const std::string& socks_proxy) {
  return "# The node of " + hex(terms.member) +
         ", written by besa-node join.\n"
         "state = \"state\"\nkeys = \"keys\"\nsocket = \"node.sock\"\nnetwork = \"" +
         hex(terms.network) + "\"\n\n[broker]\nendpoint = \"" + terms.endpoint + "\"\ntransport_key = \"" +
         hex(terms.broker_transport_key) + "\"\nsocks_proxy = \"" + socks_proxy +
         "\"\n\n# The members that this agency deals with, under names of its own choosing:\n"
         "# [peer.police]\n# member = \"32 hex digits\"\n";
}

// One that is there was written by an earlier try, or by people since: it stays.
Status ensure_config(const std::string& path, const wire::InviteTerms& terms, const std::string& socks_proxy) {
  if (!program::exists(path)) {
    BESA_TRY(program::write_new_file(path, base::as_bytes(config_text(terms, socks_proxy))));
    BESA_FAIL_POINT("join_configured");
  }
  BESA_ASSIGN(const NodeConfig config, load_config(path));
  if (config.network == terms.network) return {};
  return fail(ErrorKind::configuration, path + " is of another network: choose another folder with --dir");
}

// The one of an earlier try. Nothing if there is none.
Result<std::optional<wire::JoinRequest>> find_request(const std::string& path, const std::string& keys_folder,
                                                      const Read& invite) {
  if (!program::exists(path)) return std::nullopt;
  BESA_ASSIGN(const std::string text, program::read_text_file(path, wire::kCeremonyFileBytes));
  BESA_ASSIGN(wire::JoinRequest request, wire::decode_join_request(text));
  BESA_ASSIGN(const client::CheckedRequest checked, client::check_request(request));
  if (request.terms != invite.file.terms) {
    return fail(ErrorKind::already_exists, path + " was made with another invite: choose another folder with --dir");
  }
  BESA_ASSIGN(const NodeKeys keys, load_keys(keys_folder));
  if (checked.body.signing_key == keys.signing.public_key()) return request;
  return fail(ErrorKind::already_exists, path + " was made with other keys than those in " + keys_folder +
                                             ": choose another folder with --dir, and ask for a new invite");
}

Result<wire::JoinRequest> ensure_request(const JoinOptions& options, const std::string& path, const Read& invite) {
  const wire::InviteTerms& terms = invite.checked.terms;
  BESA_ASSIGN(auto earlier, find_request(path, options.folder + "/keys", invite));
  if (earlier) return std::move(*earlier);
  const base::Timestamp now = program::SystemClock().now();
  BESA_TRY(check_time(terms, now));
  BESA_ASSIGN(const NodeKeys keys, ensure_keys(options.folder + "/keys", terms.member, terms.organisation));
  BESA_TRY(ensure_config(options.folder + "/node.toml", terms, options.socks_proxy));
  wire::JoinRequest request =
      client::make_request(invite.file.terms, invite.checked, {keys.signing, keys.witness, keys.transport.public_key()},
                           now, crypto::random_salt());
  BESA_TRY(program::write_new_file(path, base::as_bytes(wire::encode_join_request(request)), kPublicMode));
  BESA_FAIL_POINT("join_written");
  return request;
}

std::vector<std::string> invited_lines(const Read& invite) {
  const wire::InviteTerms& terms = invite.checked.terms;
  const core::Genesis& genesis = invite.checked.genesis;
  std::vector<std::string> lines = {
      "Invited to the network " + genesis.name + " as " + terms.name + ": " + std::string(core::name_of(terms.sector)) +
          ", for " + std::to_string(terms.days) + " days.",
      "Its genesis holds: " + std::to_string(invite.checked.genesis_signatures) + " of its " +
          std::to_string(genesis.administrators.size()) + " administrators signed it, " +
          std::to_string(genesis.threshold) + " were needed, of more than one organisation.",
      "  network        " + hex(terms.network), "  broker         " + terms.endpoint,
      "  member         " + hex(terms.member)};
  if (!terms.parent.is_none()) lines.push_back("  unit of        " + hex(terms.parent));
  lines.push_back("  agreement      SHA-256 " + hex(terms.agreement) + ", salt " + hex(terms.agreement_salt));
  lines.push_back("Invite           " + client::fingerprint_words(invite.checked.fingerprint));
  return lines;
}

void print(const JoinOptions& options, const Json& json, const std::vector<std::string>& lines) {
  if (options.json) {
    std::printf("%s\n", program::to_line(json).c_str());
    return;
  }
  for (const std::string& text : lines) std::printf("%s\n", text.c_str());
}

Json json_of(const Read& invite) {
  const wire::InviteTerms& terms = invite.checked.terms;
  return {{"network", hex(terms.network)},
          {"member", hex(terms.member)},
          {"invite_fingerprint", client::fingerprint_words(invite.checked.fingerprint)}};
}

}  // namespace

Status join(const JoinOptions& options) {
  BESA_ASSIGN(const Read invite, read_invite(options.invite));
  std::vector<std::string> lines = invited_lines(invite);
  Json json = json_of(invite);
  json["dry_run"] = options.dry_run;
  if (options.dry_run) {
    BESA_TRY(check_time(invite.checked.terms, program::SystemClock().now()));
    lines.push_back("Nothing was written (--dry-run): keys, node.toml and the request would come to " + options.folder +
                    ".");
    print(options, json, lines);
    return {};
  }
  const std::string path = options.folder + "/" + hex(invite.checked.terms.member).substr(0, kShortDigits) + ".request";
  BESA_ASSIGN(const wire::JoinRequest request, ensure_request(options, path, invite));
  if (!options.out.empty()) {
    BESA_TRY(program::write_new_file(options.out, base::as_bytes(wire::encode_join_request(request)), kPublicMode));
  }
  const base::StatementId id = core::statement_id(core::StatementType::enrolment, request.body);
  const std::string words = client::fingerprint_words(client::request_fingerprint(request.terms, id));
  json["request"] = path;
  json["config"] = options.folder + "/node.toml";
  json["request_fingerprint"] = words;
  lines.push_back("Request          " + words);
  lines.push_back("Keys are in " + options.folder + "/keys and stay there. Send " + path +
                  " to the administrators; when they call, read each other both fingerprints.");
  lines.push_back("Once they say that it is in force: besa-node run --config " + options.folder +
                  "/node.toml, and beside it besa-node doctor --config " + options.folder + "/node.toml");
  print(options, json, lines);
  return {};
}

}  // namespace besa::node
