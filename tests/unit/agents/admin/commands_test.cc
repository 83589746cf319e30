// besa-admin as people type it: what is made, what is refused, in which words and with which exit code. No broker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "agents/admin/draft.h"
#include "crypto/secret/sign.h"
#include "crypto/verify/initialise.h"
#include "program/file.h"
#include "program/json.h"
#include "program/key_file.h"
#include "tests/support/admin_line.h"
#include "tests/support/temporary_folder.h"

namespace besa::admin {
namespace {

using support::Ran;
using testing::HasSubstr;
using testing::Not;

class AdminCommands : public testing::Test {
 protected:
  void SetUp() override {
    crypto::initialise();
    for (const char* name : {"a", "b", "c"}) make_administrator(name);
    const std::string log_key = base::to_hex(crypto::SigningKey::generate().public_key().view());
    write("broker.json", R"({"log_key": ")" + log_key + R"(", "transport_key": ")" + std::string(64, '6') + R"("})");
    write("agreement.txt", "we share data");
    write("request.json", R"({"member": ")" + kMember + R"(", "organisation": ")" + std::string(32, '2') +
                              R"(", "signing_key": ")" + std::string(64, '7') + R"(", "witness_key": ")" +
                              std::string(64, '8') + R"(", "transport_key": ")" + std::string(64, '9') + R"("})");
  }

  std::string at(const std::string& name) const { return folder_ / name; }
  void write(const std::string& name, const std::string& text) const {
    ASSERT_TRUE(program::write_file(at(name), base::as_bytes(text)));
  }
  std::string read(const std::string& name) const { return program::read_text_file(at(name), 1 << 20).value_or(""); }
  bool there(const std::string& name) const { return program::exists(at(name)); }

  Ran run_line(const std::vector<std::string>& words) const { return support::type_admin(at(""), words); }
  void expect(int code, const std::string& said, const std::vector<std::string>& words) const {
    support::expect_admin(at(""), code, said, words);
  }
  program::Json json_of(std::vector<std::string> words) const {
    words.push_back("--json");
    const Ran ran = run_line(words);
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 1) << "one object, one line: " << ran.out;
    const auto json = program::parse_json(ran.out);
    EXPECT_TRUE(json) << ran.out;
    return json.value_or(program::Json::object());
  }

  void make_administrator(const std::string& name, const std::string& organisation = "") const {
    std::vector<std::string> words = {"keys", "--dir", "@" + name};
    if (!organisation.empty()) words.insert(words.end(), {"--organisation", organisation});
    EXPECT_EQ(run_line(words).code, 0);
  }
  std::string organisation_of(const std::string& name) const {
    const auto json = program::parse_json(read(name + "/administrator.public.json"));
    return (*json)["organisation"].get<std::string>();
  }
  static std::vector<std::string> genesis(const std::string& out, const std::vector<std::string>& who,
                                          const std::string& threshold = "2") {
    std::vector<std::string> words = {"genesis",  "--name",       "nrm.example", "--threshold", threshold,
                                      "--broker", "@broker.json", "--out",       "@" + out};
    for (const std::string& name : who) {
      words.insert(words.end(), {"--administrator", "@" + name + "/administrator.public.json"});
    }
    return words;
  }
  void sign(const std::string& file, const std::string& name) const {
    EXPECT_EQ(run_line({"sign", "@" + file, "--keys", "@" + name}).code, 0);
  }
  // A network of a, b and c in network.json.
  void begin() const {
    ASSERT_EQ(run_line(genesis("genesis", {"a", "b", "c"})).code, 0);
    sign("genesis", "a");
    sign("genesis", "b");
    ASSERT_EQ(
        run_line({"network", "@genesis", "--endpoint", "tcp://broker.example:7700", "--out", "@network.json"}).code, 0);
  }
  static std::vector<std::string> enrol(const std::string& out, const std::vector<std::string>& other = {}) {
    std::vector<std::string> words = {"enrol",      "@request.json", "--sector",       "shelter",   "--country",
                                      "AL",         "--agreement",   "@agreement.txt", "--network", "@network.json",
                                      "--replaces", "none",          "--out",          "@" + out};
    for (std::size_t i = 0; i + 1 < other.size(); i += 2) {
      const auto found = std::find(words.begin(), words.end(), other[i]);
      if (found == words.end()) {
        words.insert(words.end(), {other[i], other[i + 1]});
      } else {
        *(found + 1) = other[i + 1];
      }
    }
    return words;
  }

  const std::string kMember = std::string(32, '1');
  support::TemporaryFolder folder_;
};

