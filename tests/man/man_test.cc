// Each manual page against the program that it describes, and the comparison against mistakes of every kind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/man/page.h"

namespace besa::man {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Program {
  const char* name;
  const char* path;
  const char* page;
};

void PrintTo(const Program& program, std::ostream* out) { *out << program.name; }

constexpr Program kPrograms[] = {{"besa", BESA_BESA, "docs/man/besa.1.scd"},
                                 {"besa-node", BESA_NODE, "docs/man/besa-node.8.scd"},
                                 {"besa-broker", BESA_BROKER, "docs/man/besa-broker.8.scd"},
                                 {"besa-admin", BESA_ADMIN, "docs/man/besa-admin.1.scd"},
                                 {"besa-audit", BESA_AUDIT, "docs/man/besa-audit.1.scd"}};

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string joined(const std::vector<std::string>& complaints) {
  std::string out;
  for (const std::string& complaint : complaints) out += complaint + "\n";
  return out;
}

const Commands& all_commands() {
  static const Commands all = [] {
    Commands out;
    for (const Program& program : kPrograms) out.merge(commands_of(program.name, program.path));
    return out;
  }();
  return all;
}

class ManualPage : public testing::TestWithParam<Program> {};

TEST_P(ManualPage, SaysWhatHelpSaysAndNothingElse) {
  const Program& program = GetParam();
  ASSERT_TRUE(all_commands().contains(program.name)) << program.path << " --help fails";
  const std::string text = text_of(program.page);
  ASSERT_FALSE(text.empty()) << program.page << " cannot be read";
  const auto found = differences(read_page(program.page, text), program.name, all_commands());
  EXPECT_THAT(found, IsEmpty()) << joined(found);
}

INSTANTIATE_TEST_SUITE_P(Programs, ManualPage, testing::ValuesIn(kPrograms), [](const auto& about) {
  std::string name;
  for (const char* c = about.param.name; *c != 0; ++c) {
    if (*c != '-') name += *c;
  }
  return name;
});

TEST(ManualPages, EachIsOfAProgram) {
  std::vector<std::string> pages;
  for (const auto& file : std::filesystem::directory_iterator("docs/man")) pages.push_back(file.path().string());
  std::vector<std::string> known;
  for (const Program& program : kPrograms) known.emplace_back(program.page);
  EXPECT_THAT(pages, testing::UnorderedElementsAreArray(known));
}

// A small program and its page, which agree.
constexpr const char* kHelp = R"(Minds a house.
Usage: house [OPTIONS] SUBCOMMAND

Options:
  -h,--help                   Print this help message and exit
  --version                   Print the version and leave

Subcommands:
  open                        Open a door
)";
constexpr const char* kOpenHelp = R"(Open a door
Usage: house open [OPTIONS] DOOR [KEY]

Positionals:
  DOOR TEXT REQUIRED          which one
  KEY TEXT                    with what

Options:
  -h,--help                   Print this help message and exit
  --keys DIR REQUIRED (Env:HOUSE_KEYS)
                              where the keys hang
  --days UINT:INT in [1 - 30]=7
                              how long it stays open
  --dry-run                   Only say so


Examples:
  house open front --keys hall
)";
constexpr const char* kPage = R"(house(1)

# NAME

house - minds a house

# SYNOPSIS

*house* _COMMAND_

# DESCRIPTION

Text.

# OPTIONS

*-h*, *--help*
	Help.

*--version*
	Version.

*--dry-run*
	Only say so.

# COMMANDS

## house open

*house open* [*--keys* _DIR_] [*--days* _N_] [*--dry-run*] _DOOR_ [_KEY_]

Opens. Look first with --dry-run.

*--keys* _DIR_
	Where they hang.

*--days* _N_
	From 1 to 30 days; without it 7.

# EXIT STATUS

*0*
	a
*1*
	b
*2*
	c
*3*
	d
*4*
	e
*5*
	f
*75*
	g
*78*
	h

# FILES

None.

# ENVIRONMENT

*HOUSE_KEYS*
	Stands in for --keys.

# EXAMPLES

```
$ house open front --keys hall
```

# SEE ALSO

Nothing.
)";

Commands house() { return {{"house", read_help("house", kHelp)}, {"house open", read_help("house open", kOpenHelp)}}; }

std::string with(std::string text, const std::string& old, const std::string& by) {
  const std::size_t at = text.find(old);
  EXPECT_NE(at, std::string::npos) << old;
  return at == std::string::npos ? text : text.replace(at, old.size(), by);
}

std::vector<std::string> of_page(const std::string& text) {
  return differences(read_page("p", text), "house", house());
}

TEST(Differences, NoneInAPageThatIsRight) { EXPECT_THAT(of_page(kPage), IsEmpty()) << joined(of_page(kPage)); }

struct Mistake {
  const char* old;
  const char* by;
  const char* complaint;
};

