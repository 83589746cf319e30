#include "program/toml.h"

#include <gtest/gtest.h>

#include <functional>

#include "program/file.h"
#include "tests/unit/program/scratch.h"

namespace besa::program::test {
namespace {

// Reads `text` as besa.toml with `read`; "ok" or the complaints.
std::string complaints(std::string_view text, const std::function<void(TomlTable&)>& read) {
  auto file = TomlFile::parse(text, "besa.toml");
  if (!file) return file.error().message;
  read(file->root());
  const auto status = file->finish();
  if (status) return "ok";
  EXPECT_EQ(status.error().kind, base::ErrorKind::configuration);
  return status.error().message;
}

TEST(Toml, ValuesOfEveryType) {
  const std::string_view text = R"(
address = "127.0.0.1"
port = 7700
strict = true
from = 2025-03-01T08:30:00Z
until = "2025-03-01T09:30:00+01:00"
later = 2025-03-01T10:30:00+02:00
keep = "90d"
codes = ["a", "b"]
)";
  EXPECT_EQ(complaints(text,
                       [](TomlTable& t) {
                         EXPECT_EQ(t.text("address"), "127.0.0.1");
                         EXPECT_EQ(t.integer("port", 1, 65535), 7700);
                         EXPECT_TRUE(t.boolean("strict"));
                         const auto from = t.time("from");
                         EXPECT_EQ(from.ms, 1'740'817'800'000u);
                         EXPECT_EQ(t.time("until"), from);
                         EXPECT_EQ(t.time("later"), from);
                         EXPECT_EQ(t.duration("keep"), base::days(90));
                         EXPECT_EQ(t.texts("codes"), (std::vector<std::string>{"a", "b"}));
                       }),
            "ok");
}

TEST(Toml, DefaultsForWhatIsNotThere) {
  EXPECT_EQ(complaints("",
                       [](TomlTable& t) {
                         EXPECT_EQ(t.text("address", "here"), "here");
                         EXPECT_EQ(t.integer("port", 1, 65535, 7700), 7700);
                         EXPECT_FALSE(t.boolean("strict", false));
                         EXPECT_EQ(t.time("from", base::Timestamp{5}).ms, 5u);
                         EXPECT_EQ(t.duration("keep", base::days(1)), base::days(1));
                         EXPECT_EQ(t.find_text("name"), std::nullopt);
                         EXPECT_TRUE(t.texts("codes").empty());
                         EXPECT_TRUE(t.tables("rule").empty());
                         EXPECT_FALSE(t.table("limits").present());
                         EXPECT_EQ(t.table("limits").integer("most", 0, 9, 3), 3);
                       }),
            "ok");
}

TEST(Toml, AnUnknownKeyIsNamedWithLineAndNearestName) {
  EXPECT_EQ(complaints("# x\nport = 1\nadress = \"x\"\n",
                       [](TomlTable& t) {
                         t.text("address", "");
                         t.integer("port", 0, 9);
                       }),
            "besa.toml:3: unknown key 'adress'; did you mean 'address'?");
}

TEST(Toml, UnknownKeysOfInnerTables) {
  EXPECT_EQ(complaints("[limits]\nmost = 1\nleest = 2\n",
                       [](TomlTable& t) {
                         TomlTable limits = t.table("limits");
                         limits.integer("most", 0, 9);
                         limits.integer("least", 0, 9, 0);
                       }),
            "besa.toml:3: unknown key 'limits.leest'; did you mean 'least'?");
  EXPECT_EQ(complaints("[other]\nx = 1\n", [](TomlTable&) {}), "besa.toml:1: unknown key 'other'");
}

TEST(Toml, RulesWithDottedKeys) {
  const std::string_view text = R"(
[[rule]]
id = "a"
send.consent = ["identity", "contact"]
send.vital = ["health"]

[[rule]]
id = "b"
)";
  EXPECT_EQ(complaints(text,
                       [](TomlTable& t) {
                         auto rules = t.tables("rule");
                         ASSERT_EQ(rules.size(), 2u);
                         EXPECT_EQ(rules[0].text("id"), "a");
                         TomlTable send = rules[0].table("send");
                         EXPECT_EQ(send.keys(), (std::vector<std::string>{"consent", "vital"}));
                         EXPECT_EQ(send.texts("consent").size(), 2u);
                         EXPECT_EQ(rules[1].text("id"), "b");
                         EXPECT_FALSE(rules[1].table("send").present());
                         EXPECT_EQ(rules[1].line(), 7u);
                       }),
            "ok");
}

