// The broker as a service manager and a monitoring server see it: messages, metrics, health, signals, lent keys.
#include <signal.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "broker/service.h"
#include "tests/integration/broker/real_broker.h"
#include "tests/support/exposition.h"
#include "tests/support/service_manager.h"

namespace besa::broker {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class OperatingTest : public RealBroker {
 protected:
  void SetUp() override {
    port_ = support::free_port();
    configure("info");
    begin_log();
  }
  void configure(const std::string& level) {
    std::ofstream(config_path()) << "state = \"" << state_path() << "\"\nkeys = \"" << keys_path()
                                 << "\"\n[listen]\nport = 0\n[metrics]\nport = " << port_
                                 << "\n[log]\ntarget = \"stderr\"\nlevel = \"" << level << "\"\n";
  }
  support::Signed referral() {
    network_.now = clock_.now();
    return network_.message(*police_, *shelter_, {{core::Category::summary, core::Basis::legal_obligation}});
  }
  support::Exposition metrics() const {
    return support::read_exposition(support::http_body(support::http_get(port_, "/metrics")));
  }
  std::string log_text() const {
    std::ifstream file(folder_ / "log");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  bool log_gets(const std::string& part) const {
    for (int i = 0; i < 500; ++i) {
      if (log_text().find(part) != std::string::npos) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  }
  std::uint16_t port_ = 0;
};

TEST_F(OperatingTest, ServiceManagerIsToldAndFed) {
  const support::ServiceManager manager(folder_ / "notify", 1'500);
  start();
  EXPECT_EQ(manager.await("READY="), "READY=1");
  EXPECT_EQ(manager.await("STATUS="), "STATUS=serving");
  EXPECT_EQ(manager.await("WATCHDOG="), "WATCHDOG=1");
  EXPECT_EQ(manager.await("WATCHDOG="), "WATCHDOG=1");
  signal(SIGHUP);
  EXPECT_THAT(manager.await("RELOADING="), StartsWith("RELOADING=1"));
  EXPECT_EQ(manager.await("READY="), "READY=1");
  std::thread ending([&] { EXPECT_EQ(end(SIGTERM), 0); });
  EXPECT_EQ(manager.await("STOPPING="), "STOPPING=1");
  ending.join();
}

TEST_F(OperatingTest, MetricsCountWhatHappened) {
  start();
  populate();
  Client police = connect(*police_);
  EXPECT_TRUE(submit(police, referral()).decision.accepted());
  support::Exposition page = metrics();
  for (int i = 0; i < 150 && page.of("besa_queue_depth") != 1; ++i) {  // it is counted every five seconds
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    page = metrics();
  }
  EXPECT_THAT(page.complaints, IsEmpty());
  EXPECT_LT(page.of("besa_census_age_seconds"), 15);
  EXPECT_EQ(page.of(R"(besa_overdue_now{what="answer"})"), 0);
  EXPECT_EQ(page.of(R"(besa_entries_total{type="envelope",verdict="accepted",reason="none"})"), 1);
  EXPECT_EQ(page.of(R"(besa_entries_total{type="enrolment",verdict="accepted",reason="none"})"), 2);
  EXPECT_EQ(page.of("besa_queue_depth"), 1);
  EXPECT_LT(page.of("besa_queue_oldest_seconds"), 60);
  EXPECT_EQ(page.of(R"(besa_members{standing="in_force"})"), 2);
  EXPECT_GT(page.of("besa_member_keys_end_seconds"), 60);
  EXPECT_EQ(page.of("besa_tree_size"), 7);
  EXPECT_EQ(page.of("besa_ready"), 1);
  EXPECT_EQ(page.of(R"(besa_halted{reason="clock"})"), 0);
  EXPECT_EQ(page.of(R"(besa_handshakes_total{end="unknown_key"})"), 1) << "the self-test";
  EXPECT_GT(page.of("besa_step_seconds_count"), 0);
  EXPECT_GT(page.of("besa_database_used_bytes"), 0);
  EXPECT_TRUE(page.samples.contains(R"(besa_wire_errors_total{error="rollback_seen"})"));
  EXPECT_THAT(support::undocumented(page, {"### Metrics of both", "### Metrics of the broker"}), IsEmpty());
}

TEST_F(OperatingTest, StrangersAndNonsenseAreCounted) {
  start();
  populate();
  const auto stranger = raw(crypto::TransportSecret::generate());
  EXPECT_FALSE(stranger->request({}, 2'000));
  const auto member = raw(police_->transport);
  EXPECT_TRUE(member->request(base::Bytes{1, 2, 3}, 5'000));
  const support::Exposition page = metrics();
  EXPECT_GE(page.of(R"(besa_handshakes_total{end="unknown_key"})"), 2);
  EXPECT_EQ(page.of(R"(besa_wire_errors_total{error="malformed"})"), 1);
}

// Whoever reads a monitoring server learns how busy the broker is and nothing of whom.
TEST_F(OperatingTest, NothingOfAnybodyStandsInWhatIsSaidAloud) {
  configure("debug");
  start();
  populate();
  Client police = connect(*police_);
  const support::Signed sent = referral();
  EXPECT_TRUE(submit(police, sent).decision.accepted());
  EXPECT_TRUE(raw(police_->transport)->request(base::as_bytes("canary-Arta-Hoxha"), 5'000));
  Client shelter = connect(*shelter_);
  EXPECT_TRUE(shelter->pull(64, {}));
  const std::string page = support::http_get(port_, "/metrics") + support::http_get(port_, "/healthz") +
                           support::http_get(port_, "/readyz") + support::http_get(port_, "/canary-path");
  const auto hex = [](base::ByteView bytes) { return base::to_hex(bytes).substr(0, 12); };
  for (const support::Agency* agency : {police_, shelter_}) {
    EXPECT_THAT(page, Not(HasSubstr(hex(agency->id.view()))));
    EXPECT_THAT(page, Not(HasSubstr(hex(agency->transport.public_key().view()))));
  }
  EXPECT_THAT(page, Not(HasSubstr(hex(network_.id().view()))));
  EXPECT_EQ(end(SIGTERM), 0);
  const std::string log = log_text();
  EXPECT_THAT(log, HasSubstr("debug"));
  for (const std::string& text : {page, log}) {
    EXPECT_THAT(text, Not(HasSubstr("canary")));
    EXPECT_THAT(text, Not(HasSubstr("Arta")));
    for (const base::Bytes& bytes : {sent.parts.body, sent.parts.blocks}) {
      EXPECT_THAT(text, Not(HasSubstr(hex(base::ByteView(bytes).last(16)))));
    }
    EXPECT_THAT(text, Not(HasSubstr(hex(police_->transport.view()))));
    EXPECT_THAT(text, Not(HasSubstr(hex(network_.log_key().seed().view()))));
  }
}

TEST_F(OperatingTest, HealthAndReadinessAreServed) {
  start();
  EXPECT_THAT(support::http_get(port_, "/healthz"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(support::http_get(port_, "/readyz"), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(end(SIGTERM), 0);
  EXPECT_EQ(support::http_get(port_, "/healthz"), "");
}

TEST_F(OperatingTest, LevelIsReadAgainAndAMistakeChangesNothing) {
  start();
  populate();
  EXPECT_THAT(log_text(), Not(HasSubstr("event=batch ")));
  configure("debug");
  signal(SIGHUP);
  ASSERT_TRUE(log_gets("event=configuration_read_again level=debug"));
  Client police = connect(*police_);
  EXPECT_TRUE(submit(police, referral()).decision.accepted());
  EXPECT_TRUE(log_gets("event=batch "));
  configure("loud");
  signal(SIGHUP);
  EXPECT_TRUE(log_gets("event=configuration_not_read error=configuration"));
  EXPECT_EQ(end(SIGTERM), 0);
}

TEST_F(OperatingTest, MetricsForEverybodyAreRefused) {
  std::ofstream(config_path(), std::ios::app) << "[batch]\nstatements = 256\n";
  const std::string sound = support::first_line(config_path());
  std::ofstream(config_path()) << sound << "\nkeys = \"" << keys_path() << "\"\n[metrics]\naddress = \"0.0.0.0\"\n";
  const support::Finished refused = run({"run", "--config", config_path()});
  EXPECT_EQ(refused.code, 78);
  EXPECT_THAT(refused.output, HasSubstr("loopback"));
}

TEST_F(OperatingTest, WhoWaitsIsToldToAskAgainWhenTheBrokerStops) {
  start();
  populate();
  Client shelter = connect(*shelter_);
  EXPECT_TRUE(shelter->pull(64, {}));
  const auto waiting = raw(shelter_->transport);
  wire::Request request;
  request.body = wire::WaitRequest{20'000};
  const auto frame = wire::encode_request(request).value();
  wire::Request first;
  first.body = wire::WaitRequest{1};
  ASSERT_TRUE(waiting->request(wire::encode_request(first).value(), 20'000)) << "connected";
  base::Result<base::Bytes> answer = base::fail(base::ErrorKind::io, "none");
  std::thread client([&] { answer = waiting->request(frame, 20'000); });
  std::this_thread::sleep_for(std::chrono::seconds(2));
  EXPECT_EQ(end(SIGTERM), 0);
  client.join();
  ASSERT_TRUE(answer) << answer.error().message;
  const wire::Reply reply = wire::decode_reply(*answer).value();
  EXPECT_EQ(reply.status, wire::WireError::busy);
  EXPECT_GT(reply.retry_after_ms, 0u);
}

TEST_F(OperatingTest, WhatWasTakenBeforeAStopIsDecided) {
  start();
  populate();
  std::vector<support::Signed> sent;
  wire::SubmitRequest body;
  for (int i = 0; i < 64; ++i) {
    sent.push_back(referral());
    body.statements.push_back(sent.back().parts);
  }
  wire::Request request;
  request.body = body;
  const auto frame = wire::encode_request(request).value();
  const auto police = raw(police_->transport);
  wire::Request first;
  first.body = wire::WaitRequest{1};
  ASSERT_TRUE(police->request(wire::encode_request(first).value(), 5'000)) << "connected";
  base::Result<base::Bytes> answer = base::fail(base::ErrorKind::io, "none");
  std::thread client([&] { answer = police->request(frame, 10'000); });
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(end(SIGTERM), 0);
  client.join();
  start();
  Client again = connect(*police_);
  // Answered or not: each statement has one entry in the end, the same that a receipt named.
  std::vector<core::Entry> entries;
  for (const support::Signed& one : sent) entries.push_back(submit(again, one, true));
  for (const core::Entry& entry : entries) EXPECT_TRUE(entry.decision.accepted());
  if (!answer) return;
  const wire::Reply reply = wire::decode_reply(*answer).value();
  const auto* receipts = std::get_if<wire::SubmitReply>(&reply.body);
  if (receipts == nullptr) return;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    EXPECT_EQ(core::decode_entry(receipts->receipts[i].entry).value(), entries[i]);
  }
}

TEST_F(OperatingTest, KeysComeFromTheServiceManager) {
  const std::filesystem::path lent = folder_ / "credentials";
  std::filesystem::create_directory(lent);
  for (const char* name : {"log.key", "transport.key"}) {
    std::filesystem::rename(keys_path() + "/" + name, lent / name);
    std::filesystem::permissions(lent / name, std::filesystem::perms::owner_read | std::filesystem::perms::group_read);
  }
  std::filesystem::permissions(lent, std::filesystem::perms::owner_all);
  EXPECT_EQ(run({"run", "--config", config_path(), "--check-config"}).code, 4);
  ::setenv("CREDENTIALS_DIRECTORY", lent.c_str(), 1);
  start();
  EXPECT_EQ(end(SIGTERM), 0);
  ::unsetenv("CREDENTIALS_DIRECTORY");
}

// A clock that stops answering: whoever asks it stands still.
class StuckClock final : public program::Clock {
 public:
  base::Timestamp now() const override {
    while (stuck) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return real_.now();
  }
  base::Duration since_boot() const override { return real_.since_boot(); }
  std::atomic<bool> stuck{false};

 private:
  program::SystemClock real_;
};

TEST_F(OperatingTest, SequencerThatStandsStillIsFoundOut) {
  const Config config = load_config(config_path()).value();
  const Keys keys = load_keys(config.keys).value();
  StuckClock clock;
  const program::Logger log(program::LogLevel::error, [](program::LogLevel, std::string_view) {});
  auto service = Service::start(config, keys, clock, log, false, 1'500);
  ASSERT_TRUE(service) << service.error().message;
  std::this_thread::sleep_for(std::chrono::seconds(2));
  EXPECT_EQ((*service)->ill(), "") << "an idle broker moves";
  clock.stuck = true;
  std::this_thread::sleep_for(std::chrono::seconds(3));
  EXPECT_EQ((*service)->ill(), "a thread stands still: sequencer");
  EXPECT_EQ((*service)->not_ready(), "a thread stands still: sequencer");
  clock.stuck = false;
  std::this_thread::sleep_for(std::chrono::seconds(1));
  EXPECT_EQ((*service)->ill(), "");
}

}  // namespace
}  // namespace besa::broker