TEST(Differences, EachKindIsNamedWithWhatToDo) {
  const Mistake mistakes[] = {
      {" [*--dry-run*]", "", "differs from --help. It should name:"},
      {" [*--dry-run*]", " *--dry-run*", "differs from --help"},
      {" [*--dry-run*]", " [*--dry-run*] [*--force*]", "differs from --help"},
      {"[*--days* _N_]", "[*--days*]", "differs from --help"},
      {" _DOOR_ [_KEY_]", " _DOOR_", "differs from --help"},
      {" _DOOR_ [_KEY_]", " [_DOOR_] [_KEY_]", "differs from --help"},
      {"*--keys* _DIR_\n\tWhere", "*--hang* _DIR_\n\tWhere", "'house open' knows no --hang"},
      {"*--keys* _DIR_\n\tWhere they hang.\n", "", "an option that is not explained. Below '## house open' add"},
      {"*--keys* _DIR_\n\tWhere", "*--keys*\n\tWhere", "should write: *--keys* _DIR_"},
      {"*--dry-run*\n\tOnly", "*--dry-run* _X_\n\tOnly", "should write: *--dry-run*"},
      {"*--version*\n\tVersion.\n", "", "Below '# OPTIONS' add"},
      {"*--version*\n\tVersion.\n", "*--version*\n\tV.\n\n*--force*\n\tF.\n", "no command knows --force"},
      {"without it 7", "without it 8", "--days in 'house open' does not say what holds without it: 7"},
      {"From 1 to 30", "From 1 to 31", "an end of its range: 30"},
      {"*--days* _N_\n\t", "*--days N*\n\t", "does not explain an option in the form"},
      {"## house open\n", "## house close\n", "says nothing of 'house open'. Below '# COMMANDS' add"},
      {"## house open\n", "## house close\n", "there is no command 'house close'"},
      {"Look first with --dry-run", "Look first with --try", "no command knows --try"},
      {"*75*\n\tg\n", "", "EXIT STATUS explains each code"},
      {"*75*\n\tg\n", "*75*\n\tg\n*76*\n\tg\n", "EXIT STATUS explains each code"},
      {"*HOUSE_KEYS*", "*HOUSE_DOORS*", "ENVIRONMENT does not explain *HOUSE_KEYS*"},
      {"# FILES", "# THINGS", "has no section '# FILES'"},
      {"house open front --keys hall", "house open front --force", "the option --force, which it does not know"},
      {"house open front", "besa-house open front", "calls no program of ours"},
      {"house open front --keys hall", "house open front --keys hall --days 3 | house open back --wide", "--wide"},
      {"$ house open front --keys hall\n", "", "EXAMPLES shows no call of house"},
      {"house - minds", "home - minds", "NAME begins with"},
  };
  for (const Mistake& mistake : mistakes) {
    EXPECT_THAT(joined(of_page(with(kPage, mistake.old, mistake.by))), HasSubstr(mistake.complaint)) << mistake.by;
  }
}

TEST(Differences, AnOptionOrACommandThatHelpHasAndThePageDoesNot) {
  Commands all = house();
  all["house open"] =
      read_help("house open", with(kOpenHelp, "  --dry-run  ", "  --wide  a wider door\n  --dry-run  "));
  const std::string wide = joined(differences(read_page("p", kPage), "house", all));
  EXPECT_THAT(wide, HasSubstr("[*--wide*]"));
  EXPECT_THAT(wide, HasSubstr("Below '## house open' add, in your own words:\n\n*--wide*\n\ta wider door\n"));
  all = house();
  all["house lock"] = read_help("house lock", with(kOpenHelp, "Open a door", "Lock a door"));
  const std::string lock = joined(differences(read_page("p", kPage), "house", all));
  EXPECT_THAT(lock, HasSubstr("## house lock\n\n*house lock* [*--keys* _DIR_] [*--days* _UINT:INT_] [*--dry-run*]"));
  EXPECT_THAT(lock, HasSubstr("*--keys* _DIR_\n\twhere the keys hang\n"));
}

TEST(Help, IsReadWhole) {
  const Command open = read_help("house open", kOpenHelp);
  ASSERT_EQ(open.options.size(), 3U);
  EXPECT_EQ(open.options[0].environment, "HOUSE_KEYS");
  EXPECT_TRUE(open.options[0].required);
  EXPECT_EQ(open.options[1].preset, "7");
  EXPECT_THAT(open.options[1].range, ElementsAre("1", "30"));
  EXPECT_EQ(open.options[1].words, "how long it stays open");
  EXPECT_EQ(open.options[2].value, "");
  ASSERT_EQ(open.arguments.size(), 2U);
  EXPECT_TRUE(open.arguments[0].required);
  EXPECT_FALSE(open.arguments[1].required);
  EXPECT_THAT(read_help("house", kHelp).commands, ElementsAre("open"));
}

}  // namespace
}  // namespace besa::man