TEST(Toml, EveryRuleIsCheckedForUnknownKeys) {
  EXPECT_EQ(complaints("[[rule]]\nid = \"a\"\n[[rule]]\nidd = \"b\"\n",
                       [](TomlTable& t) {
                         for (TomlTable& rule : t.tables("rule")) rule.text("id");
                       }),
            "besa.toml:3: missing 'rule.id'\nbesa.toml:4: unknown key 'rule.idd'; did you mean 'id'?");
}

struct Wrong {
  const char* text;
  const char* says;
};

class WrongValues : public testing::TestWithParam<Wrong> {};

TEST_P(WrongValues, AreNamedWithTheirLine) {
  EXPECT_EQ(complaints(GetParam().text,
                       [](TomlTable& t) {
                         t.text("name", "");
                         t.integer("port", 1, 100, 1);
                         t.boolean("strict", false);
                         t.time("from", {});
                         t.duration("keep", {});
                         t.texts("codes");
                         t.table("limits");
                         t.tables("rule");
                       }),
            GetParam().says);
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongValues,
    testing::Values(
        Wrong{"name = 1", "besa.toml:1: 'name' must be a text"},
        Wrong{"\nport = \"1\"", "besa.toml:2: 'port' must be a whole number"},
        Wrong{"port = 1.0", "besa.toml:1: 'port' must be a whole number"},
        Wrong{"port = 0", "besa.toml:1: 'port' must be from 1 to 100"},
        Wrong{"port = 101", "besa.toml:1: 'port' must be from 1 to 100"},
        Wrong{"strict = 1", "besa.toml:1: 'strict' must be true or false"},
        Wrong{"from = 2025-03-01", "besa.toml:1: 'from' must be a time with its offset, such as 2025-03-01T08:30:00Z"},
        Wrong{"from = 2025-03-01T08:30:00",
              "besa.toml:1: 'from' must be a time with its offset, such as 2025-03-01T08:30:00Z"},
        Wrong{"keep = 90", "besa.toml:1: 'keep' must be a length of time such as \"10s\", \"30m\", \"12h\", \"90d\""},
        Wrong{"keep = \"90\"",
              "besa.toml:1: 'keep' must be a length of time such as \"10s\", \"30m\", \"12h\", \"90d\""},
        Wrong{"codes = \"a\"", "besa.toml:1: 'codes' must be an array of texts"},
        Wrong{"codes = [\"a\", 1]", "besa.toml:1: 'codes' must be an array of texts"},
        Wrong{"limits = 1", "besa.toml:1: 'limits' must be a table"},
        Wrong{"rule = 1", "besa.toml:1: 'rule' must be an array of tables"},
        Wrong{"rule = [1]", "besa.toml:1: 'rule' must be an array of tables"}));

TEST(Toml, WhatIsRequiredIsMissed) {
  EXPECT_EQ(complaints("x = 1\n",
                       [](TomlTable& t) {
                         t.integer("x", 0, 9);
                         t.text("address");
                         t.require_texts("codes");
                         t.require_table("limits").text("name");
                       }),
            "besa.toml: missing 'limits.name'\nbesa.toml:1: missing 'address'\nbesa.toml:1: missing 'codes'\n"
            "besa.toml:1: missing 'limits'");
}

TEST(Toml, AProgramsOwnComplaintHasTheLine) {
  EXPECT_EQ(complaints("\nsector = \"x\"\n",
                       [](TomlTable& t) {
                         t.text("sector");
                         t.complain("sector", "no such sector");
                       }),
            "besa.toml:2: 'sector': no such sector");
}

TEST(Toml, WhatDoesNotParseHasLineAndColumn) {
  const std::string message = complaints("a = 1\nb = = 2\n", [](TomlTable&) {});
  EXPECT_EQ(message.rfind("besa.toml:2:", 0), 0u) << message;
}

TEST(Toml, AKeyTwiceIsRefused) {
  EXPECT_NE(complaints("a = 1\na = 2\n", [](TomlTable&) {}), "ok");
}

TEST(Toml, ComplaintsAreBounded) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "key" + std::to_string(i) + " = 1\n";
  const std::string message = complaints(text, [](TomlTable&) {});
  EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 19);
}

TEST(Toml, AFileThatIsNotThere) {
  const Scratch scratch;
  const auto file = TomlFile::load(scratch / "none.toml");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().kind, base::ErrorKind::not_found);
}

TEST(Toml, AFileTooLong) {
  const Scratch scratch;
  ASSERT_TRUE(write_file(scratch / "long.toml", base::Bytes(TomlFile::kTomlBytes + 1, '\n')));
  const auto file = TomlFile::load(scratch / "long.toml");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().kind, base::ErrorKind::configuration);
}

}  // namespace
}  // namespace besa::program::test
