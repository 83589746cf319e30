#include "program/command_line.h"

#include <gtest/gtest.h>

#include <vector>

#include "program/cli11.h"

namespace besa::program {
namespace {

struct Parsed {
  std::optional<int> code;
  std::string out;
  std::string err;
  bool json = false;
  bool verify = false;
};

Parsed parse(std::vector<const char*> arguments) {
  Parsed parsed;
  CommandLine line("besa-audit", "Checks an exported log.", "besa-audit verify export\nbesa-audit --version");
  CLI::App* verify = line.app().add_subcommand("verify", "Check hashes and signatures");
  add_json_flag(*verify, parsed.json);
  std::string folder;
  verify->add_option("folder", folder, "The exported log")->required();
  line.app().add_subcommand("replay", "Decide again");
  arguments.insert(arguments.begin(), "besa-audit");
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  parsed.code = line.parse(static_cast<int>(arguments.size()), arguments.data());
  parsed.out = testing::internal::GetCapturedStdout();
  parsed.err = testing::internal::GetCapturedStderr();
  parsed.verify = verify->parsed();
  return parsed;
}

TEST(CommandLine, WhatIsRightGoesOn) {
  const Parsed parsed = parse({"verify", "--json", "export"});
  EXPECT_EQ(parsed.code, std::nullopt);
  EXPECT_TRUE(parsed.json && parsed.verify);
}

TEST(CommandLine, VersionGoesToStdout) {
  const Parsed parsed = parse({"--version"});
  EXPECT_EQ(parsed.code, 0);
  EXPECT_EQ(parsed.out.rfind("besa-audit ", 0), 0u);
}

TEST(CommandLine, HelpHasExamples) {
  const Parsed parsed = parse({"--help"});
  EXPECT_EQ(parsed.code, 0);
  EXPECT_NE(parsed.out.find("Examples:\n  besa-audit verify export\n  besa-audit --version\n"), std::string::npos);
}

TEST(CommandLine, HelpOfASubcommandIsItsOwn) {
  const Parsed parsed = parse({"verify", "--help"});
  EXPECT_EQ(parsed.code, 0);
  EXPECT_NE(parsed.out.find("The exported log"), std::string::npos);
}

struct Wrong {
  std::vector<const char*> arguments;
  const char* says;
};

class WrongCommandLine : public testing::TestWithParam<Wrong> {};

TEST_P(WrongCommandLine, IsExitCodeTwoAndSaysWhy) {
  const Parsed parsed = parse(GetParam().arguments);
  EXPECT_EQ(parsed.code, 2);
  EXPECT_EQ(parsed.out, "");
  EXPECT_NE(parsed.err.find(GetParam().says), std::string::npos) << parsed.err;
  EXPECT_NE(parsed.err.find("--help"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(All, WrongCommandLine,
                         testing::Values(Wrong{{"verfy", "export"}, "no command 'verfy'; did you mean 'verify'?"},
                                         Wrong{{"verify", "export", "--jsn"},
                                               "no option '--jsn'; did you mean '--json'?"},
                                         Wrong{{"verify", "export", "--jsn=1"}, "did you mean '--json'?"},
                                         Wrong{{"verify", "export", "more"}, "unexpected argument 'more'"},
                                         Wrong{{"--json", "verify", "export"},
                                               "'--json' belongs behind the command: besa-audit verify --json"},
                                         Wrong{{"verify"}, "folder is required"}, Wrong{{}, "subcommand is required"},
                                         Wrong{{"--verson"}, "did you mean '--version'?"}));

TEST(CommandLine, ASubcommandCanBeOptional) {
  CommandLine line("besa-broker", "The broker.", "");
  line.app().add_subcommand("rebuild", "Build the view again");
  line.app().require_subcommand(0, 1);
  const char* arguments[] = {"besa-broker"};
  EXPECT_EQ(line.parse(1, arguments), std::nullopt);
}

}  // namespace
}  // namespace besa::program
