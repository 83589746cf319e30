// besa-node: the daemon of one member agency, and the making of its keys.
#include <unistd.h>

#include <cstdio>

#include "agents/node/config.h"
#include "agents/node/doctor.h"
#include "agents/node/joining.h"
#include "agents/node/keys.h"
#include "agents/node/run.h"
#include "crypto/secret/random.h"
#include "crypto/verify/initialise.h"
#include "program/cli11.h"
#include "program/command_line.h"
#include "program/exit_code.h"
#include "program/time_text.h"
#include "transport/requester.h"

namespace besa::node {
namespace {

using program::ExitCode;
using program::to_int;

struct Options {
  std::string folder;
  std::string organisation;
  std::string config;
  std::string statement;
  bool check = false;
  JoinOptions join;
  DoctorOptions doctor;
};

int failed(const base::Error& error) { return program::report("besa-node", error); }

std::string wrong_organisation(const std::string& text) {
  const auto bytes = base::from_hex(text);
  base::OrganisationId organisation;
  const bool fits = bytes && base::OrganisationId::read(*bytes, organisation) && !organisation.is_none();
  return fits ? std::string() : "must be 32 hex digits, not all zeros";
}

int run_keys(const Options& options) {
  base::OrganisationId organisation;
  const auto bytes = base::from_hex(options.organisation);  // looked at before; without the option a random one
  if (bytes) base::OrganisationId::read(*bytes, organisation);
  const auto made = make_keys(options.folder, organisation);
  if (!made) return failed(made.error());
  std::fputs(made->c_str(), stdout);
  if (::isatty(STDERR_FILENO) == 0) return to_int(ExitCode::ok);
  std::fprintf(stderr, "Keys made in %s. Hand member.request.json to the administrators; nothing else leaves it.\n",
               options.folder.c_str());
  return to_int(ExitCode::ok);
}

int run_possess(const Options& options) {
  std::string folder = options.folder;
  if (folder.empty()) {
    const auto config = load_config(options.config);
    if (!config) return failed(config.error());
    folder = config->keys;
  }
  const auto keys = load_keys(folder);
  if (!keys) return failed(keys.error());
  const auto done = possess(*keys, options.statement);
  if (!done) return failed(done.error());
  std::printf("Proof of possession added to %s. Hand it back to the administrators, who sign and submit it.\n",
              options.statement.c_str());
  return to_int(ExitCode::ok);
}

// host:port, and nothing that would end a text in the configuration.
std::string wrong_proxy(const std::string& text) {
  const bool fits = transport::check_endpoint("tcp://" + text).has_value();
  return fits ? std::string() : "must be HOST:PORT, such as 127.0.0.1:9050";
}

CLI::App& declare_join(CLI::App& app, JoinOptions& options) {
  CLI::App& join = *app.add_subcommand("join", "Answer an invite: make keys and write the join request");
  join.add_option("INVITE", options.invite, "the file that the administrators sent")->required()->type_name("FILE");
  join.add_option("--dir", options.folder, "folder for keys, configuration and request; made if it is missing")
      ->capture_default_str()
      ->type_name("DIR");
  join.add_option("--out", options.out, "a copy of the request")->type_name("FILE");
  join.add_option("--socks-proxy", options.socks_proxy, "HOST:PORT of a SOCKS5 proxy on the way to the broker")
      ->check(wrong_proxy);
  join.add_flag("--dry-run", options.dry_run, "Check the invite and write nothing");
  program::add_json_flag(join, options.json);
  program::add_examples(join,
                        "besa-node join 3f2a91bc.invite\nbesa-node join 3f2a91bc.invite --dir /srv/besa --dry-run");
  return join;
}

std::string wrong_patience(const std::string& text) {
  const auto patience = program::parse_duration(text);
  return patience && *patience <= base::hours(1) ? std::string() : "must be a time up to 1h, such as 60s";
}

CLI::App& declare_doctor(CLI::App& app, DoctorOptions& options) {
  CLI::App& doctor =
      *app.add_subcommand("doctor", "Check clock, disk, permissions, the way to the broker, keys, policy");
  doctor.add_option("--config", options.config, "the node's configuration (TOML)")->required()->type_name("FILE");
  doctor.add_option("--echo", options.echo, "the peer to send a test referral to")->capture_default_str();
  doctor.add_option("--patience", options.patience, "how long to wait for its answer")
      ->check(wrong_patience)
      ->capture_default_str();
  doctor.add_flag("--dry-run", options.dry_run, "Send no test referral");
  program::add_json_flag(doctor, options.json);
  program::add_examples(doctor,
                        "besa-node doctor --config besa-node/node.toml\n"
                        "besa-node doctor --config node.toml --dry-run --json");
  return doctor;
}

int run_join(const JoinOptions& options) {
  const base::Status done = join(options);
  return done ? to_int(ExitCode::ok) : failed(done.error());
}

int run(int argc, const char* const* argv) {
  crypto::initialise();
  Options options;
  program::CommandLine line("besa-node", "The node of one member agency of a Besa network.",
                            "besa-node join 3f2a91bc.invite\nbesa-node run --config besa-node/node.toml");
  CLI::App& keys = *line.app().add_subcommand("keys", "Make this agency's keys and its request for enrolment");
  keys.add_option("--dir", options.folder, "folder for the keys, made if it is missing")->required();
  keys.add_option("--organisation-id", options.organisation, "32 hex digits; without it a new random one")
      ->check(wrong_organisation);
  program::add_examples(keys,
                        "besa-node keys --dir keys\nbesa-node keys --dir keys --organisation-id "
                        "00112233445566778899aabbccddeeff");
  CLI::App& possess = *line.app().add_subcommand("possess", "Prove possession of the keys in an enrolment");
  auto* folder = possess.add_option("--dir", options.folder, "folder of the keys");
  auto* config = possess.add_option("--config", options.config, "the node's configuration, which names the folder");
  folder->excludes(config);
  possess.add_option("STATEMENT", options.statement, "the enrolment's statement file")->required();
  program::add_examples(possess, "besa-node possess --dir keys enrolment.statement");
  CLI::App& daemon = *line.app().add_subcommand("run", "Run the node until SIGTERM");
  daemon.add_option("--config", options.config, "the node's configuration (TOML)")->required();
  daemon.add_flag("--check-config", options.check, "only read configuration and keys, then end");
  program::add_examples(daemon,
                        "besa-node run --config /etc/besa/node.toml\n"
                        "besa-node run --config node.toml --check-config");
  CLI::App& join = declare_join(line.app(), options.join);
  CLI::App& check = declare_doctor(line.app(), options.doctor);
  if (const auto code = line.parse(argc, argv)) return *code;
  if (join.parsed()) return run_join(options.join);
  if (check.parsed()) return to_int(doctor(options.doctor));
  if (possess.parsed() && options.folder.empty() && options.config.empty()) {
    return line.usage("whose keys? Give --dir or --config");
  }
  if (keys.parsed()) return run_keys(options);
  return possess.parsed() ? run_possess(options) : run_command(options.config, options.check);
}

}  // namespace
}  // namespace besa::node

int main(int argc, char** argv) { return besa::node::run(argc, argv); }
