// besa-admin against a real broker: what is accepted, what is refused on record, what never gets that far.
#include <signal.h>

#include <filesystem>
#include <thread>

#include "agents/admin/draft.h"
#include "client/proven.h"
#include "envelope/sign.h"
#include "program/file.h"
#include "program/json.h"
#include "program/key_file.h"
#include "tests/integration/broker/real_broker.h"
#include "tests/support/admin_line.h"
#include "wire/statement.h"

namespace besa::admin {
namespace {

using program::Json;
using support::Ran;
using testing::HasSubstr;

class Governing : public broker::RealBroker {
 protected:
  void SetUp() override {
    begin_log();
    start();
    const auto& administrators = network_.administrators();
    for (std::size_t i = 0; i < administrators.size(); ++i) write_keys("admin" + std::to_string(i), administrators[i]);
    write_network("network.json", network_.id(), network_.broker_transport().public_key(), endpoint());
    shelter_ = &network_.add_agency(core::Sector::shelter);
    const Json request = {{"member", text(shelter_->id)},
                          {"organisation", text(shelter_->organisation)},
                          {"signing_key", text(shelter_->signing.public_key())},
                          {"witness_key", text(shelter_->witness.public_key())},
                          {"transport_key", text(shelter_->transport.public_key())}};
    write("request.json", program::to_line(request));
    write("agreement.txt", "we share data");
  }

  template <class Id>
  static std::string text(const Id& id) {
    return base::to_hex(id.view());
  }
  std::string at(const std::string& name) const { return folder_ / name; }
  void write(const std::string& name, const std::string& content) const {
    ASSERT_TRUE(program::write_file(at(name), base::as_bytes(content)));
  }
  void write_keys(const std::string& name, const support::AdministratorKeys& keys) const {
    ASSERT_TRUE(program::make_directory(at(name)));
    ASSERT_TRUE(
        program::write_key_file(at(name) + "/signing.key", "administrator-signing", keys.signing.seed().view()));
    ASSERT_TRUE(program::write_key_file(at(name) + "/transport.key", "administrator-transport", keys.transport.view()));
    const Json json = {{"organisation", text(keys.organisation)},
                       {"signing_key", text(keys.signing.public_key())},
                       {"transport_key", text(keys.transport.public_key())}};
    write(name + "/administrator.public.json", program::to_line(json));
  }
  void write_network(const std::string& name, const base::NetworkId& network, const base::TransportKey& broker,
                     const std::string& where) const {
    const Json json = {{"name", network_.name},
                       {"network", text(network)},
                       {"broker_log_key", text(network_.log_key().public_key())},
                       {"broker_transport_key", text(broker)},
                       {"endpoint", where}};
    write(name, program::to_line(json));
  }

