#include "tests/man/help.h"

#include <algorithm>
#include <regex>
#include <sstream>

#include "tests/support/process.h"

namespace besa::man {
namespace {

struct Row {
  std::string left;
  std::string words;
};

// "  LEFT   words", where long words, or words of a long LEFT, stand on lines of their own.
std::vector<Row> rows_below(const std::string& text, const std::string& title) {
  std::istringstream lines(text);
  std::vector<Row> out;
  bool ours = false;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(' ')) ours = line == title;
    if (!ours || !line.starts_with("  ")) continue;
    if (line[2] == ' ') {
      if (!out.empty()) out.back().words += line.substr(line.find_first_not_of(' '));
      continue;
    }
    const std::size_t gap = line.find("  ", 2);
    const std::size_t words = gap == std::string::npos ? gap : line.find_first_not_of(' ', gap);
    out.push_back({line.substr(2, gap == std::string::npos ? gap : gap - 2),
                   words == std::string::npos ? "" : line.substr(words)});
  }
  return out;
}

std::string match_of(const std::string& text, const char* pattern, std::size_t group = 1) {
  std::smatch match;
  return std::regex_search(text, match, std::regex(pattern)) ? match[group].str() : "";
}

Option read_option(const Row& row) {
  Option out;
  out.name = match_of(row.left, "(--[a-z-]+)");
  out.words = row.words;
  out.required = row.left.find(" REQUIRED") != std::string::npos;
  out.environment = match_of(row.left, R"(\(Env:([A-Z_]+)\))");
  const std::string kind = match_of(row.left, R"(^\S+ (.*)$)");
  if (kind.starts_with("REQUIRED") || kind.starts_with("(Env:") || kind.starts_with("Excludes:")) return out;
  out.value = match_of(kind, R"(^([A-Z:]+))");
  out.preset = match_of(kind, R"(=(\S+))");
  for (const std::size_t end : {1U, 2U}) {
    const std::string number = match_of(kind, R"(\[([0-9.]+) - ([0-9.]+)\])", end);
    if (!number.empty()) out.range.push_back(number);
  }
  return out;
}

}  // namespace

const Option* Command::find(const std::string& option) const {
  const auto found = std::find_if(options.begin(), options.end(), [&](const Option& o) { return o.name == option; });
  return found == options.end() ? nullptr : &*found;
}

Command read_help(const std::string& words, const std::string& text) {
  Command out;
  out.words = words;
  out.about = text.substr(0, text.find('\n'));
  for (const Row& row : rows_below(text, "Options:")) {
    const Option option = read_option(row);
    if (option.name != "--help") out.options.push_back(option);
  }
  for (const Row& row : rows_below(text, "Positionals:")) {
    out.arguments.push_back({row.left.substr(0, row.left.find(' ')), row.left.find(" REQUIRED") != std::string::npos});
  }
  for (const Row& row : rows_below(text, "Subcommands:")) out.commands.push_back(row.left);
  return out;
}

Commands commands_of(const std::string& program, const std::string& path) {
  Commands out;
  for (std::vector<std::string> todo = {program}; !todo.empty();) {
    const std::string words = todo.back();
    todo.pop_back();
    std::istringstream parts(words);
    std::vector<std::string> arguments;
    for (std::string part; parts >> part;) arguments.push_back(part);
    arguments.erase(arguments.begin());
    arguments.emplace_back("--help");
    const support::Finished help = support::run_program(path, arguments);
    if (help.code != 0) return {};
    out[words] = read_help(words, help.output);
    for (const std::string& command : out[words].commands) todo.push_back(words + " " + command);
  }
  return out;
}

}  // namespace besa::man
