// The command line of a program: CLI11 with our manners. The file that declares options also includes
// "program/cli11.h" and works on `app()` directly.
//
//   CommandLine line("besa-audit", "Checks an exported log.", "besa-audit verify export/");
//   auto* verify = line.app().add_subcommand("verify", "Check hashes, tree and signatures");
//   add_examples(*verify, "besa-audit verify export/");
//   add_json_flag(*verify, json);
//   if (auto code = line.parse(argc, argv)) return *code;
#pragma once

#include <memory>
#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace besa::program {

class CommandLine {
 public:
  // `examples`: lines for the end of --help; may be empty. Adds --help and --version.
  CommandLine(const std::string& name, std::string description, const std::string& examples);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  CLI::App& app();

  // Nothing: go on. A code: leave main with it; help, version (0) or the complaint (2) are already printed, with "did
  // you mean" for a mistyped subcommand or option. A command that has subcommands needs one of them, unless it set
  // require_subcommand(0, 1) itself.
  [[nodiscard]] std::optional<int> parse(int argc, const char* const* argv);
  // After `parse`: complains of options that do not go together, as `parse` does; the code to leave main with (2).
  [[nodiscard]] int usage(const std::string& message);

 private:
  std::unique_ptr<CLI::App> app_;
};

// Examples at the end of --help of this command, one a line.
void add_examples(CLI::App& app, const std::string& examples);
// --json: "print one JSON object on stdout".
void add_json_flag(CLI::App& app, bool& json);

}  // namespace besa::program
