// Commands on the rule table.
#include "agents/admin/draft.h"
#include "agents/admin/policy_source.h"
#include "agents/admin/policy_words.h"
#include "agents/admin/prepare.h"
#include "core/decide.h"
#include "crypto/verify/hash.h"
#include "program/file.h"
#include "program/json.h"
#include "wire/statement.h"

namespace besa::admin {

using base::ErrorKind;
using base::fail;
using program::ExitCode;
using program::Json;

Done run_policy_check(const Common& common, const std::string& file) {
  BESA_ASSIGN(const core::Policy policy, load_policy(file));
  const std::vector<Finding> findings = check_policy(policy);
  bool wrong = false;
  Json list = Json::array();
  std::vector<std::string> lines = describe_policy(policy);
  for (const Finding& finding : findings) {
    wrong = wrong || finding.error;
    list.push_back({{"error", finding.error}, {"rule", finding.rule}, {"text", finding.text}});
    lines.push_back(std::string(finding.error ? "error" : "note") + ": rule " + std::to_string(finding.rule) + ": " +
                    finding.text);
  }
  lines.push_back(std::to_string(policy.rules.size()) + " rules, " +
                  std::to_string(wire::encode_policy(policy).size()) + " bytes compiled" +
                  (wrong ? "; mend the errors above" : ""));
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
  BESA_TRY(check_free(common.out));
  BESA_ASSIGN(const base::Bytes bytes, compile(file));
  BESA_ASSIGN(const NetworkFile network, read_network(common.network));
  BESA_ASSIGN(const base::StatementId replaces,
              find_replaced(common, network, Link::Subject::policy, {}, Member::may_be_new));
  core::PolicyAdoption body;
  body.header = new_header(network, replaces, common.valid_days);
  body.policy = crypto::sha256(bytes);
  body.decision_version = core::kDecisionVersion;
  return finish_draft(common,
                      make_draft(core::StatementType::policy_adoption, wire::encode_policy_adoption(body), bytes));
}

}  // namespace besa::admin
