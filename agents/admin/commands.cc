#include "agents/admin/commands.h"

#include <cstdio>

#include "agents/admin/draft.h"
#include "agents/admin/link.h"
#include "agents/admin/policy_source.h"
#include "core/decide.h"
#include "crypto/secret/random.h"
#include "crypto/verify/hash.h"
#include "program/clock.h"
#include "program/file.h"
#include "program/json.h"
#include "program/time_text.h"
#include "wire/statement.h"
#include "wire/wire_error.h"

namespace besa::admin {
namespace {

using base::ErrorKind;
using base::fail;
using program::ExitCode;
using program::Json;

constexpr std::size_t kAgreementBytes = 64 * 1024 * 1024;

base::Timestamp clock_now() { return program::SystemClock().now(); }

template <class Id>
std::string hex(const Id& id) {
  return base::to_hex(id.view());
}

template <class Id>
base::Result<Id> parse_id(const std::string& text, std::string_view what) {
  const auto bytes = base::from_hex(text);
  Id out;
  if (!bytes || !Id::read(*bytes, out)) {
    return fail(ErrorKind::malformed, std::string(what) + " must be " + std::to_string(2 * Id::kSize) + " hex digits");
  }
  return out;
}

void print(const std::string& text) { std::fputs((text + "\n").c_str(), stdout); }

// One JSON object, or lines for people.
void answer(const Common& common, const Json& json, const std::vector<std::string>& lines) {
  if (common.json) {
    print(program::to_line(json));
    return;
  }
  for (const std::string& text : lines) print(text);
}

core::GovernanceHeader new_header(const NetworkFile& network, const base::StatementId& replaces,
                                  std::uint32_t valid_days) {
  const base::Timestamp now = clock_now();
  return {network.network, crypto::random_salt(), now, now + base::days(valid_days), replaces};
}

// What a new statement replaces: given, or asked from the broker.
base::Result<base::StatementId> find_replaced(const Common& common, const NetworkFile& network, Link::Subject subject,
                                              const base::MemberId& member) {
  if (common.replaces == "none") return base::StatementId{};
  if (!common.replaces.empty()) return parse_id<base::StatementId>(common.replaces, "--replaces");
  if (common.keys.empty()) {
    return fail(ErrorKind::configuration,
                "what does it replace? Give --keys DIR to ask the broker, or --replaces ID (\"none\" for the first)");
  }
  BESA_ASSIGN(const AdministratorKeys keys, load_keys(common.keys));
  BESA_ASSIGN(const auto link, Link::open(common.keys, keys, network));
  return link->last_on(subject, member);
}

// Writes the unsigned statement and says what to do next.
Done finish_draft(const Common& common, const wire::StatementParts& parts) {
  BESA_ASSIGN(const core::ParsedStatement statement, parse_draft(parts));
  BESA_ASSIGN(auto lines, describe(statement));
  BESA_TRY(write_draft(common.out, parts, false));
  lines.push_back("written to " + common.out + "; next: besa-admin sign " + common.out + " --keys DIR");
  answer(common, {{"statement", hex(statement.id)}, {"type", core::name_of(statement.type)}, {"file", common.out}},
         lines);
  return ExitCode::ok;
}

base::Result<base::Digest> agreement_hash(const std::string& path, const std::string& sidecar) {
  BESA_ASSIGN(const base::Bytes document, program::read_file(path, kAgreementBytes));
  const base::Salt salt = crypto::random_salt();
  const base::Digest hash = crypto::sha256(base::ByteWriter().raw(salt).raw(document).take());
  const Json json = {{"agreement_salt", hex(salt)}, {"agreement_hash", hex(hash)}};
  BESA_TRY(program::write_file(sidecar, base::as_bytes(program::to_pretty(json) + "\n")));
  return hash;
}

}  // namespace

Done run_keys(const Common& common, const std::string& folder, const std::string& organisation) {
  base::OrganisationId id = crypto::random_id<base::OrganisationId>();
  if (!organisation.empty()) {
    BESA_ASSIGN(id, parse_id<base::OrganisationId>(organisation, "--organisation"));
  }
  BESA_ASSIGN(const core::Administrator administrator, make_keys(folder, id));
  answer(common, {{"organisation", hex(administrator.organisation)}, {"public", folder + "/administrator.public.json"}},
         {"Keys made in " + folder + ". Keep signing.key and transport.key there, for yourself alone.",
          "Give administrator.public.json to whoever prepares the genesis.",
          "Read this key to the others over the phone: " + hex(administrator.signing_key)});
  return ExitCode::ok;
}

Done run_genesis(const Common& common, const GenesisOptions& options) {
  core::Genesis body;
  const base::Timestamp now = clock_now();
  body.header = {{}, crypto::random_salt(), now, now + base::days(common.valid_days), {}};
  body.name = options.name;
  body.threshold = options.threshold;
  for (const std::string& path : options.administrators) {
    BESA_ASSIGN(const core::Administrator administrator, read_administrator(path));
    body.administrators.push_back(administrator);
  }
  BESA_ASSIGN(const BrokerPublic broker, read_broker(options.broker));
  body.broker_log_key = broker.log_key;
  body.broker_transport_key = broker.transport_key;
  body.decision_version = core::kDecisionVersion;
  body.signature_rule = core::kSignatureRule;
  return finish_draft(common, make_draft(core::StatementType::genesis, wire::encode_genesis(body)));
}

Done run_network(const Common& common, const std::string& genesis, const std::string& endpoint) {
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
  BESA_TRY(sign_draft(parts, keys));
  BESA_ASSIGN(const core::ParsedStatement statement, parse_draft(parts));
  BESA_ASSIGN(auto lines, describe(statement));
  BESA_TRY(write_draft(common.out.empty() ? file : common.out, parts, true));
  lines.push_back("Signed.");
  answer(common, {{"statement", hex(statement.id)}, {"signatures", statement.blocks.size()}}, lines);
  return ExitCode::ok;
}

Done run_show(const Common& common, const std::string& file) {
  BESA_ASSIGN(const wire::StatementParts parts, read_draft(file));
  BESA_ASSIGN(const core::ParsedStatement statement, parse_draft(parts));
  BESA_ASSIGN(const auto lines, describe(statement));
  answer(common,
         {{"statement", hex(statement.id)},
          {"type", core::name_of(statement.type)},
          {"signatures", statement.blocks.size()},
          {"lines", lines}},
         lines);
  return ExitCode::ok;
}

Done run_submit(const Common& common, const std::string& file) {
  BESA_ASSIGN(const wire::StatementParts parts, read_draft(file));
  BESA_ASSIGN(const AdministratorKeys keys, load_keys(common.keys));
  BESA_ASSIGN(const NetworkFile network, read_network(common.network));
  BESA_ASSIGN(const auto link, Link::open(common.keys, keys, network));
  BESA_ASSIGN(const client::SubmitAnswer answered, link->submit(parts));
  if (!answered.entry) {
    return fail(wire::error_kind_of(answered.error),
                "the broker did not take it: " + std::string(wire::name_of(answered.error)) + ": " + answered.detail);
  }
  const core::Entry& entry = answered.entry->entry;
  const std::string verdict(core::name_of(entry.decision.verdict));
  const std::string reason(core::name_of(entry.decision.reason));
  answer(common,
         {{"verdict", verdict}, {"reason", reason}, {"sequence", entry.sequence.value}, {"statement", hex(entry.id)}},
         {entry.decision.accepted()
              ? "Accepted: in force from log entry " + std::to_string(entry.sequence.value) + "."
              : "Refused: " + reason + " (log entry " + std::to_string(entry.sequence.value) + ")."});
  return entry.decision.accepted() ? ExitCode::ok : ExitCode::refused;
}

Done run_enrol(const Common& common, const EnrolOptions& options) {
  BESA_ASSIGN(const MemberRequest request, read_member_request(options.request));
  BESA_ASSIGN(const NetworkFile network, read_network(common.network));
  const auto sector = core::parse_code<core::Sector>(options.sector);
  if (!sector)
    return fail(ErrorKind::malformed, "no such sector '" + options.sector + "'; docs/protocol.md lists them");
  if (options.country.size() != 2) return fail(ErrorKind::malformed, "--country takes two letters, such as AL");
  core::Enrolment body;
  BESA_ASSIGN(const base::StatementId replaces, find_replaced(common, network, Link::Subject::member, request.member));
  body.header = new_header(network, replaces, common.valid_days);
  body.member = request.member;
  body.organisation = request.organisation;
  if (!options.parent.empty()) {
    BESA_ASSIGN(body.parent, parse_id<base::MemberId>(options.parent, "--parent"));
  }
  body.sector = *sector;
  body.country = static_cast<std::uint16_t>(static_cast<unsigned char>(options.country[0]) << 8 |
                                            static_cast<unsigned char>(options.country[1]));
  body.signing_key = request.signing_key;
  body.transport_key = request.transport_key;
  body.witness_key = request.witness_key;
  body.from = clock_now();
  if (!options.from.empty()) {
    BESA_ASSIGN(body.from, program::parse_time(options.from));
  }
  body.until = body.from + base::days(options.days);
  BESA_ASSIGN(body.agreement, agreement_hash(options.agreement, common.out + ".agreement.json"));
  return finish_draft(common, make_draft(core::StatementType::enrolment, wire::encode_enrolment(body)));
}

Done run_standing(const Common& common, const std::string& type, const std::string& member) {
  BESA_ASSIGN(const NetworkFile network, read_network(common.network));
  core::StandingChange body;
  BESA_ASSIGN(body.member, parse_id<base::MemberId>(member, "MEMBER"));
  BESA_ASSIGN(const base::StatementId replaces, find_replaced(common, network, Link::Subject::member, body.member));
  body.header = new_header(network, replaces, common.valid_days);
  const auto statement_type = core::parse_code<core::StatementType>(type);
  return finish_draft(common, make_draft(*statement_type, wire::encode_standing_change(body)));
}

Done run_appoint(const Common& common, const std::string& member, std::uint32_t days) {
  BESA_ASSIGN(const NetworkFile network, read_network(common.network));
  core::AuditorAppointment body;
  BESA_ASSIGN(body.auditor, parse_id<base::MemberId>(member, "MEMBER"));
  BESA_ASSIGN(const base::StatementId replaces, find_replaced(common, network, Link::Subject::auditor, body.auditor));
  body.header = new_header(network, replaces, common.valid_days);
  body.from = clock_now();
  body.until = body.from + base::days(days);
  return finish_draft(common,
                      make_draft(core::StatementType::auditor_appointment, wire::encode_auditor_appointment(body)));
}

Done run_policy_check(const Common& common, const std::string& file) {
  BESA_ASSIGN(const core::Policy policy, load_policy(file));
  const std::vector<Finding> findings = check_policy(policy);
  bool wrong = false;
  Json list = Json::array();
  std::vector<std::string> lines;
  for (const Finding& finding : findings) {
    wrong = wrong || finding.error;
    list.push_back({{"error", finding.error}, {"rule", finding.rule}, {"text", finding.text}});
    lines.push_back(std::string(finding.error ? "error" : "note") + ": rule " + std::to_string(finding.rule) + ": " +
                    finding.text);
  }
  lines.push_back(std::to_string(policy.rules.size()) + " rules, " +
                  std::to_string(wire::encode_policy(policy).size()) + " bytes compiled" +
                  (wrong ? "; mend the errors above" : ""));
  if (!common.json) std::fputs(describe_policy(policy).c_str(), stdout);
  answer(common, {{"rules", policy.rules.size()}, {"findings", list}}, lines);
  return wrong ? ExitCode::configuration : ExitCode::ok;
}

namespace {

base::Result<base::Bytes> compile(const std::string& file) {
  BESA_ASSIGN(const core::Policy policy, load_policy(file));
  for (const Finding& finding : check_policy(policy)) {
    if (finding.error) {
      return fail(ErrorKind::configuration, "rule " + std::to_string(finding.rule) + ": " + finding.text +
                                                "; see besa-admin policy check " + file);
    }
  }
  return wire::encode_policy(policy);
}

}  // namespace

Done run_policy_compile(const Common& common, const std::string& file) {
  BESA_ASSIGN(const base::Bytes bytes, compile(file));
  BESA_TRY(program::write_file(common.out, bytes, 0644));
  const std::string hash = hex(crypto::sha256(bytes));
  answer(common, {{"policy", hash}, {"bytes", bytes.size()}, {"file", common.out}},
         {"Policy " + hash + ", " + std::to_string(bytes.size()) + " bytes, written to " + common.out + "."});
  return ExitCode::ok;
}

Done run_policy_adopt(const Common& common, const std::string& file) {
  BESA_ASSIGN(const base::Bytes bytes, compile(file));
  BESA_ASSIGN(const NetworkFile network, read_network(common.network));
  BESA_ASSIGN(const base::StatementId replaces, find_replaced(common, network, Link::Subject::policy, {}));
  core::PolicyAdoption body;
  body.header = new_header(network, replaces, common.valid_days);
  body.policy = crypto::sha256(bytes);
  body.decision_version = core::kDecisionVersion;
  return finish_draft(common,
                      make_draft(core::StatementType::policy_adoption, wire::encode_policy_adoption(body), bytes));
}

}  // namespace besa::admin
