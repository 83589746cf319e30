#include "program/command_line.h"

#include <algorithm>
#include <iostream>
#include <optional>
#include <vector>

#include "program/cli11.h"
#include "program/exit_code.h"
#include "program/nearest.h"
#include "program/version.h"

namespace besa::program {
namespace {

void require_subcommands(CLI::App& app) {
  const auto all = app.get_subcommands([](CLI::App*) { return true; });
  if (all.empty()) return;
  if (app.get_require_subcommand_min() == 0 && app.get_require_subcommand_max() == 0) app.require_subcommand(1);
  for (CLI::App* sub : all) require_subcommands(*sub);
}

CLI::App& deepest(CLI::App& app) {
  CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().back();
  return *at;
}

std::string full_name(const CLI::App& app) {
  const CLI::App* parent = app.get_parent();
  return parent == nullptr ? app.get_name() : full_name(*parent) + " " + app.get_name();
}

std::vector<std::string> known_names(CLI::App& app, bool options) {
  std::vector<std::string> names;
  if (options) {
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  } else {
    for (const CLI::App* sub : app.get_subcommands([](CLI::App*) { return true; })) names.push_back(sub->get_name());
  }
  return names;
}

// What is wrong with the first argument that nobody wanted.
std::optional<std::string> about_extra(CLI::App& app) {
  const auto extras = app.remaining();
  if (extras.empty()) return std::nullopt;
  const bool is_option = extras.front().rfind('-', 0) == 0;
  const std::string name = extras.front().substr(0, is_option ? extras.front().find('=') : std::string::npos);
  const auto known = known_names(app, is_option);
  const char* what = is_option ? "no option '" : known.empty() ? "unexpected argument '" : "no command '";
  return what + name + "'" + did_you_mean(name, known);
}

// An option in front of the command that it belongs to is left over at a parent.
std::optional<std::string> about_early_option(CLI::App& at) {
  for (CLI::App* app = at.get_parent(); app != nullptr; app = app->get_parent()) {
    for (const std::string& extra : app->remaining()) {
      const std::string name = extra.substr(0, extra.find('='));
      const auto known = known_names(at, true);
      if (std::find(known.begin(), known.end(), name) == known.end()) continue;
      return "the option '" + name + "' belongs behind the command: " + full_name(at) + " " + name + " ...";
    }
    if (auto extra = about_extra(*app)) return extra;
  }
  return std::nullopt;
}

int complain(CLI::App& root, const std::string& message) {
  std::cerr << full_name(root) << ": " << message << "\nSee '" << full_name(deepest(root)) << " --help'.\n";
  return to_int(ExitCode::usage);
}

std::string words_of(CLI::App& root, const CLI::ParseError& error) {
  CLI::App& at = deepest(root);
  auto wrong = about_extra(at);
  if (!wrong) wrong = about_early_option(at);
  return wrong.value_or(error.what());
}

}  // namespace

CommandLine::CommandLine(const std::string& name, std::string description, const std::string& examples)
    : app_(std::make_unique<CLI::App>(std::move(description), name)) {
  app_->set_version_flag("--version", name + " " + kVersion, "Print the version and leave");
  if (!examples.empty()) add_examples(*app_, examples);
}

CommandLine::~CommandLine() = default;

CLI::App& CommandLine::app() { return *app_; }

std::optional<int> CommandLine::parse(int argc, const char* const* argv) {
  require_subcommands(*app_);
  try {
    app_->parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::cout << deepest(*app_).help(deepest(*app_).get_parent() == nullptr ? ""
                                                                            : full_name(*deepest(*app_).get_parent()));
    return to_int(ExitCode::ok);
  } catch (const CLI::CallForVersion& version) {
    std::cout << version.what() << "\n";
    return to_int(ExitCode::ok);
  } catch (const CLI::ParseError& error) {
    return complain(*app_, words_of(*app_, error));
  }
  return std::nullopt;
}

int CommandLine::usage(const std::string& message) { return complain(*app_, message); }

void add_examples(CLI::App& app, const std::string& examples) {
  std::string footer = "\nExamples:\n";
  std::size_t from = 0;
  while (from < examples.size()) {
    const std::size_t end = std::min(examples.find('\n', from), examples.size());
    footer += "  " + examples.substr(from, end - from) + "\n";
    from = end + 1;
  }
  app.footer(footer);
}

void add_json_flag(CLI::App& app, bool& json) { app.add_flag("--json", json, "Print one JSON object on stdout"); }

}  // namespace besa::program
