#include <algorithm>
#include <regex>
#include <sstream>

#include "program/exit_code.h"
#include "tests/man/page.h"

namespace besa::man {
namespace {

using program::ExitCode;

constexpr const char* kSections[] = {"NAME",        "SYNOPSIS", "DESCRIPTION", "OPTIONS",  "COMMANDS",
                                     "EXIT STATUS", "FILES",    "ENVIRONMENT", "EXAMPLES", "SEE ALSO"};
constexpr ExitCode kCodes[] = {ExitCode::ok,        ExitCode::failed,  ExitCode::usage,     ExitCode::verification,
                               ExitCode::not_found, ExitCode::refused, ExitCode::try_later, ExitCode::configuration};

std::set<std::string> all_of(const std::string& text, const char* pattern) {
  const std::regex form(pattern);
  std::set<std::string> out;
  for (std::sregex_iterator it(text.begin(), text.end(), form), end; it != end; ++it) out.insert((*it)[1]);
  return out;
}

std::string shown(const Option& option) {
  return "*" + option.name + "*" + (option.value.empty() ? "" : " _" + option.value + "_");
}

std::string explained(const Option& option) { return shown(option) + "\n\t" + option.words + "\n"; }

// "[*--json*] *--keys* _DIR_ _FILE_" -> each name with whether it may be left out; an option's value is dropped.
struct Named {
  std::set<std::string> must;
  std::set<std::string> may;
  std::set<std::string> with_value;
};

Named named_in(const std::string& synopsis) {
  static const std::regex part(R"re(\*(--[a-z-]+)\*( _[^_]+_)?|_([^_]+)_|(\[)|(\]))re");
  Named out;
  int depth = 0;
  for (std::sregex_iterator it(synopsis.begin(), synopsis.end(), part), end; it != end; ++it) {
    const std::smatch& match = *it;
    if (match[4].matched) ++depth;
    if (match[5].matched) --depth;
    const std::string name = match[1].matched ? match[1] : match[3];
    if (name.empty()) continue;
    (depth > 0 ? out.may : out.must).insert(name);
    if (match[2].matched) out.with_value.insert(name);
  }
  return out;
}

class Comparison {
 public:
  Comparison(const Page& page, std::string program, const Commands& all)
      : page_(page), program_(std::move(program)), all_(all) {}

  std::vector<std::string> run() {
    sections();
    for (const Section& section : page_.sections) {
      for (const std::string& complaint : section.complaints) say("'" + section.title + "': " + complaint);
    }
    if (!out_.empty()) return out_;
    commands();
    shared_options();
    headings();
    exit_codes();
    environment();
    mentioned_options();
    examples();
    see_also();
    return out_;
  }

 private:
  void say(const std::string& what) { out_.push_back(page_.path + ": " + what); }
  bool is_ours(const std::string& words) const { return words == program_ || words.starts_with(program_ + " "); }
  const Section& shared() const { return *page_.find("OPTIONS"); }

  void sections() {
    for (const char* title : kSections) {
      if (page_.find(title) == nullptr) say(std::string("has no section '# ") + title + "'");
    }
    if (const Section* name = page_.find("NAME"); name && name->synopsis.find(program_ + " - ") != 0) {
      say("NAME begins with '" + program_ + " - '");
    }
  }

  void commands() {
    for (const auto& [words, command] : all_) {
      if (!is_ours(words) || command.is_group()) continue;
      if (words == program_) {
        options_of(command, shared());
      } else if (const Section* section = page_.find(words)) {
        synopsis(command, *section);
        options_of(command, *section);
        for (const Explained& option : section->options) {
          if (command.find(option.name) == nullptr) say("'" + words + "' knows no " + option.name + ": take it out");
        }
      } else {
        missing(command);
      }
    }
  }

  void missing(const Command& command) {
    std::string text = "## " + command.words + "\n\n" + synopsis_of(command) + "\n\n" + command.about + "\n\n";
    for (const Option& option : command.options) {
      if (shared().find(option.name) == nullptr) text += explained(option) + "\n";
    }
    say("says nothing of '" + command.words + "'. Below '# COMMANDS' add, in your own words:\n\n" + text);
  }

  void synopsis(const Command& command, const Section& section) {
    const Named page = named_in(section.synopsis);
    const Named help = named_in(synopsis_of(command));
    if (section.synopsis.starts_with("*" + command.words + "*") && page.must == help.must && page.may == help.may &&
        page.with_value == help.with_value) {
      return;
    }
    say("the first paragraph below '## " + command.words + "' differs from --help. It should name:\n\n" +
        synopsis_of(command) + "\n");
  }

  void options_of(const Command& command, const Section& section) {
    for (const Option& option : command.options) {
      const Explained* found = section.find(option.name);
      const std::string where = found == nullptr ? "OPTIONS" : section.title;
      if (found == nullptr) found = shared().find(option.name);
      if (found == nullptr) {
        const std::string heading = &section == &shared() ? "# OPTIONS" : "## " + section.title;
        say("'" + command.words + "' has an option that is not explained. Below '" + heading +
            "' add, in your own words:\n\n" + explained(option));
        continue;
      }
      if (found->has_value == option.value.empty()) say("'" + where + "' should write: " + shown(option));
      for (const std::string& number : option.range) expect_word(*found, where, number, "an end of its range");
      if (!option.preset.empty()) expect_word(*found, where, option.preset, "what holds without it");
    }
  }

