// Nodes as daemons around a broker that is a process of its own: real sockets, disks and threads.
#include "agents/node/daemon.h"

#include <signal.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "crypto/secret/random.h"
#include "program/http_client.h"
#include "program/json.h"
#include "tests/integration/broker/real_broker.h"
#include "tests/support/agency_keys.h"

namespace besa::node {
namespace {

using namespace std::chrono_literals;
using program::Json;

class DaemonTest : public broker::RealBroker {
 protected:
  struct Running {
    std::unique_ptr<Node> node;
    std::unique_ptr<Daemon> daemon;  // ends before the node that it runs
    void stop() {
      daemon.reset();
      node.reset();
    }
  };

  void SetUp() override {
    begin_log();
    start();
    keep_port();
    police_ = &network_.add_agency(core::Sector::border_police);
    shelter_ = &network_.add_agency(core::Sector::shelter);
    govern({network_.enrolment(*police_), network_.enrolment(*shelter_), network_.policy(support::small_policy())});
  }

  std::string socket_of(const std::string& name) const { return folder_ / (name + ".sock"); }

  Running run_node(const std::string& name, const support::Agency& agency) {
    NodeConfig config;
    config.state = folder_ / name;
    config.socket = socket_of(name);
    config.network = network_.id();
    config.endpoint = endpoint();
    config.broker = network_.broker_transport().public_key();
    config.poll = base::Duration{500};
    config.peers.add("police", police_->id);
    config.peers.add("shelter", shelter_->id);
    Running out;
    auto node = Node::open(config, keys_of(agency),
                           {clock_, [](std::span<std::uint8_t> bytes) { crypto::random_bytes(bytes); }, log_});
    EXPECT_TRUE(node.has_value()) << node.error().message;
    out.node = std::move(*node);
    auto daemon = Daemon::start(*out.node);
    EXPECT_TRUE(daemon.has_value()) << daemon.error().message;
    out.daemon = std::move(*daemon);
    return out;
  }

  Json call(const std::string& name, std::string_view method, const std::string& target, const Json& body = Json()) {
    const program::HttpClient client(socket_of(name));
    const auto response = client.request(method, target, body.is_null() ? "" : program::to_line(body), 10'000);
    EXPECT_TRUE(response.has_value()) << response.error().message;
    if (!response) return Json::object();
    return program::parse_json(response->body, program::kHttpBodyBytes).value_or(Json::object());
  }

  static bool eventually(const std::function<bool()>& condition) {
    for (int i = 0; i < 300; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(100ms);
    }
    return false;
  }

  void wait_ready(const std::string& name) {
    ASSERT_TRUE(eventually([&] {
      const Json status = call(name, "GET", "/v1/status");
      return status.value("connected", false) && status.value("prekeys", 0) > 0;
    })) << name;
  }

  std::string send() {
    const Json referral = {
        {"purpose", "protection"},
        {"priority", "normal_2weeks"},
        {"person_class", "adult"},
        {"sections", {{"summary", {{"basis", "legal_obligation"}, {"content", {{"language", "sq"}}}}}}}};
    const Json answer = call("police", "POST", "/v1/send", {{"referral", referral}, {"to", {"shelter"}}});
    EXPECT_TRUE(answer.contains("messages")) << program::to_line(answer);
    return answer.contains("messages") ? answer["messages"][0]["message"].get<std::string>() : std::string();
  }

  std::size_t arrived() {
    const Json inbox = call("shelter", "GET", "/v1/inbox");
    return inbox.contains("messages") ? inbox["messages"].size() : 0;
  }

  program::Logger log_{program::LogLevel::error, [](program::LogLevel, std::string_view) {}};
};

TEST_F(DaemonTest, ReferralTravelsBetweenTwoDaemons) {
  const Running police = run_node("police", *police_);
  const Running shelter = run_node("shelter", *shelter_);
  wait_ready("police");
  wait_ready("shelter");
  const std::string id = send();
  EXPECT_TRUE(eventually([&] { return arrived() == 1; }));
  EXPECT_TRUE(eventually([&] { return call("police", "GET", "/v1/message/" + id)["state"] == "received"; }));
}

TEST_F(DaemonTest, BrokerKilledWhileMessagesFlow) {
  const Running police = run_node("police", *police_);
  const Running shelter = run_node("shelter", *shelter_);
  wait_ready("police");
  wait_ready("shelter");
  for (int i = 0; i < 10; ++i) send();
  EXPECT_EQ(end(SIGKILL), -SIGKILL);
  for (int i = 0; i < 10; ++i) EXPECT_NE(send(), "") << "the node queues on its own disk";
  start();
  EXPECT_TRUE(eventually([&] { return arrived() == 20; })) << arrived();
  const Json inbox = call("shelter", "GET", "/v1/inbox");
  std::set<std::string> distinct;
  for (const Json& message : inbox["messages"]) distinct.insert(message["id"].get<std::string>());
  EXPECT_EQ(distinct.size(), 20U);
  EXPECT_TRUE(call("shelter", "GET", "/v1/status")["alarms"].empty());
}

TEST_F(DaemonTest, NodeRestartedGoesOn) {
  Running shelter = run_node("shelter", *shelter_);
  wait_ready("shelter");
  {
    const Running police = run_node("police", *police_);
    wait_ready("police");
    shelter.stop();
    send();
  }
  const Running police = run_node("police", *police_);
  const Running again = run_node("shelter", *shelter_);
  EXPECT_TRUE(eventually([&] { return arrived() == 1; }));
}

TEST_F(DaemonTest, StopsAtOnceWhileItWaits) {
  Running shelter = run_node("shelter", *shelter_);
  wait_ready("shelter");
  const auto begin = std::chrono::steady_clock::now();
  shelter.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
}

TEST_F(DaemonTest, StrangerIsToldInTheStatus) {
  const support::Agency& stranger = network_.add_agency(core::Sector::ngo);
  const Running node = run_node("stranger", stranger);
  EXPECT_TRUE(eventually([&] { return call("stranger", "GET", "/v1/status")["trouble"] != ""; }));
  EXPECT_FALSE(call("stranger", "GET", "/v1/status")["connected"].get<bool>());
}

TEST_F(DaemonTest, SecondNodeOnTheSameStateIsRefused) {
  const Running first = run_node("shelter", *shelter_);
  NodeConfig config;
  config.state = folder_ / "shelter";
  config.network = network_.id();
  const auto second = Node::open(config, keys_of(*shelter_),
                                 {clock_, [](std::span<std::uint8_t> bytes) { crypto::random_bytes(bytes); }, log_});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().kind, base::ErrorKind::busy);
}

}  // namespace
}  // namespace besa::node