TEST_F(AdminCommands, KeysAreForTheirOwnerAlone) {
  for (const char* name : {"a/signing.key", "a/transport.key"}) {
    struct stat about{};
    ASSERT_EQ(::stat(at(name).c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600U) << name;
  }
  EXPECT_THAT(read("a/administrator.public.json"), Not(HasSubstr("besa-key")));
}

TEST_F(AdminCommands, WhatIsKeptIsASizeAndARoot) {
  begin();
  const std::string root(64, '0');
  for (const std::string& kept : {"5:" + std::string("000"), ":" + root, root, "0:" + root, "5" + root, "5 :" + root,
                                  "-5:" + root, "18446744073709551616:" + root, "5:" + root + "00", std::string(":")}) {
    expect(1, "--kept",
           {"loss", "prepare", "--network", "@network.json", "--keys", "@a", "--out", "@loss", "--kept", kept});
    EXPECT_FALSE(there("loss")) << kept;
  }
}

TEST_F(AdminCommands, KeysAreNeverOverwritten) {
  const std::string before = read("a/signing.key");
  expect(1, "never overwritten", {"keys", "--dir", "@a"});
  EXPECT_EQ(read("a/signing.key"), before);
}

TEST_F(AdminCommands, MistakesOfTheCommandLineAreUsage) {
  begin();
  struct Case {
    std::vector<std::string> words;
    const char* said;
  };
  const Case cases[] = {
      {{}, "subcommand is required"},
      {{"kyes"}, "did you mean 'keys'"},
      {{"keys"}, "--dir is required"},
      {{"keys", "--dri", "@x"}, "did you mean '--dir'"},
      {{"--dir", "@x", "keys"}, "belongs behind the command"},
      {{"keys", "--dir", "@x", "more"}, "unexpected argument 'more'"},
      {{"keys", "--dir", "@x", "--organisation", "zz"}, "32 hex digits"},
      {{"keys", "--dir", "@x", "--organisation", std::string(32, '0')}, "all zeros"},
      {genesis("x", {"a", "b"}, "1"), "not in range"},
      {{"genesis", "--name", "a b", "--broker", "@broker.json", "--administrator", "@a/x", "--out", "@x"}, "--name"},
      {{"network", "@genesis", "--endpoint", "broker.example", "--out", "@x"}, "tcp://HOST:PORT"},
      {{"network", "@genesis", "--endpoint", "tcp://broker.example:70000", "--out", "@x"}, "tcp://HOST:PORT"},
      {{"sign", "@genesis"}, "--keys is required"},
      {{"submit", "@genesis", "--keys", "@a"}, "--network is required"},
      {enrol("x", {"--sector", "shelte"}), "did you mean 'shelter'"},
      {enrol("x", {"--sector", "zzzzzz"}), "sectors are "},
      {enrol("x", {"--country", "al"}), "two capital letters"},
      {enrol("x", {"--country", "ALB"}), "two capital letters"},
      {enrol("x", {"--parent", "zz"}), "32 hex digits"},
      {enrol("x", {"--replaces", "zz"}), "64 hex digits"},
      {enrol("x", {"--from", "yesterday"}), "2025-03-01"},
      {enrol("x", {"--valid-days", "31"}), "not in range"},
      {enrol("x", {"--days", "0"}), "not in range"},
      {{"suspend", "shelter", "--network", "@network.json", "--replaces", "none", "--out", "@x"}, "32 hex digits"},
      {{"suspend", kMember, "--network", "@network.json", "--out", "@x"}, "--keys DIR to ask the broker"},
      {{"policy"}, "subcommand is required"},
      {{"policy", "adopt", "docs/examples/policy.toml", "--network", "@network.json", "--out", "@x"},
       "--replaces none"},
  };
  for (const Case& test : cases) expect(2, test.said, test.words);
  EXPECT_FALSE(there("x")) << "nothing is written";
  EXPECT_FALSE(there("x.agreement.json"));
}

TEST_F(AdminCommands, EveryCommandHasHelpWithAnExample) {
  const std::vector<std::vector<std::string>> commands = {{},
                                                          {"keys"},
                                                          {"genesis"},
                                                          {"network"},
                                                          {"sign"},
                                                          {"show"},
                                                          {"submit"},
                                                          {"enrol"},
                                                          {"suspend"},
                                                          {"reinstate"},
                                                          {"remove"},
                                                          {"appoint-auditor"},
                                                          {"policy", "check"},
                                                          {"policy", "compile"},
                                                          {"policy", "adopt"}};
  for (std::vector<std::string> words : commands) {
    words.push_back("--help");
    expect(0, "Examples:\n  besa-admin ", words);
  }
}

TEST_F(AdminCommands, AGenesisThatCouldNotHoldIsNotPrepared) {
  make_administrator("twin", organisation_of("b"));
  struct Case {
    const char* name;
    std::vector<std::string> who;
    const char* threshold;
    const char* said;
  };
  const Case cases[] = {
      {"more signatures than administrators", {"a", "b", "c"}, "4", "can never give 4"},
      {"one organisation reaches it alone", {"a", "b", "twin"}, "2", "alone could give the 2"},
      {"one administrator twice", {"a", "b", "a"}, "3", "stands there twice"},
  };
  for (const Case& test : cases) {
    expect(5, test.said, genesis("x", test.who, test.threshold));
    EXPECT_FALSE(there("x")) << test.name;
  }
  expect(0, "administrators signed", genesis("x", {"a", "b", "twin"}, "3"));
}

TEST_F(AdminCommands, WrongFilesAreNamed) {
  begin();
  write("empty", "");
  write("half.json", R"({"member": ")");
  write("huge", std::string(1 << 20, 'x'));
  struct Case {
    int code;
    const char* said;
    std::vector<std::string> words;
  };
  std::vector<std::string> wrong_broker = genesis("x", {"a", "b"});
  std::replace(wrong_broker.begin(), wrong_broker.end(), std::string("@broker.json"), std::string("@request.json"));
  std::vector<std::string> wrong_request = enrol("x");
  wrong_request[1] = "@broker.json";
  std::vector<std::string> half_request = enrol("x");
  half_request[1] = "@half.json";
  const Case cases[] = {
      {1, "request.json: /log_key is missing", wrong_broker},
      {1, "broker.json: /member is missing", wrong_request},
      {1, "half.json: JSON", half_request},
      {4, "none.json", enrol("x", {"--agreement", "@none.json"})},
      {1, "that is no agreement", enrol("x", {"--agreement", "@empty"})},
      {1, "/name is missing", enrol("x", {"--network", "@broker.json"})},
      {1, "no statement file", {"sign", "@empty", "--keys", "@a"}},
      {1, "no statement file", {"show", "@broker.json"}},
      {1, "is over", {"show", "@huge"}},
      {1, "is not a file", {"show", "@a"}},
      {4, "cannot open", {"show", "@none"}},
      {4, "besa-admin keys", {"sign", "@genesis", "--keys", "@none"}},
  };
  for (const Case& test : cases) expect(test.code, test.said, test.words);
  EXPECT_FALSE(there("x"));
  EXPECT_FALSE(there("x.agreement.json"));
}

TEST_F(AdminCommands, KeysThatOthersCanReadAreRefused) {
  begin();
  ASSERT_EQ(::chmod(at("c/signing.key").c_str(), 0644), 0);
  const std::string before = read("genesis");
  expect(5, "chmod 600", {"sign", "@genesis", "--keys", "@c"});
  EXPECT_EQ(read("genesis"), before);
}

TEST_F(AdminCommands, KeysOfSomebodyElseInTheFolderAreFound) {
  begin();
  ASSERT_EQ(::unlink(at("c/signing.key").c_str()), 0);
  write("c/signing.key", read("a/signing.key"));
  expect(1, "not those of administrator.public.json", {"sign", "@genesis", "--keys", "@c"});
}

TEST_F(AdminCommands, AGenesisHoldsOnlyWithEnoughSignatures) {
  ASSERT_EQ(run_line(genesis("g", {"a", "b", "c"})).code, 0);
  const std::vector<std::string> network = {"network", "@g", "--endpoint", "tcp://h:1", "--out", "@network.json"};
  expect(5, "nobody has signed this genesis: 2", network);
  expect(0, "Signed, 1 of 2. Next: another administrator", {"sign", "@g", "--keys", "@a"});
  expect(5, "[below_threshold]", network);
  expect(1, "has signed it already", {"sign", "@g", "--keys", "@a"});
  EXPECT_FALSE(there("network.json"));
  expect(0, "Next: besa-admin network", {"sign", "@g", "--keys", "@c"});
  const program::Json made = json_of(network);
  const auto file = program::parse_json(read("network.json"));
  ASSERT_TRUE(file);
  EXPECT_EQ((*file)["network"], made["network"]);
  EXPECT_EQ((*file)["endpoint"], "tcp://h:1");
}

// A signature of somebody whom the genesis does not name makes a broker reject the whole file, and cannot be taken out.
TEST_F(AdminCommands, NobodyElseCanSpoilAGenesis) {
  make_administrator("stranger");
  ASSERT_EQ(run_line(genesis("g", {"a", "b", "c"})).code, 0);
  sign("g", "a");
  const std::string before = read("g");
  expect(5, "does not name these keys", {"sign", "@g", "--keys", "@stranger"});
  EXPECT_EQ(read("g"), before);
  sign("g", "b");
  // Put there by other means, it is found as well.
  auto parts = read_draft(at("g"));
  ASSERT_TRUE(parts);
  const auto keys = load_keys(at("stranger"));
  ASSERT_TRUE(keys);
  ASSERT_TRUE(sign_draft(*parts, *keys));
  ASSERT_TRUE(write_draft(at("g"), *parts, true));
  expect(5, "whom it does not name", {"network", "@g", "--endpoint", "tcp://h:1", "--out", "@network.json"});
}

TEST_F(AdminCommands, ADraftIsNeverOverwritten) {
  begin();
  ASSERT_EQ(run_line(enrol("e")).code, 0);
  const std::string draft = read("e");
  const std::string salt = read("e.agreement.json");
  expect(1, "choose another name", enrol("e"));
  EXPECT_EQ(read("e"), draft);
  EXPECT_EQ(read("e.agreement.json"), salt) << "the salt is the only way to show what was agreed";
  expect(1, "choose another name", genesis("genesis", {"a", "b", "c"}));
}

TEST_F(AdminCommands, AnEnrolmentSaysWhatItMeans) {
  begin();
  const Ran ran = run_line(enrol("e", {"--days", "10"}));
  ASSERT_EQ(ran.code, 0) << ran.err;
  for (const char* said :
       {"enrolment", "shelter, AL", "proof of possession   missing", "administrators signed 0", "besa-node possess"}) {
    EXPECT_THAT(ran.out, HasSubstr(said));
  }
  EXPECT_THAT(ran.out, HasSubstr(kMember));
  const auto kept = program::parse_json(read("e.agreement.json"));
  ASSERT_TRUE(kept);
  EXPECT_THAT(ran.out, HasSubstr((*kept)["agreement_hash"].get<std::string>()));
  EXPECT_THAT(read("e"), Not(HasSubstr("we share data")));
  sign("e", "a");
  const program::Json shown = json_of({"show", "@e"});
  EXPECT_EQ(shown["type"], "enrolment");
  EXPECT_EQ(shown["signatures"], 1);
  EXPECT_EQ(shown["signed_by"].size(), 1U);
  EXPECT_EQ(shown["possession"].size(), 0U);
}

TEST_F(AdminCommands, StandingAndAppointmentsAreDrafts) {
  begin();
  for (const auto& [command, type] :
       std::vector<std::pair<std::string, std::string>>{{"suspend", "suspension"},
                                                        {"reinstate", "reinstatement"},
                                                        {"remove", "removal"},
                                                        {"appoint-auditor", "auditor_appointment"}}) {
    const program::Json made = json_of(
        {command, kMember, "--network", "@network.json", "--replaces", std::string(64, 'a'), "--out", "@" + command});
    EXPECT_EQ(made["type"], type);
    const program::Json shown = json_of({"show", "@" + command});
    EXPECT_EQ(shown["statement"], made["statement"]);
    EXPECT_EQ(shown["replaces"], std::string(64, 'a'));
  }
}

TEST_F(AdminCommands, ASignerSeesThePolicyRuleByRule) {
  begin();
  ASSERT_EQ(run_line({"policy", "adopt", "docs/examples/policy.toml", "--network", "@network.json", "--replaces",
                      "none", "--out", "@p"})
                .code,
            0);
  const Ran shown = run_line({"sign", "@p", "--keys", "@a"});
  for (const char* said : {"never anything but summary", "law-to-shelter: may from police, border_police to shelter",
                           "back on consent: contact, needs", "if passed on from", "answer within 72 hours"}) {
    EXPECT_THAT(shown.out, HasSubstr(said));
  }
  const program::Json compiled = json_of({"policy", "compile", "docs/examples/policy.toml", "--out", "@p.bin"});
  EXPECT_THAT(shown.out, HasSubstr(compiled["policy"].get<std::string>()));
  EXPECT_EQ(json_of({"policy", "check", "docs/examples/policy.toml"})["findings"].size(), 0U);
}

TEST_F(AdminCommands, AWrongPolicyIsNotAdopted) {
  begin();
  write("bad.toml",
        "retension_days = 3\n[[rule]]\nid = \"a\"\nfrom = [\"polise\"]\nto = [\"shelter\"]\n"
        "kind = [\"referral\"]\npurpose = [\"protection\"]\nsend.consent = [\"needs\"]\n");
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"policy", "check", "@bad.toml"},
           {"policy", "compile", "@bad.toml", "--out", "@x"},
           {"policy", "adopt", "@bad.toml", "--network", "@network.json", "--replaces", "none", "--out", "@x"}}) {
    expect(78, "bad.toml:1: unknown key 'retension_days'; did you mean 'retention_days'?", words);
    expect(78, "bad.toml:4: 'rule.from': no such sector or set 'polise'; did you mean 'police'?", words);
  }
  EXPECT_FALSE(there("x"));
}

}  // namespace
}  // namespace besa::admin