  void expect_word(const Explained& option, const std::string& where, const std::string& word, const char* what) {
    const std::regex form("(^|[^0-9A-Za-z.])" + std::regex_replace(word, std::regex(R"(\.)"), R"(\.)") +
                          "($|[^0-9A-Za-z])");
    if (!std::regex_search(option.words, form))
      say(option.name + " in '" + where + "' does not say " + what + ": " + word);
  }

  void shared_options() {
    for (const Explained& option : shared().options) {
      if (option.name != "--help" && !any_command_knows(option.name)) {
        say("no command knows " + option.name + " of '# OPTIONS': take it out");
      }
    }
    if (shared().find("--help") == nullptr) say("OPTIONS explains '*-h*, *--help*'");
  }

  bool any_command_knows(const std::string& option) const {
    return std::any_of(all_.begin(), all_.end(),
                       [&](const auto& one) { return is_ours(one.first) && one.second.find(option) != nullptr; });
  }

  void headings() {
    std::set<std::string> seen;
    for (const Section& section : page_.sections) {
      if (!seen.insert(section.title).second) say("'" + section.title + "' stands there twice");
      if (is_ours(section.title) && !all_.contains(section.title)) {
        say("there is no command '" + section.title + "': take its section out");
      }
    }
  }

  void exit_codes() {
    std::set<std::string> codes;
    for (const ExitCode code : kCodes) codes.insert(std::to_string(program::to_int(code)));
    const auto written = all_of(page_.find("EXIT STATUS")->text, R"re((?:^|\n)\*([0-9]+)\*\n\t)re");
    if (written != codes) say("EXIT STATUS explains each code of lib/program/exit_code.h, as '*75*', and no other");
  }

  void environment() {
    const std::string& text = page_.find("ENVIRONMENT")->text;
    for (const auto& [words, command] : all_) {
      if (!is_ours(words)) continue;
      for (const Option& option : command.options) {
        std::set<std::string> names = all_of(option.words, "(BESA_[A-Z_]+)");
        if (!option.environment.empty()) names.insert(option.environment);
        for (const std::string& name : names) {
          if (text.find("*" + name + "*") == std::string::npos) say("ENVIRONMENT does not explain *" + name + "*");
        }
      }
    }
  }

  // Outside of examples, where the command stands beside it.
  void mentioned_options() {
    std::string text;
    bool literal = false;
    for (const Section& section : page_.sections) {
      std::istringstream lines(section.text);
      for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("```")) literal = !literal;
        if (!literal) text += line + "\n";
      }
    }
    for (const std::string& option : all_of(text, R"re((--[a-z][a-z-]+))re")) {
      if (option != "--help" && !any_command_knows(option)) say("no command knows " + option);
    }
  }

  void examples() {
    bool literal = false;
    std::istringstream lines(page_.find("EXAMPLES")->text);
    std::string joined;
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("```")) literal = !literal;
      if (!literal || line.starts_with("```")) continue;
      joined += line;
      if (joined.ends_with('\\')) {
        joined.back() = ' ';
        continue;
      }
      count += example(joined) ? 1U : 0U;
      joined.clear();
    }
    if (count == 0) say("EXAMPLES shows no call of " + program_);
  }

  // Whether it calls our program.
  bool example(const std::string& line) {
    static const std::regex call(R"re((?:^|[|$] )\s*([a-z][a-z-]*(?: [a-z][a-z-]*)*))re");
    bool ours = false;
    for (std::sregex_iterator it(line.begin(), line.end(), call), end; it != end; ++it) {
      const std::string typed = (*it)[1];
      std::string words = typed;
      while (!words.empty() && !all_.contains(words)) {
        const std::size_t last = words.rfind(' ');
        words.resize(last == std::string::npos ? 0 : last);
      }
      if (words.empty() && typed.starts_with("besa")) say("the example calls no program of ours: " + line);
      if (words.empty()) continue;
      ours = ours || is_ours(words);
      const auto from = static_cast<std::size_t>(it->position(1));
      const std::string rest = line.substr(from, line.find('|', from) - from);
      for (const std::string& option : all_of(rest, R"re( (--[a-z][a-z-]+))re")) {
        if (option != "--help" && all_.at(words).find(option) == nullptr) {
          say("an example gives '" + words + "' the option " + option + ", which it does not know");
        }
      }
      if (!all_.at(words).commands.empty() && rest == words) continue;
      for (const Option& option : all_.at(words).options) {
        if (option.required && option.environment.empty() && rest.find(option.name) == std::string::npos) {
          say("an example leaves out " + option.name + ", which '" + words + "' needs");
        }
      }
    }
    return ours;
  }

  void see_also() {
    const std::string& text = page_.find("SEE ALSO")->text;
    for (const auto& [words, command] : all_) {
      if (words.find(' ') != std::string::npos || words == program_) continue;
      if (text.find("*" + words + "*(") == std::string::npos) say("SEE ALSO does not name *" + words + "*");
    }
  }

  const Page& page_;
  std::string program_;
  const Commands& all_;
  std::vector<std::string> out_;
};

}  // namespace

std::string synopsis_of(const Command& command) {
  std::string out = "*" + command.words + "*";
  const auto add = [&](const std::string& text, bool required) { out += required ? " " + text : " [" + text + "]"; };
  for (const Option& option : command.options) add(shown(option), option.required && option.environment.empty());
  for (const Argument& argument : command.arguments) add("_" + argument.name + "_", argument.required);
  return out;
}

std::vector<std::string> differences(const Page& page, const std::string& program, const Commands& all) {
  return Comparison(page, program, all).run();
}

}  // namespace besa::man
