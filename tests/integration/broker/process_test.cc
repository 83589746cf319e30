// The program as an administrator meets it: commands, exit codes, signals, and a kill in the middle of work.
#include <signal.h>

#include <fstream>
#include <set>

#include "tests/integration/broker/real_broker.h"
#include "wire/statement_file.h"

namespace besa::broker {
namespace {

using testing::HasSubstr;

class ProcessTest : public RealBroker {
 protected:
  void init() { begin_log(); }
  support::Signed referral() {
    network_.now = clock_.now();
    return network_.message(*police_, *shelter_, {{core::Category::summary, core::Basis::legal_obligation}});
  }
};

TEST_F(ProcessTest, HelpAndVersionAreThere) {
  for (const char* command : {"keys", "init", "run", "rebuild", "dump"}) {
    const support::Finished help = run({command, "--help"});
    EXPECT_EQ(help.code, 0) << command;
    EXPECT_THAT(help.output, HasSubstr("Examples:")) << command;
  }
  EXPECT_THAT(run({"--version"}).output, HasSubstr("besa-broker"));
  EXPECT_EQ(run({"ruin"}).code, 2);
}

TEST_F(ProcessTest, KeysAreMadeOnceAndPrivate) {
  const std::string keys = folder_ / "fresh";
  EXPECT_EQ(run({"keys", "--dir", keys}).code, 0);
  EXPECT_NE(run({"keys", "--dir", keys}).code, 0);
  const auto mode = std::filesystem::status(keys + "/log.key").permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_TRUE(std::filesystem::exists(keys + "/broker.public.json"));
}

TEST_F(ProcessTest, ConfigurationIsChecked) {
  EXPECT_EQ(run({"--config", config_path(), "--check-config"}).code, 0);
  write_config("porrt = 1\n");
  const support::Finished wrong = run({"--config", config_path(), "--check-config"});
  EXPECT_EQ(wrong.code, 78);
  EXPECT_THAT(wrong.output, HasSubstr(":3: unknown key 'porrt'"));
}

TEST_F(ProcessTest, KeyFileThatOthersMayReadIsRefused) {
  std::filesystem::permissions(keys_path() + "/log.key", std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  const support::Finished refused = run({"--config", config_path(), "--check-config"});
  EXPECT_EQ(refused.code, 5);
  EXPECT_THAT(refused.output, HasSubstr("chmod"));
}

TEST_F(ProcessTest, EmptyLogIsNotServed) {
  const support::Finished refused = run({"run", "--config", config_path()});
  EXPECT_EQ(refused.code, 78);
  EXPECT_THAT(refused.output, HasSubstr("besa-broker init"));
}

// An unmounted disk or a mistyped path must not become a second history.
TEST_F(ProcessTest, MissingLogIsNotBegunAnew) {
  init();
  std::filesystem::rename(state_path(), state_path() + ".elsewhere");
  for (const char* command : {"run", "rebuild", "dump"}) {
    const support::Finished refused = run({command, "--config", config_path()});
    EXPECT_EQ(refused.code, 78) << command;
    EXPECT_THAT(refused.output, HasSubstr("is its disk mounted")) << command;
    EXPECT_FALSE(std::filesystem::exists(state_path())) << command;
  }
}

TEST_F(ProcessTest, LostDatabaseIsNotBegunAnew) {
  init();
  std::filesystem::remove(state_path() + "/journal/db/data.mdb");
  EXPECT_EQ(run({"run", "--config", config_path()}).code, 78);
  const support::Finished again = run({"init", "--config", config_path(), "--genesis", genesis_path()});
  EXPECT_EQ(again.code, 3) << again.output;
  EXPECT_THAT(again.output, HasSubstr("restore a backup"));
}

TEST_F(ProcessTest, GenesisIsTakenOnceAndOnlyWhenItIsSound) {
  std::ofstream(folder_ / "weak.besa") << wire::encode_statement_file(network_.genesis(1).parts).value();
  const support::Finished weak = run({"init", "--config", config_path(), "--genesis", folder_ / "weak.besa"});
  EXPECT_EQ(weak.code, 5);
  EXPECT_THAT(weak.output, HasSubstr("below_threshold"));
  init();
  EXPECT_NE(run({"init", "--config", config_path(), "--genesis", genesis_path()}).code, 0);
}

TEST_F(ProcessTest, StateFolderHasOneBroker) {
  init();
  start();
  const support::Finished second = run({"run", "--config", config_path()});
  EXPECT_EQ(second.code, 75) << second.output;
  EXPECT_FALSE(endpoint().empty()) << "the first broker's endpoint must stay";
  EXPECT_EQ(end(SIGTERM), 0);
}

TEST_F(ProcessTest, AcknowledgedMessagesSurviveAKill) {
  init();
  start();
  populate();
  std::vector<std::pair<support::Signed, core::Entry>> acknowledged;
  for (int round = 0; round < 3; ++round) {
    Client police = connect(*police_);
    for (int i = 0; i < 5; ++i) {
      const support::Signed sent = referral();
      acknowledged.emplace_back(sent, submit(police, sent));
    }
    EXPECT_EQ(end(SIGKILL), -SIGKILL);
    start();
  }
  Client police = connect(*police_);
  for (const auto& [sent, entry] : acknowledged) EXPECT_EQ(submit(police, sent, true), entry);
  Client shelter = connect(*shelter_);
  const auto pulled = shelter->pull(64, {});
  ASSERT_TRUE(pulled) << pulled.error().message;
  EXPECT_EQ(pulled->messages.size(), acknowledged.size());
}

TEST_F(ProcessTest, KillWithoutAnAnswerLosesNothingOnARepeat) {
  init();
  start();
  populate();
  std::vector<support::Signed> sent;
  for (int i = 0; i < 8; ++i) {
    Client police = connect(*police_);
    sent.push_back(referral());
    wire::Request request;
    request.body = wire::SubmitRequest{{sent.back().parts}};
    const auto frame = wire::encode_request(request).value();
    static_cast<void>(police.requester->request(frame, 1 + static_cast<std::uint32_t>(i)));
    end(SIGKILL);
    start();
  }
  Client police = connect(*police_);
  std::set<std::uint64_t> sequences;
  for (const support::Signed& one : sent) {
    const core::Entry entry = submit(police, one, true);
    EXPECT_TRUE(entry.decision.accepted()) << core::name_of(entry.decision.reason);
    sequences.insert(entry.sequence.value);
  }
  EXPECT_EQ(sequences.size(), sent.size());
}

TEST_F(ProcessTest, RebuiltViewIsEqual) {
  init();
  start();
  populate();
  Client police = connect(*police_);
  EXPECT_TRUE(submit(police, referral()).decision.accepted());
  EXPECT_EQ(end(SIGTERM), 0);
  const support::Finished before = run({"dump", "--config", config_path()});
  ASSERT_EQ(before.code, 0) << before.output;
  EXPECT_THAT(before.output, HasSubstr("message "));
  const support::Finished rebuilt = run({"rebuild", "--config", config_path()});
  EXPECT_EQ(rebuilt.code, 0) << rebuilt.output;
  EXPECT_THAT(rebuilt.output, HasSubstr("all equal"));
  EXPECT_EQ(run({"dump", "--config", config_path()}).output, before.output);
}

}  // namespace
}  // namespace besa::broker
