// A manual page's source (scdoc) as the test reads it, and what it gets wrong.
//
//   # COMMANDS
//   ## besa-admin invite revoke
//
//   *besa-admin invite revoke* [*--dry-run*] *--keys* _DIR_ _INVITE_
//
//   Prose.
//
//   *--keys* _DIR_
//   <tab>What it means.
//
// The first paragraph of a command names all its options and arguments, in brackets what may be left out. Each option
// is explained below its command, or below "# OPTIONS", where those stand that several commands share and those that
// belong to no command.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/man/help.h"

namespace besa::man {

struct Explained {
  std::string name;
  bool has_value = false;
  std::string words;
};

struct Section {
  std::string title;  // "OPTIONS", or a command's words
  std::string text;
  std::string synopsis;  // the first paragraph
  std::vector<Explained> options;
  std::vector<std::string> complaints;  // of its form
  const Explained* find(const std::string& option) const;
};

struct Page {
  std::string path;
  std::vector<Section> sections;  // both levels, in order
  const Section* find(const std::string& title) const;
};

Page read_page(const std::string& path, const std::string& text);

// Everything in which page and programs differ, each with what to write where. `all` are the commands of all programs:
// examples may call any of them.
std::vector<std::string> differences(const Page& page, const std::string& program, const Commands& all);

// The paragraph that a command's section should begin with.
std::string synopsis_of(const Command& command);

}  // namespace besa::man
