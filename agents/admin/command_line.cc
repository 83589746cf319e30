#include "agents/admin/command_line.h"

#include <functional>

#include "agents/admin/arguments.h"
#include "agents/admin/ceremony_options.h"
#include "agents/admin/commands.h"
#include "agents/admin/known.h"
#include "base/ids.h"
#include "program/cli11.h"
#include "program/command_line.h"
#include "program/file.h"

namespace besa::admin {
namespace {

using Run = std::function<Done()>;

// Options, and which command was chosen.
struct Chosen {
  Common common;
  GenesisOptions genesis;
  EnrolOptions enrol;
  LossOptions loss;
  CeremonyChoice ceremony;
  std::string first;  // the file, folder or member that a command works on
  std::string organisation;
  std::string endpoint;
  std::uint32_t days = 365;
  bool replaces_something = false;  // a statement on a subject
  Run run;
};

std::string wrong_replaces(const std::string& text) {
  return text == "none" ? std::string() : wrong_id(text, base::StatementId::kSize);
}

void add_out(CLI::App& app, Chosen& chosen, bool required = true) {
  app.add_option("--out", chosen.common.out, "file to write")->required(required)->type_name("FILE");
}
void add_keys(CLI::App& app, Chosen& chosen, bool required) {
  app.add_option("--keys", chosen.common.keys, "folder with your administrator keys")
      ->required(required)
      ->type_name("DIR");
}
void add_network(CLI::App& app, Chosen& chosen) {
  app.add_option("--network", chosen.common.network, "the network's file (see: besa-admin network)")
      ->required()
      ->type_name("FILE");
}
void add_first(CLI::App& app, Chosen& chosen, const std::string& name, const std::string& what) {
  app.add_option(name, chosen.first, what)->required();
}
void add_member(CLI::App& app, Chosen& chosen, const std::string& what) {
  app.add_option("MEMBER", chosen.first, what)->required()->check(wrong_member);
}
// A new statement on a subject: what it replaces and how long it may wait for signatures.
void add_draft_options(CLI::App& app, Chosen& chosen) {
  add_network(app, chosen);
  app.add_option("--keys", chosen.common.keys,
                 "folder with your administrator keys, to ask the broker what is replaced")
      ->type_name("DIR");
  add_out(app, chosen);
  app.add_option("--replaces", chosen.common.replaces,
                 "id of the last accepted statement on the same subject, or none; default: asked from the broker")
      ->check(wrong_replaces)
      ->type_name("ID");
  app.add_option("--valid-days", chosen.common.valid_days, "days in which it may take effect")
      ->check(CLI::Range(1, 30))
      ->capture_default_str();
}

CLI::App& add(CLI::App& parent, const std::string& name, const std::string& what, const std::string& example,
              Chosen& chosen, Run run) {
  CLI::App* command = parent.add_subcommand(name, what);
  program::add_examples(*command, example);
  program::add_json_flag(*command, chosen.common.json);
  command->callback([&chosen, run = std::move(run)] { chosen.run = run; });
  return *command;
}

// The same for a statement on a subject: what it replaces must be given, or somebody to ask the broker with.
CLI::App& add_draft(CLI::App& parent, const std::string& name, const std::string& what, const std::string& example,
                    Chosen& chosen, Run run) {
  CLI::App& command = add(parent, name, what, example, chosen, {});
  command.callback([&chosen, run = std::move(run)] {
    chosen.replaces_something = true;
    chosen.run = run;
  });
  return command;
}

void declare_keys(CLI::App& app, Chosen& chosen) {
  CLI::App& keys = add(app, "keys", "Make an administrator's keys", "besa-admin keys --dir ~/besa-admin", chosen,
                       [&chosen] { return run_keys(chosen.common, chosen.first, chosen.organisation); });
  keys.add_option("--dir", chosen.first, "folder to make them in")->required()->type_name("DIR");
  keys.add_option("--organisation", chosen.organisation, "id of your organisation, if it has one already")
      ->check(wrong_organisation)
      ->type_name("ID");
}

void declare_genesis(CLI::App& app, Chosen& chosen) {
  CLI::App& genesis =
      add(app, "genesis", "Prepare the statement that begins a network",
          "besa-admin genesis --name nrm.example --threshold 2 --broker broker.public.json "
          "--administrator a.json --administrator b.json --administrator c.json --out genesis.statement",
          chosen, [&chosen] { return run_genesis(chosen.common, chosen.genesis); });
  genesis.add_option("--name", chosen.genesis.name, "letters, digits, '.' and '-'; at most 64")
      ->required()
      ->check(wrong_network_name);
  genesis.add_option("--threshold", chosen.genesis.threshold, "signatures that governance needs")
      ->check(CLI::Range(2, 32))
      ->capture_default_str();
  genesis.add_option("--broker", chosen.genesis.broker, "the broker's public file")->required()->type_name("FILE");
  genesis.add_option("--administrator", chosen.genesis.administrators, "an administrator's public file; repeat")
      ->required()
      ->type_name("FILE");
  add_out(genesis, chosen);
  CLI::App& network =
      add(app, "network", "Check a signed genesis and write what members need to know of the network",
          "besa-admin network genesis.statement --endpoint tcp://broker.example:7700 --out network.json", chosen,
          [&chosen] { return run_network(chosen.common, chosen.first, chosen.endpoint); });
  add_first(network, chosen, "GENESIS", "the signed genesis statement");
  network.add_option("--endpoint", chosen.endpoint, "where the broker listens: tcp://HOST:PORT")
      ->required()
      ->check(wrong_endpoint);
  add_out(network, chosen);
}

void declare_statements(CLI::App& app, Chosen& chosen) {
  CLI::App& sign = add(app, "sign", "Show a statement and add your signature",
                       "besa-admin sign enrol-shelter.statement --keys ~/besa-admin", chosen,
                       [&chosen] { return run_sign(chosen.common, chosen.first); });
  add_first(sign, chosen, "FILE", "a statement file");
  add_keys(sign, chosen, true);
  add_out(sign, chosen, false);
  CLI::App& show =
      add(app, "show", "Say what a statement file means and who signed it", "besa-admin show enrol-shelter.statement",
          chosen, [&chosen] { return run_show(chosen.common, chosen.first); });
  add_first(show, chosen, "FILE", "a statement file");
  CLI::App& submit = add(app, "submit", "Bring a signed statement, or an approved join request, to the broker",
                         "besa-admin submit enrol-shelter.statement --network network.json --keys ~/besa-admin\n"
                         "besa-admin submit 3f2a91bc.request --keys ~/besa-admin",
                         chosen, [&chosen] { return run_submit(chosen.common, chosen.first, chosen.ceremony); });
  add_first(submit, chosen, "FILE", "a signed statement file, or a join request with its approvals beside it");
  submit.add_option("--approval", chosen.ceremony.approvals, "an approval that lies elsewhere; repeat")
      ->type_name("FILE");
  add_own_network(submit, chosen.common, chosen.ceremony);
  submit.add_flag("--dry-run", chosen.ceremony.dry_run, "Only say what the broker would decide");
  add_own_keys(submit, chosen.common);
}

void declare_members(CLI::App& app, Chosen& chosen) {
  CLI::App& enrol =
      add_draft(app, "enrol", "Prepare a member's enrolment from its request",
                "besa-admin enrol member.request.json --sector shelter --country AL --agreement agreement.pdf "
                "--network network.json --replaces none --out enrol-shelter.statement",
                chosen, [&chosen] { return run_enrol(chosen.common, chosen.enrol); });
  enrol.add_option("REQUEST", chosen.enrol.request, "the agency's member.request.json")->required();
  enrol.add_option("--sector", chosen.enrol.sector, "what the member is, such as shelter or border_police")
      ->required()
      ->check(wrong_sector);
  enrol.add_option("--country", chosen.enrol.country, "two capital letters, such as AL")
      ->required()
      ->check(wrong_country);
  enrol.add_option("--agreement", chosen.enrol.agreement, "the data-sharing agreement; only its salted hash is signed")
      ->required()
      ->type_name("FILE");
  enrol.add_option("--parent", chosen.enrol.parent, "the member that this one is a unit of")
      ->check(wrong_member)
      ->type_name("MEMBER");
  enrol.add_option("--from", chosen.enrol.from, "begin, such as 2025-03-01T00:00:00Z; default: now")
      ->check(wrong_time)
      ->type_name("TIME");
  enrol.add_option("--days", chosen.enrol.days, "length in days")->check(CLI::Range(1, 3650))->capture_default_str();
  add_draft_options(enrol, chosen);
  struct Change {
    const char* command;
    const char* type;
    const char* what;
  };
  for (const Change& change : {Change{"suspend", "suspension", "Prepare a member's suspension"},
                               Change{"reinstate", "reinstatement", "Prepare a suspended member's return"},
                               Change{"remove", "removal", "Prepare a member's removal, for good"}}) {
    const std::string type = change.type;
    CLI::App& command = add_draft(app, change.command, change.what,
                                  std::string("besa-admin ") + change.command +
                                      " MEMBER --network network.json --keys ~/besa-admin --out change.statement",
                                  chosen, [&chosen, type] { return run_standing(chosen.common, type, chosen.first); });
    add_member(command, chosen, "its id");
    add_draft_options(command, chosen);
  }
  CLI::App& appoint =
      add_draft(app, "appoint-auditor", "Prepare an auditor's appointment",
                "besa-admin appoint-auditor MEMBER --days 30 --network network.json --keys ~/besa-admin "
                "--out appointment.statement",
                chosen, [&chosen] { return run_appoint(chosen.common, chosen.first, chosen.days); });
  add_member(appoint, chosen, "the auditor's member id");
  appoint.add_option("--days", chosen.days, "length in days")->check(CLI::Range(1, 3650))->capture_default_str();
  add_draft_options(appoint, chosen);
}

void declare_loss(CLI::App& app, Chosen& chosen) {
  CLI::App* loss = app.add_subcommand("loss", "After the broker was restored from an older copy");
  loss->require_subcommand(1);
  CLI::App& prepare = add(*loss, "prepare", "Prepare the statement that accepts what was lost",
                          "besa-admin loss prepare --kept SIZE:ROOT --lost rollback-seen --network network.json "
                          "--keys ~/besa-admin --out loss.statement",
                          chosen, [&chosen] { return run_loss_prepare(chosen.common, chosen.loss); });
  add_network(prepare, chosen);
  add_keys(prepare, chosen, true);
  add_out(prepare, chosen);
  prepare
      .add_option("--lost", chosen.loss.lost,
                  "the highest lost checkpoint: the broker's state/rollback-seen; default: the newest that you "
                  "were shown; none: no checkpoint is known")
      ->type_name("FILE");
  prepare
      .add_option("--kept", chosen.loss.kept,
                  "what the restored copy held, as besa-broker restore printed it (or besa-audit export of it)")
      ->required()
      ->type_name("SIZE:ROOT");
  prepare.add_option("--collect-hours", chosen.loss.collect_hours, "how long agencies may offer again what was lost")
      ->check(CLI::Range(0.001, 600.0))
      ->capture_default_str();
  prepare.add_option("--valid-days", chosen.common.valid_days, "days in which it may take effect")
      ->check(CLI::Range(1, 30))
      ->capture_default_str();
  CLI::App& offer = add(*loss, "offer", "Offer again the governance that was lost",
                        "besa-admin loss offer --network network.json --keys ~/besa-admin", chosen,
                        [&chosen] { return run_loss_offer(chosen.common); });
  add_network(offer, chosen);
  add_keys(offer, chosen, true);
}

void declare_policy(CLI::App& app, Chosen& chosen) {
  CLI::App* policy = app.add_subcommand("policy", "The rule table: check, compile, adopt");
  policy->require_subcommand(1);
  CLI::App& check =
      add(*policy, "check", "Find mistakes and show the rules as a table", "besa-admin policy check policy.toml",
          chosen, [&chosen] { return run_policy_check(chosen.common, chosen.first); });
  add_first(check, chosen, "FILE", "a rule table in TOML");
  CLI::App& compile =
      add(*policy, "compile", "Compile it and print its hash", "besa-admin policy compile policy.toml --out policy.bin",
          chosen, [&chosen] { return run_policy_compile(chosen.common, chosen.first); });
  add_first(compile, chosen, "FILE", "a rule table in TOML");
  add_out(compile, chosen);
  CLI::App& adopt = add_draft(*policy, "adopt", "Prepare its adoption",
                              "besa-admin policy adopt policy.toml --network network.json --replaces none --out "
                              "policy.statement",
                              chosen, [&chosen] { return run_policy_adopt(chosen.common, chosen.first); });
  add_first(adopt, chosen, "FILE", "a rule table in TOML");
  add_draft_options(adopt, chosen);
}

}  // namespace

int run(int argc, const char* const* argv) {
  Chosen chosen;
  program::CommandLine line("besa-admin", "Governs a Besa network: keys, genesis, members, policy, auditors.",
                            "besa-admin keys --dir ~/besa-admin\nbesa-admin policy check policy.toml");
  declare_keys(line.app(), chosen);
  declare_genesis(line.app(), chosen);
  declare_statements(line.app(), chosen);
  declare_members(line.app(), chosen);
  declare_ceremony(line.app(), chosen.common, chosen.ceremony, [&chosen](Run run) { chosen.run = std::move(run); });
  declare_policy(line.app(), chosen);
  declare_loss(line.app(), chosen);
  if (const auto code = line.parse(argc, argv)) return *code;
  if (chosen.replaces_something && chosen.common.keys.empty() && chosen.common.replaces.empty()) {
    return line.usage("what does it replace? Give --keys DIR to ask the broker, --replaces ID, or --replaces none");
  }
  if (chosen.ceremony.needs_network && chosen.common.network.empty() && !program::exists(network_file(chosen.common))) {
    return line.usage("--network is required, unless the keys folder holds network.json: " +
                      network_file(chosen.common) + " is not there");
  }
  const auto done = chosen.run();
  if (!done) return program::report("besa-admin", done.error());
  return program::to_int(*done);
}

}  // namespace besa::admin
