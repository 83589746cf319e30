// The rule table in TOML: what compiles, what is complained about, and what `policy check` finds.
#include "agents/admin/policy_source.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_folder.h"
#include "wire/statement.h"

namespace besa::admin {
namespace {

base::Result<core::Policy> load(const std::string& text) {
  const support::TemporaryFolder folder;
  const std::string path = folder / "policy.toml";
  std::ofstream(path) << text;
  return load_policy(path);
}

constexpr const char* kAllow =
    "[[rule]]\nid = \"a\"\nfrom = [\"police\"]\nto = [\"shelter\"]\nkind = [\"referral\"]\npurpose = "
    "[\"protection\"]\n";

TEST(PolicySource, TheExampleCompilesWithoutFindings) {
  const auto policy = load_policy("docs/examples/policy.toml");
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_TRUE(check_policy(*policy).empty());
  const auto again = wire::parse_policy(wire::encode_policy(*policy));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->rules.size(), policy->rules.size());
}

TEST(PolicySource, SetsStandForTheirMembers) {
  const auto policy = load(
      "[set]\nlaw = [\"police\", \"border_police\"]\nstory = [\"health\", \"status\"]\n"
      "[[rule]]\nid = \"a\"\nfrom = [\"law\", \"ngo\"]\nto = [\"shelter\"]\nkind = [\"referral\"]\n"
      "purpose = [\"protection\"]\nsend.consent = [\"story\", \"contact\"]\n");
  ASSERT_TRUE(policy) << policy.error().message;
  const core::Rule& rule = policy->rules.at(0);
  const core::CodeSet<core::Sector> from = {core::Sector::police, core::Sector::border_police, core::Sector::ngo};
  EXPECT_EQ(rule.from, from);
  const core::CodeSet<core::Category> sent = {core::Category::health, core::Category::status, core::Category::contact};
  EXPECT_EQ(rule.send.at(core::Basis::consent), sent);
}

TEST(PolicySource, EachMistakeIsNamedWithItsLine) {
  struct Case {
    const char* name;
    std::string text;
    const char* said;
  };
  const Case cases[] = {
      {"no rules", "retention_days = 3\n", "lets nothing through"},
      {"unknown sector", std::string(kAllow) + "[[rule]]\nid = \"b\"\ndeny = true\nto = [\"polize\"]\n", ":10:"},
      {"unknown key", std::string(kAllow) + "send.consent = [\"health\"]\nanswer_hour = 3\n", "answer_hours"},
      {"unknown basis", std::string(kAllow) + "send.concent = [\"health\"]\n", "no such basis"},
      {"allow rule without to",
       "[[rule]]\nid = \"a\"\nfrom = [\"police\"]\nkind = [\"referral\"]\npurpose = [\"protection\"]\n",
       "must say 'to'"},
      {"unknown check", "required_checks = [\"interwiew\"]\n" + std::string(kAllow), "no such check"},
      {"retention of no days", "retention_days = 0\n" + std::string(kAllow), "retention_days"},
      {"broken TOML", "[[rule\n", "policy.toml:1"},
  };
  for (const Case& test : cases) {
    const auto policy = load(test.text);
    ASSERT_FALSE(policy) << test.name;
    EXPECT_EQ(policy.error().kind, base::ErrorKind::configuration) << test.name;
    EXPECT_NE(policy.error().message.find(test.said), std::string::npos) << test.name << ": " << policy.error().message;
  }
}

TEST(PolicyCheck, FindsWhatCannotBeMeant) {
  struct Case {
    const char* name;
    std::string text;
    bool error;
    const char* said;
  };
  const Case cases[] = {
      {"allows nothing", kAllow, true, "allows nothing"},
      {"a basis that cannot carry it", std::string(kAllow) + "send.not_personal = [\"identity\"]\n", true,
       "can never carry identity"},
      {"later but not sent", std::string(kAllow) + "send.consent = [\"needs\"]\nlater = [\"health\"]\n", true, "later"},
      {"one id twice", std::string(kAllow) + "send.consent = [\"needs\"]\n" + kAllow + "send.consent = [\"needs\"]\n",
       true, "id of rule 1"},
      {"always denied",
       std::string(kAllow) +
           "send.consent = [\"health\"]\n[[rule]]\nid = \"n\"\ndeny = true\ncategory = [\"health\"]\n",
       false, "can never pass"},
  };
  for (const Case& test : cases) {
    const auto policy = load(test.text);
    ASSERT_TRUE(policy) << test.name << ": " << policy.error().message;
    const auto findings = check_policy(*policy);
    ASSERT_EQ(findings.size(), 1U) << test.name;
    EXPECT_EQ(findings[0].error, test.error) << test.name;
    EXPECT_NE(findings[0].text.find(test.said), std::string::npos) << test.name << ": " << findings[0].text;
  }
}

}  // namespace
}  // namespace besa::admin
