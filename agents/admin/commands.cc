// Commands on keys, the genesis, and statements on their way to the broker.
#include "agents/admin/commands.h"

#include "agents/admin/ceremony_options.h"
#include "agents/admin/draft.h"
#include "agents/admin/known.h"
#include "agents/admin/prepare.h"
#include "agents/admin/words.h"
#include "core/decide.h"
#include "crypto/secret/random.h"
#include "program/file.h"
#include "program/json.h"
#include "program/time_text.h"
#include "transport/requester.h"
#include "wire/ceremony.h"
#include "wire/statement.h"
#include "wire/statement_file.h"
#include "wire/wire_error.h"

namespace besa::admin {
namespace {

using base::ErrorKind;
using base::fail;
using program::ExitCode;
using program::Json;

Json ids_json(const std::vector<base::KeyId>& keys) {
  Json out = Json::array();
  for (const base::KeyId& key : keys) out.push_back(hex(key));
  return out;
}

Json statement_json(const core::ParsedStatement& statement) {
  const Signatures signatures = signatures_of(statement);
  const core::GovernanceHeader* header = core::governance_header(statement.body);
  return {{"statement", hex(statement.id)},
          {"type", core::name_of(statement.type)},
          {"network", hex(header->network)},
          {"created", program::format_time(header->created)},
          {"valid_until", program::format_time(header->valid_until)},
          {"replaces", hex(header->replaces)},
          {"signatures", signatures.administrators.size()},
          {"signed_by", ids_json(signatures.administrators)},
          {"possession", ids_json(signatures.possession)}};
}

// What comes after a signature.
std::string next_step(const core::ParsedStatement& statement, const std::string& file) {
  const std::size_t count = signatures_of(statement).administrators.size();
  const std::string sign = "another administrator signs it: besa-admin sign " + file + " --keys DIR";
  const auto* genesis = std::get_if<core::Genesis>(&statement.body);
  if (genesis == nullptr) {
    return "Signed. Next: " + sign + "; or, with enough signatures: besa-admin submit " + file +
           " --network FILE --keys DIR";
  }
  if (count < genesis->threshold) {
    return "Signed, " + std::to_string(count) + " of " + std::to_string(genesis->threshold) + ". Next: " + sign;
  }
  return "Signed by enough. Next: besa-admin network " + file + " --endpoint tcp://HOST:PORT --out network.json";
}

std::string not_taken(const client::SubmitAnswer& answered) {
  const std::string name(wire::name_of(answered.error));
  const std::string& detail = answered.detail;
  const bool named = detail.starts_with(name);
  return "the broker did not take it: " + (named ? detail : name + (detail.empty() ? "" : ": " + detail));
}

}  // namespace

Done run_keys(const Common& common, const std::string& folder, const std::string& organisation) {
  base::OrganisationId id = crypto::random_id<base::OrganisationId>();
  if (!organisation.empty()) {
    BESA_ASSIGN(id, parse_id<base::OrganisationId>(organisation, "--organisation"));
  }
  BESA_ASSIGN(const core::Administrator administrator, make_keys(folder, id));
  answer(common,
         {{"organisation", hex(administrator.organisation)},
          {"signing_key", hex(administrator.signing_key)},
          {"public", folder + "/administrator.public.json"}},
         {"Keys made in " + folder + ". Keep signing.key and transport.key there, for yourself alone.",
          "Give administrator.public.json to whoever prepares the genesis.",
          "Read this key to the others over the phone: " + hex(administrator.signing_key)});
  return ExitCode::ok;
}

Done run_genesis(const Common& common, const GenesisOptions& options) {
  BESA_TRY(check_free(common.out));
  core::Genesis body;
  const base::Timestamp now = clock_now();
  body.header = {{}, crypto::random_salt(), now, now + base::days(common.valid_days), {}};
  body.name = options.name;
  body.threshold = options.threshold;
  for (const std::string& path : options.administrators) {
    BESA_ASSIGN(const core::Administrator administrator, read_administrator(path));
    body.administrators.push_back(administrator);
  }
  BESA_TRY(check_administrators(body));
  BESA_ASSIGN(const BrokerPublic broker, read_broker(options.broker));
  body.broker_log_key = broker.log_key;
  body.broker_transport_key = broker.transport_key;
  body.decision_version = core::kDecisionVersion;
  body.signature_rule = core::kSignatureRule;
  return finish_draft(common, make_draft(core::StatementType::genesis, wire::encode_genesis(body)));
}

Done run_network(const Common& common, const std::string& genesis, const std::string& endpoint) {
  BESA_TRY(transport::check_endpoint(endpoint));
  BESA_ASSIGN(const wire::StatementParts parts, read_draft(genesis));
  BESA_TRY(check_genesis(parts, clock_now()));
  BESA_ASSIGN(const core::ParsedStatement statement, parse_draft(parts));
  const auto& body = std::get<core::Genesis>(statement.body);
  const NetworkFile network{body.name, base::id_cast<base::NetworkId>(statement.id), body.broker_log_key,
                            body.broker_transport_key, endpoint};
  BESA_TRY(write_network(common.out, network));
  answer(common, {{"network", hex(network.network)}, {"file", common.out}},
         {"The genesis holds: enough administrators of different organisations have signed it.",
          "Network " + hex(network.network),
          "Written to " + common.out + "; every node, administrator and auditor needs it."});
  return ExitCode::ok;
}

Done run_sign(const Common& common, const std::string& file) {
  BESA_ASSIGN(const AdministratorKeys keys, load_keys(common.keys));
  BESA_ASSIGN(wire::StatementParts parts, read_draft(file));
  BESA_ASSIGN(const core::ParsedStatement before, parse_draft(parts));
  BESA_TRY(check_signable(before, keys, Link::known_network(common.keys), clock_now()));
  BESA_TRY(sign_draft(parts, keys));
  BESA_ASSIGN(const core::ParsedStatement statement, parse_draft(parts));
  BESA_ASSIGN(auto lines, describe(statement));
  const std::string& out = common.out.empty() ? file : common.out;
  BESA_TRY(write_draft(out, parts, true));
  lines.push_back(next_step(statement, out));
  answer(common, statement_json(statement), lines);
  return ExitCode::ok;
}

Done run_show(const Common& common, const std::string& file) {
  BESA_ASSIGN(const wire::StatementParts parts, read_draft(file));
  BESA_ASSIGN(const core::ParsedStatement statement, parse_draft(parts));
  BESA_ASSIGN(const auto lines, describe(statement));
  Json json = statement_json(statement);
  json["lines"] = lines;
  answer(common, json, lines);
  return ExitCode::ok;
}

Done run_submit(const Common& common, const std::string& file, const CeremonyChoice& choice) {
  BESA_ASSIGN(const std::string text, program::read_text_file(file, wire::kStatementFileBytes));
  if (text.starts_with(wire::kJoinRequestHeader)) {
    return run_submit_request(common, file, choice.approvals, choice.dry_run);
  }
  if (!choice.approvals.empty()) return fail(ErrorKind::malformed, "approvals go with a join request: this is none");
  BESA_ASSIGN(const wire::StatementParts parts, read_draft(file));
  BESA_ASSIGN(const AdministratorKeys keys, load_keys(common.keys));
  BESA_ASSIGN(const NetworkFile network, read_network(network_file(common)));
  if (choice.dry_run) {
    BESA_ASSIGN(const core::ParsedStatement statement, parse_draft(parts));
    BESA_ASSIGN(auto lines, describe(statement));
    lines.emplace_back("Nothing was submitted (--dry-run).");
    answer(common, statement_json(statement), lines);
    return ExitCode::ok;
  }
  // The broker stands behind what this administrator has seen: that is what the statement is about.
  const bool loss = parts.type == core::media_type(core::StatementType::loss_accepted);
  BESA_ASSIGN(auto link, loss ? Link::open_afresh(common.keys, keys, network) : Link::open(common.keys, keys, network));
  auto submitted = link->submit(parts);
  if (!submitted && loss && link->session().newer_epoch()) {
    // It was accepted: the receipt lies in the epoch that it began, and the same bytes give it again.
    BESA_ASSIGN(link, Link::open_afresh(common.keys, keys, network));
    submitted = link->submit(parts);
  }
  BESA_TRY(submitted);
  const client::SubmitAnswer& answered = *submitted;
  if (!answered.entry) return fail(wire::error_kind_of(answered.error), not_taken(answered));
  if (!loss) BESA_TRY(link->keep_governance(common.keys));
  const core::Entry& entry = answered.entry->entry;
  const std::string verdict(core::name_of(entry.decision.verdict));
  const std::string reason(core::name_of(entry.decision.reason));
  const std::string words = entry.decision.accepted() ? std::string() : reason_words(entry.decision.reason);
  const std::string at = std::to_string(entry.sequence.value);
  std::optional<base::Sequence> replaced;  // only what was decided before can be
  if (entry.decision.accepted()) {
    BESA_ASSIGN(replaced, link->replaced_by(entry.id, entry.sequence));
  }
  const std::string line = !entry.decision.accepted() ? "Refused: " + words + " (log entry " + at + ")."
                           : replaced
                               ? "Not in force: it was accepted before as log entry " + at + ", and log entry " +
                                     std::to_string(replaced->value) + " took its place. Prepare a new statement."
                               : "Accepted: in force from log entry " + at + ".";
  Json json = {
      {"verdict", verdict},         {"reason", reason},      {"words", words}, {"sequence", entry.sequence.value},
      {"statement", hex(entry.id)}, {"replaced_by", nullptr}};
  if (replaced) json["replaced_by"] = replaced->value;
  answer(common, json, {line});
  return entry.decision.accepted() && !replaced ? ExitCode::ok : ExitCode::refused;
}

}  // namespace besa::admin
