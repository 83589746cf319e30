#include "agents/node/doctor.h"

#include <algorithm>
#include <cstdio>

#include "program/json.h"

namespace besa::node {
namespace {

using program::ExitCode;
using program::Json;

void print_lines(const Findings& findings) {
  std::size_t width = 0;
  for (const Finding& finding : findings.all()) width = std::max(width, finding.check.size());
  for (const Finding& finding : findings.all()) {
    std::string check = finding.check;
    check.resize(width, ' ');
    std::printf("%-4s  %s  %s\n", std::string(name_of(finding.health)).c_str(), check.c_str(), finding.said.c_str());
    if (!finding.fix.empty()) std::printf("      %s  -> %s\n", std::string(width, ' ').c_str(), finding.fix.c_str());
  }
}

void print_json(const Findings& findings) {
  Json checks = Json::array();
  for (const Finding& finding : findings.all()) {
    checks.push_back(
        {{"check", finding.check}, {"result", name_of(finding.health)}, {"said", finding.said}, {"fix", finding.fix}});
  }
  const bool failed = findings.exit_code() != ExitCode::ok;
  std::printf("%s\n", program::to_line({{"ok", !failed}, {"checks", checks}}).c_str());
}

void look(const DoctorOptions& options, Findings& findings) {
  const auto config = load_config(options.config);
  if (!config) {
    findings.fail("configuration", config.error().message, "mend the file; docs/examples/node.toml has every key",
                  ExitCode::configuration);
    return;
  }
  findings.ok("configuration", options.config + ", " + std::to_string(config->peers.all().size()) + " peers");
  look_at_machine(options.config, *config, findings);
  const auto keys = load_keys(config->keys);
  if (!keys) {
    findings.fail("keys", keys.error().message, "name the folder that besa-node join made under keys, as its owner",
                  ExitCode::configuration);
    return;
  }
  findings.ok("keys", "all four are there, and nobody else can read them");
  if (look_at_broker(*config, *keys, findings)) look_at_node(*config, options, findings);
}

}  // namespace

std::string_view name_of(Health health) {
  switch (health) {
    case Health::ok: return "ok";
    case Health::warn: return "warn";
    case Health::fail: break;
  }
  return "fail";
}

ExitCode Findings::exit_code() const {
  ExitCode out = ExitCode::ok;
  for (const Finding& finding : all_) {
    if (finding.health != Health::fail) continue;
    if (finding.code == ExitCode::configuration) return ExitCode::configuration;
    if (out == ExitCode::ok || out == ExitCode::try_later) out = finding.code;
  }
  return out;
}

ExitCode doctor(const DoctorOptions& options) {
  Findings findings;
  look(options, findings);
  options.json ? print_json(findings) : print_lines(findings);
  return findings.exit_code();
}

}  // namespace besa::node