  Ran type(const std::vector<std::string>& words) const { return support::type_admin(at(""), words); }
  void expect(int code, const std::string& said, const std::vector<std::string>& words) const {
    support::expect_admin(at(""), code, said, words);
  }
  void sign(const std::string& file, const std::string& keys) const {
    expect(0, "", {"sign", "@" + file, "--keys", "@" + keys});
  }
  void sign_by_two(const std::string& file) const {
    sign(file, "admin0");
    sign(file, "admin1");
  }
  std::vector<std::string> submit(const std::string& file, const std::string& keys = "admin2",
                                  const std::string& network = "network.json") const {
    return {"submit", "@" + file, "--network", "@" + network, "--keys", "@" + keys};
  }
  void prepare_enrolment(const std::string& file) const {
    expect(0, "",
           {"enrol", "@request.json", "--sector", "shelter", "--country", "AL", "--agreement", "@agreement.txt",
            "--network", "@network.json", "--keys", "@admin0", "--out", "@" + file});
  }
  void possess(const std::string& file) const {
    auto parts = read_draft(at(file));
    ASSERT_TRUE(parts);
    const auto statement = parse_draft(*parts);
    ASSERT_TRUE(statement);
    auto blocks = statement->blocks;
    blocks.push_back(envelope::sign_id(statement->id, shelter_->signing, shelter_->signing_key()));
    blocks.push_back(envelope::sign_id(statement->id, shelter_->witness,
                                       core::witness_key_id(shelter_->id, shelter_->witness.public_key())));
    parts->blocks = core::encode_blocks(blocks);
    ASSERT_TRUE(write_draft(at(file), *parts, true));
  }
  void enrol_shelter() const {
    prepare_enrolment("enrolment");
    possess("enrolment");
    sign_by_two("enrolment");
    expect(0, "Accepted", submit("enrolment"));
  }
  std::vector<std::string> change(const std::string& command, const std::string& out) const {
    return {command, text(shelter_->id), "--network", "@network.json", "--keys", "@admin1", "--out", "@" + out};
  }
};

// The broker is set back to when the shelter was enrolled; these changes of its standing are lost.
class Losing : public Governing {
 protected:
  void start_anew() {
    start();
    std::filesystem::remove(at("network.json"));
    write_network("network.json", network_.id(), network_.broker_transport().public_key(), endpoint());
  }
  void lose(const std::vector<std::string>& changes) {
    enrol_shelter();
    ASSERT_EQ(end(SIGTERM), 0);
    std::filesystem::copy(state_path(), at("backup"), std::filesystem::copy_options::recursive);
    start_anew();
    for (const std::string& command : changes) {
      expect(0, "", change(command, command));
      sign_by_two(command);
      expect(0, "Accepted", submit(command));
    }
    end(SIGKILL);
    std::filesystem::remove_all(state_path());
    std::filesystem::copy(at("backup"), state_path(), std::filesystem::copy_options::recursive);
    start_anew();
    const auto held = connect(*shelter_)->held();
    ASSERT_TRUE(held);
    kept_ = std::to_string(held->checkpoint.size.value) + ":" + text(held->checkpoint.root);
  }
  std::vector<std::string> prepare_loss(const std::string& hours) const {
    return {"loss",  "prepare", "--network", "@network.json", "--keys",          "@admin2",
            "--out", "@loss",   "--kept",    kept_,           "--collect-hours", hours};
  }
  std::string kept_;  // of the copy
};

// A quorum accepts the loss, and what was governed since is offered again.
TEST_F(Losing, ALossIsAcceptedAndWhatWasGovernedOfferedAgain) {
  lose({"suspend"});
  expect(75, "rollback_seen", submit("suspend"));

  const std::vector<std::string> prepare = prepare_loss("0.002");
  const std::vector<std::string> offer = {"loss", "offer", "--network", "@network.json", "--keys", "@admin2"};
  expect(0, "epoch that begins", prepare);
  sign_by_two("loss");
  expect(0, "Accepted", submit("loss"));
  expect(0, "1 are collected", offer);
  std::this_thread::sleep_for(std::chrono::seconds(9));
  expect(0, "1 are decided again", offer);
  expect(0, "0 statements lay", offer);
}

TEST_F(Losing, WhatIsRefusedAfterTheLossIsNamed) {
  lose({"suspend", "reinstate"});
  // Nobody has kept the suspension: what was said on top of it cannot hold.
  std::vector<std::string> kept;
  for (const auto& file : std::filesystem::directory_iterator(at("admin2/governance"))) kept.push_back(file.path());
  std::sort(kept.begin(), kept.end());
  ASSERT_GE(kept.size(), 3U);
  std::filesystem::remove(kept[kept.size() - 2]);
  expect(0, "", prepare_loss("0.002"));
  sign_by_two("loss");
  expect(0, "Accepted", submit("loss"));
  const std::vector<std::string> offer = {"loss", "offer", "--network", "@network.json", "--keys", "@admin2"};
  expect(0, "1 are collected", offer);
  std::this_thread::sleep_for(std::chrono::seconds(9));
  const Ran said = type(offer);
  EXPECT_EQ(said.code, 5) << said.err;
  EXPECT_THAT(said.out, HasSubstr("Refused, and no longer in force: reinstatement"));
  EXPECT_THAT(said.out, HasSubstr("[governance_stale]"));
  expect(0, "0 statements lay", offer);
}

// One that the broker does not take keeps none of the others back, and is named.
TEST_F(Losing, WhatIsNotTakenStopsNoneOfTheOthers) {
  lose({"suspend", "reinstate"});
  expect(0, "", prepare_loss("1"));
  sign_by_two("loss");
  expect(0, "Accepted", submit("loss"));
  const std::vector<std::string> offer = {"loss", "offer", "--network", "@network.json", "--keys", "@admin2"};
  expect(0, "2 are collected", offer);
  std::vector<std::string> lost;
  for (const auto& file : std::filesystem::directory_iterator(at("admin2/governance"))) {
    if (file.path().extension() == ".lost") lost.push_back(file.path());
  }
  std::sort(lost.begin(), lost.end());
  ASSERT_EQ(lost.size(), 2U);
  auto proven = client::decode_proven(program::read_file(lost[0], std::size_t{1} << 20).value()).value();
  ASSERT_FALSE(proven.log.proof.empty());
  proven.log.proof[0].bytes[0] ^= 1;
  ASSERT_TRUE(program::write_file(lost[0], client::encode_proven(proven), 0600));
  const Ran said = type(offer);
  EXPECT_EQ(said.code, 5) << said.err;
  EXPECT_THAT(said.out, HasSubstr("1 are collected"));
  EXPECT_THAT(said.out, HasSubstr("1 were not taken"));
  EXPECT_THAT(said.out, HasSubstr("Not taken: suspension"));
  EXPECT_THAT(said.out, HasSubstr("run this again"));
}

TEST_F(Losing, WhatIsKeptIsABeginningOfTheLog) {
  lose({"suspend"});
  const std::string size = kept_.substr(0, kept_.find(':'));
  const std::string root = kept_.substr(size.size() + 1);
  struct Case {
    std::string kept;
    const char* said;
  };
  const Case cases[] = {{size + ":" + std::string(64, '0'), "has not the root"},
                        {"1:" + root, "has not the root"},
                        {"9999:" + root, "more than the broker's log has"}};
  const auto prepare = [](const std::string& kept) -> std::vector<std::string> {
    return {"loss", "prepare", "--network", "@network.json", "--keys", "@admin2", "--out", "@loss", "--kept", kept};
  };
  for (const Case& test : cases) {
    const Ran ran = type(prepare(test.kept));
    EXPECT_EQ(ran.code, 1) << test.kept;
    EXPECT_THAT(ran.err, HasSubstr(test.said)) << test.kept;
    EXPECT_FALSE(program::exists(at("loss"))) << test.kept;
  }
  expect(0, "epoch that begins", prepare(size + ":" + root));
}

// A suspension that a reinstatement has ended protects nobody when it is brought again: that must not read as if it
// did.
TEST_F(Governing, WhatWasReplacedIsNotInForceAgain) {
  enrol_shelter();
  for (const std::string& command : {std::string("suspend"), std::string("reinstate")}) {
    expect(0, "", change(command, command));
    sign_by_two(command);
    expect(0, "Accepted: in force", submit(command));
  }
  expect(5, "took its place", submit("suspend"));
  expect(0, "Accepted: in force", submit("reinstate"));
}

TEST_F(Governing, AnEnrolmentComesIntoForceStepByStep) {
  prepare_enrolment("e");
  sign("e", "admin0");
  expect(5, "[below_threshold]", submit("e"));
  sign("e", "admin1");
  expect(5, "besa-node possess", submit("e"));
  possess("e");
  const Ran shown = type({"show", "@e"});
  EXPECT_THAT(shown.out, HasSubstr("administrators signed 2")) << "proofs of possession are no signatures of a quorum";
  EXPECT_THAT(shown.out, HasSubstr("given by the agency"));
  expect(0, "Accepted", submit("e"));
  expect(0, "Accepted", submit("e", "admin0"));
}

TEST_F(Governing, SubmitSaysTheVerdictAsJson) {
  prepare_enrolment("e");
  sign("e", "admin0");
  std::vector<std::string> words = submit("e");
  words.push_back("--json");
  const Ran ran = type(words);
  EXPECT_EQ(ran.code, 5);
  const auto json = program::parse_json(ran.out);
  ASSERT_TRUE(json) << ran.out;
  EXPECT_EQ((*json)["verdict"], "refused");
  EXPECT_EQ((*json)["reason"], "below_threshold");
  EXPECT_THAT((*json)["words"].get<std::string>(), HasSubstr("besa-admin sign"));
}

TEST_F(Governing, WhatWasOvertakenIsStale) {
  enrol_shelter();
  expect(0, "", change("suspend", "first"));
  expect(0, "", change("suspend", "second"));
  sign_by_two("first");
  sign_by_two("second");
  expect(0, "Accepted", submit("first"));
  expect(5, "[governance_stale]", submit("second"));
}

TEST_F(Governing, AMembersStandingFollowsTheSteps) {
  enrol_shelter();
  struct Step {
    const char* command;
    int code;
    const char* said;
  };
  const Step steps[] = {{"reinstate", 5, "[illegal_transition]"},
                        {"suspend", 0, "Accepted"},
                        {"suspend", 5, "[illegal_transition]"},
                        {"reinstate", 0, "Accepted"},
                        {"remove", 0, "Accepted"},
                        {"reinstate", 5, "[illegal_transition]"}};
  int number = 0;
  for (const Step& step : steps) {
    const std::string file = "change" + std::to_string(++number);
    expect(0, "Next: ", change(step.command, file));
    sign_by_two(file);
    expect(step.code, step.said, submit(file));
  }
}

TEST_F(Governing, AnIdThatTheLogDoesNotKnowIsFoundBeforeAnythingIsSigned) {
  const std::string nobody(32, '7');
  for (const char* command : {"suspend", "reinstate", "remove", "appoint-auditor"}) {
    expect(4, "the log knows no member",
           {command, nobody, "--network", "@network.json", "--keys", "@admin0", "--out", "@x"});
  }
  EXPECT_FALSE(program::exists(at("x")));
}

TEST_F(Governing, AuditorAndPolicyAreAccepted) {
  enrol_shelter();
  expect(0, "may read the log", change("appoint-auditor", "appointment"));
  sign_by_two("appointment");
  expect(0, "Accepted", submit("appointment"));
  for (const char* file : {"policy1", "policy2"}) {
    expect(0, "law-to-shelter",
           {"policy", "adopt", "docs/examples/policy.toml", "--network", "@network.json", "--keys", "@admin0", "--out",
            std::string("@") + file});
    sign_by_two(file);
    expect(0, "Accepted", submit(file));
  }
}

TEST_F(Governing, AnotherNetworkOrBrokerIsNamed) {
  prepare_enrolment("e");  // admin0 has met the broker now, and its folder knows the network
  base::NetworkId other;
  other.bytes[0] = 1;
  write_network("other.json", other, network_.broker_transport().public_key(), endpoint());
  expect(0, "", {"suspend", text(shelter_->id), "--network", "@other.json", "--replaces", "none", "--out", "@foreign"});
  expect(5, "these keys belong to network", {"sign", "@foreign", "--keys", "@admin0"});
  sign("foreign", "admin1");
  sign("foreign", "admin2");
  expect(5, "the statement names another network", submit("foreign", "admin2"));
  expect(3, "another network", submit("foreign", "admin1", "other.json"));
  expect(78, "another network", submit("foreign", "admin2", "other.json"));
}

TEST_F(Governing, WhoIsNoAdministratorDoesNotGetIn) {
  const support::AdministratorKeys stranger{base::OrganisationId{}, crypto::SigningKey::generate(),
                                            crypto::TransportSecret::generate()};
  write_keys("stranger", stranger);
  prepare_enrolment("e");
  expect(5, "does not admit this transport key", submit("e", "stranger"));
}

TEST_F(Governing, ABrokerThatIsDownIsForLater) {
  prepare_enrolment("e");
  EXPECT_EQ(end(SIGTERM), 0);
  expect(75, "cannot be reached", submit("e"));
}

}  // namespace
}  // namespace besa::admin
