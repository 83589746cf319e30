// besa-broker: keeps the log of a network, decides what members submit, and hands out what they may have.
#include "broker/commands.h"
#include "program/cli11.h"
#include "program/command_line.h"
#include "program/exit_code.h"

namespace besa::broker {
namespace {

constexpr const char* kName = "besa-broker";
constexpr const char* kExamples =
    "besa-broker keys --dir /etc/besa/broker\n"
    "besa-broker init --config /etc/besa/broker.toml --genesis genesis.besa\n"
    "besa-broker run --config /etc/besa/broker.toml\n"
    "besa-broker --config /etc/besa/broker.toml --check-config";

struct Arguments {
  std::string folder;
  std::string config;
  std::string genesis;
  bool check = false;
  bool verify = false;
  bool clock_is_right = false;
};

void add_config(CLI::App& command, Arguments& arguments) {
  command.add_option("--config", arguments.config, "Configuration file (TOML)")->required();
}

void declare_keys(CLI::App& app, Arguments& arguments) {
  CLI::App* keys = app.add_subcommand("keys", "Make the log key and the transport key");
  keys->add_option("--dir", arguments.folder, "Folder for the keys; made if it is not there")->required();
  program::add_examples(*keys, "besa-broker keys --dir /etc/besa/broker");
}

void declare_init(CLI::App& app, Arguments& arguments) {
  CLI::App* init = app.add_subcommand("init", "Begin the log with a signed genesis statement");
  add_config(*init, arguments);
  init->add_option("--genesis", arguments.genesis, "Statement file, signed by a quorum")->required();
  program::add_examples(*init, "besa-broker init --config broker.toml --genesis genesis.besa");
}

void declare_run(CLI::App& app, Arguments& arguments) {
  CLI::App* run = app.add_subcommand("run", "Serve until SIGTERM (this is what happens without a command)");
  add_config(*run, arguments);
  run->add_flag("--check-config", arguments.check, "Check configuration and keys, then leave");
  run->add_flag("--clock-is-right", arguments.clock_is_right,
                "You have checked the clock: append although it lies behind the log or over a day past it");
  program::add_examples(*run,
                        "besa-broker run --config broker.toml\nbesa-broker run --config broker.toml --check-config");
}

void declare_backup(CLI::App& app, Arguments& arguments) {
  CLI::App* backup =
      app.add_subcommand("backup", "Copy the log to a new folder, also while the broker runs; not the keys");
  add_config(*backup, arguments);
  backup->add_option("--to", arguments.folder, "Folder to make")->required();
  program::add_examples(*backup, "besa-broker backup --config broker.toml --to /backup/2026-01-31");
  CLI::App* restore = app.add_subcommand("restore", "Put a backup in the place of a log that is lost");
  add_config(*restore, arguments);
  restore->add_option("--from", arguments.folder, "Folder that 'backup' made")->required();
  restore->add_flag("--verify", arguments.verify, "Decide every entry of the log again before it is put in place");
  program::add_examples(*restore, "besa-broker restore --config broker.toml --from /backup/2026-01-31 --verify");
}

void declare_rest(CLI::App& app, Arguments& arguments) {
  CLI::App* rebuild = app.add_subcommand("rebuild", "Decide the whole log again and compare every entry");
  add_config(*rebuild, arguments);
  program::add_examples(*rebuild, "besa-broker rebuild --config broker.toml");
  CLI::App* dump = app.add_subcommand("dump", "Print the view, sorted, one row a line");
  add_config(*dump, arguments);
  program::add_examples(*dump, "besa-broker dump --config broker.toml | sha256sum");
}

void declare(CLI::App& app, Arguments& arguments) {
  app.require_subcommand(0, 1);
  app.add_option("--config", arguments.config, "Configuration file (TOML)");
  app.add_flag("--check-config", arguments.check, "Check configuration and keys, then leave");
  app.add_flag("--clock-is-right", arguments.clock_is_right, "See besa-broker run --help");
  declare_keys(app, arguments);
  declare_init(app, arguments);
  declare_run(app, arguments);
  declare_backup(app, arguments);
  declare_rest(app, arguments);
}

base::Result<int> perform(const CLI::App& app, const Arguments& arguments) {
  if (app.got_subcommand("keys")) return make_keys_command(arguments.folder);
  if (app.got_subcommand("init")) return init_command(arguments.config, arguments.genesis);
  if (app.got_subcommand("backup")) return backup_command(arguments.config, arguments.folder);
  if (app.got_subcommand("restore")) return restore_command(arguments.config, arguments.folder, arguments.verify);
  if (app.got_subcommand("rebuild")) return rebuild_command(arguments.config);
  if (app.got_subcommand("dump")) return dump_command(arguments.config);
  if (arguments.check) return check_config_command(arguments.config);
  return run_command(arguments.config, arguments.clock_is_right);
}

}  // namespace
}  // namespace besa::broker

int main(int argc, char** argv) {
  using namespace besa;
  program::CommandLine line(broker::kName, "The broker of a Besa network.", broker::kExamples);
  broker::Arguments arguments;
  broker::declare(line.app(), arguments);
  if (const auto code = line.parse(argc, argv)) return *code;
  if (line.app().get_subcommands().empty() && arguments.config.empty()) {
    return line.usage("which configuration? Give --config FILE");
  }
  const auto result = broker::perform(line.app(), arguments);
  if (!result) return program::report(broker::kName, result.error());
  return *result;
}
