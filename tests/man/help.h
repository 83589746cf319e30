// What the programs say of themselves: every command's --help, read back into options and arguments.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace besa::man {

struct Option {
  std::string name;   // with its dashes: "--valid-days"
  std::string value;  // what stands for it: "FILE"; empty for a flag
  bool required = false;
  std::string preset;              // what holds without it; empty if nothing is said
  std::vector<std::string> range;  // its two ends
  std::string environment;         // the variable that stands in for it
  std::string words;               // what --help says of it
};

struct Argument {
  std::string name;
  bool required = false;
};

struct Command {
  std::string words;  // "besa-admin invite create"
  std::string about;
  std::vector<Option> options;  // but --help
  std::vector<Argument> arguments;
  std::vector<std::string> commands;  // below it
  const Option* find(const std::string& option) const;
  bool is_group() const { return !commands.empty() && words.find(' ') != std::string::npos; }
};

using Commands = std::map<std::string, Command>;

Command read_help(const std::string& words, const std::string& text);

// Runs --help of the program and of all commands below it. Empty if one of them does not answer.
Commands commands_of(const std::string& program, const std::string& path);

}  // namespace besa::man
