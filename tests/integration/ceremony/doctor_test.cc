// besa-node doctor: what it says of a new agency at each stage, and of what is wrong.
#include <signal.h>
#include <sys/socket.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "program/http_client.h"
#include "tests/integration/ceremony/ceremony.h"

namespace besa::ceremony {
namespace {

using testing::HasSubstr;

class Doctor : public Ceremony {
 protected:
  Finished look(const std::string& folder, const Words& more = {}) const {
    Words words = {"doctor", "--config", "@" + folder + "/node.toml", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return node(words);
  }
  static Json checks(const Finished& ran) {
    const auto json = program::parse_json(ran.output);
    EXPECT_TRUE(json) << ran.output;
    Json out = Json::object();
    if (json) {
      for (const Json& one : (*json)["checks"]) out[one["check"].get<std::string>()] = one;
    }
    return out;
  }
  // The result and the words of one check; every result but ok says what to do.
  static void expect_check(const Finished& ran, const std::string& check, const std::string& result,
                           const std::string& said = "") {
    const Json all = checks(ran);
    ASSERT_TRUE(all.contains(check)) << ran.output;
    EXPECT_EQ(all[check]["result"], result) << ran.output;
    EXPECT_THAT(all[check]["said"].get<std::string>(), HasSubstr(said));
    EXPECT_EQ(all[check]["fix"].get<std::string>().empty(), result == "ok") << ran.output;
  }
  void enrol(const std::string& folder) {
    const std::string request = asked(folder);
    approve("admin0", request);
    approve("admin1", request);
    expect(submit(request), 0, "Accepted");
  }
  std::string id_of(const std::string& folder) const {
    return (*program::parse_json(read(folder + "/keys/member.request.json")))["member"];
  }
  void add_to_config(const std::string& folder, const std::string& more) const {
    std::ofstream(at(folder + "/node.toml"), std::ios::app) << more;
  }
  void run_node(support::RunningProgram& program, const std::string& folder) {
    program.start(BESA_NODE, {"run", "--config", at(folder + "/node.toml")}, at(folder + ".log"));
  }
  // Until its node has published prekeys.
  void await_node(const std::string& folder) {
    const program::HttpClient client(at(folder + "/node.sock"));
    for (int i = 0; i < 400; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      const auto status = client.get("/v1/status", 1'000);
      if (!status) continue;
      const Json json = program::parse_json(status->body, program::kHttpBodyBytes).value_or(Json::object());
      if (json.value("connected", false) && json.value("prekeys", 0) > 0) return;
    }
    ADD_FAILURE() << read(folder + ".log");
  }
  static core::Policy with_tests() {
    core::Policy policy = support::small_policy();
    core::Rule rule;
    rule.id = "connection-test";
    rule.from = {core::Sector::shelter};
    rule.to = {core::Sector::shelter};
    rule.kind = {core::Kind::test};
    rule.purpose = {core::Purpose::service_referral};
    rule.send[core::Basis::not_personal] = {core::Category::summary};
    policy.rules.push_back(rule);
    return policy;
  }
};

TEST_F(Doctor, SaysWhatIsMissingBeforeTheEnrolment) {
  asked("vatra");
  const Finished ran = look("vatra");
  EXPECT_EQ(ran.code, 5) << ran.output;
  for (const char* check : {"configuration", "permissions", "keys", "reachability"}) expect_check(ran, check, "ok");
  expect_check(ran, "handshake", "fail", "does not admit");
}

TEST_F(Doctor, SendsAReferralToTheEchoMemberAndBack) {
  network_.now = clock_.now();
  govern({network_.policy(with_tests())});
  enrol("vatra");
  enrol("echo");
  add_to_config("echo", "[echo]\nanswer = true\n");
  write("vatra/node.toml",
        "poll = \"200ms\"\n" + read("vatra/node.toml") + "[peer.echo]\nmember = \"" + id_of("echo") + "\"\n");

  Finished ran = look("vatra");
  EXPECT_EQ(ran.code, 0) << ran.output;
  expect_check(ran, "key validity", "ok", "days more");
  expect_check(ran, "policy", "ok", "a shelter may open threads by 2 of its 4 rules");
  expect_check(ran, "log", "ok", "governance entries");
  expect_check(ran, "prekeys", "warn");
  expect_check(ran, "node", "warn", "no node listens");

  support::RunningProgram vatra;
  support::RunningProgram echo;
  run_node(vatra, "vatra");
  run_node(echo, "echo");
  await_node("vatra");
  await_node("echo");
  ran = look("vatra", {"--dry-run"});
  EXPECT_FALSE(checks(ran).contains("test referral"));
  ran = look("vatra");
  EXPECT_EQ(ran.code, 0) << ran.output;
  expect_check(ran, "prekeys", "ok");
  expect_check(ran, "node", "ok");
  expect_check(ran, "test referral", "ok", "to echo and back in ");
  expect_check(look("vatra", {"--echo", "nobody"}), "test referral", "warn", "no peer 'nobody'");

  EXPECT_EQ(echo.end(SIGTERM), 0);
  ran = look("vatra", {"--patience", "1s"});
  EXPECT_EQ(ran.code, 1) << ran.output;
  expect_check(ran, "test referral", "fail", "it is queued");
}

TEST_F(Doctor, SeesASuspension) {
  enrol("vatra");
  const std::string id = id_of("vatra");
  expect(admin({"suspend", id, "--network", "@admin0/network.json", "--keys", "@admin0", "--out", "@stop"}), 0, "");
  for (const char* name : {"@admin0", "@admin1"}) expect(admin({"sign", "@stop", "--keys", name}), 0, "");
  expect(admin({"submit", "@stop", "--keys", "@admin0"}), 0, "Accepted");
  const Finished ran = look("vatra");
  EXPECT_EQ(ran.code, 5) << ran.output;
  expect_check(ran, "handshake", "fail");
}

TEST_F(Doctor, NamesWhatIsWrongWithTheMachine) {
  asked("vatra");
  std::filesystem::permissions(at("vatra/node.toml"), std::filesystem::perms(0666));
  Finished ran = look("vatra");
  expect_check(ran, "permissions", "fail", "others can get at");
  EXPECT_EQ(ran.code, 78);
  EXPECT_THAT(checks(ran)["permissions"]["fix"].get<std::string>(), HasSubstr("chmod go-w"));
  std::filesystem::permissions(at("vatra/node.toml"), std::filesystem::perms(0600));
  std::filesystem::permissions(at("vatra/keys/signing.key"), std::filesystem::perms(0644));
  ran = look("vatra");
  expect_check(ran, "keys", "fail", "chmod 600");
  EXPECT_EQ(ran.code, 78);
  write("vatra/node.toml", "network = 5\n");
  ran = look("vatra");
  expect_check(ran, "configuration", "fail");
  EXPECT_EQ(ran.code, 78);
}

TEST_F(Doctor, SaysHowFarTheWayGoes) {
  asked("vatra");
  const std::string config = read("vatra/node.toml");
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = config;
    changed.replace(changed.find(from), from.size(), to);
    write("vatra/node.toml", changed);
    return look("vatra");
  };
  Finished ran = with(endpoint(), "tcp://127.0.0.1:1");
  EXPECT_EQ(ran.code, 75);
  expect_check(ran, "reachability", "fail", "127.0.0.1:1 Connection refused");
  ran = with(endpoint(), "tcp://broker.invalid:7700");
  expect_check(ran, "reachability", "fail", "is not known by name");
  ran = with("socks_proxy = \"\"", "socks_proxy = \"127.0.0.1:1\"");
  expect_check(ran, "reachability", "fail", "127.0.0.1:1 Connection refused");
  // Something listens there, and it is no proxy.
  ran = with("socks_proxy = \"\"", "socks_proxy = \"" + endpoint().substr(6) + "\"");
  expect_check(ran, "reachability", "fail", "SOCKS5");
  // Another broker's key: TCP works, CURVE does not.
  const std::string key = base::to_hex(network_.broker_transport().public_key().view());
  ran = with(key, base::to_hex(crypto::TransportSecret::generate().public_key().view()));
  expect_check(ran, "reachability", "ok");
  expect_check(ran, "handshake", "fail");
  EXPECT_EQ(ran.code, 75);
}

}  // namespace
}  // namespace besa::ceremony
