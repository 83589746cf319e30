// The node as a service manager, a monitoring server and the staff's pager see it.
#include <signal.h>

#include <fstream>

#include "tests/integration/node/real_nodes.h"
#include "tests/support/exposition.h"
#include "tests/support/service_manager.h"

namespace besa::node {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class NodeOperating : public RealNodes {
 protected:
  void SetUp() override {
    RealNodes::SetUp();
    for (const char* name : {"police", "shelter"}) start_node(name);
  }
  std::string more_config(const std::string& name) const override {
    const std::uint16_t port = name == "police" ? police_port_ : shelter_port_;
    std::string text = "[metrics]\nport = " + std::to_string(port) + "\n";
    if (name == "police") return text;
    return text + "[notify]\nevery = \"1s\"\ncommand = [\"/bin/sh\", \"-c\", \"env >> " + told_path() +
           "; echo $1 $2 >> " + told_path() + "\", \"tell\"]\n";
  }
  std::string told_path() const { return folder_ / "told"; }
  static std::string text_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static support::Exposition metrics(std::uint16_t port) {
    return support::read_exposition(support::http_body(support::http_get(port, "/metrics")));
  }
  const std::uint16_t police_port_ = support::free_port();
  const std::uint16_t shelter_port_ = support::free_port();
};

TEST_F(NodeOperating, MetricsHealthAndPagerSayWhatHappensAndNothingOfAnybody) {
  ASSERT_TRUE(eventually([&] { return ready("police") && ready("shelter"); }));
  EXPECT_THAT(support::http_get(shelter_port_, "/readyz"), StartsWith("HTTP/1.1 200"));
  ASSERT_TRUE(send(1));
  ASSERT_TRUE(eventually([&] { return look("shelter", "/v1/inbox").value("messages", Json::array()).size() == 1; }));
  ASSERT_TRUE(eventually([&] { return text_of(told_path()).find("message 1\n") != std::string::npos; }));
  const support::Exposition police = metrics(police_port_);
  EXPECT_THAT(police.complaints, IsEmpty());
  EXPECT_EQ(police.of("besa_connected"), 1);
  EXPECT_EQ(police.of("besa_member_in_force"), 1);
  EXPECT_GT(police.of("besa_prekeys"), 0);
  EXPECT_GT(police.of("besa_prekeys_end_seconds"), 86'400);
  EXPECT_THAT(support::undocumented(police, {"### Metrics of both", "### Metrics of the node"}), IsEmpty());
  const support::Exposition shelter = metrics(shelter_port_);
  EXPECT_EQ(shelter.of("besa_inbox_unread"), 1);
  EXPECT_EQ(shelter.of("besa_outbox_depth"), 0);
  EXPECT_EQ(shelter.of("besa_alarms"), 0);
  std::string all = text_of(told_path());
  EXPECT_THAT(all, HasSubstr("BESA_KIND=message\n"));
  EXPECT_THAT(all, Not(HasSubstr(folder_ / "shelter-keys")));
  for (const std::uint16_t port : {police_port_, shelter_port_}) {
    for (const char* path : {"/metrics", "/healthz", "/readyz"}) all += support::http_get(port, path);
  }
  for (const char* word : kPlanted) EXPECT_THAT(all, Not(HasSubstr(word)));
  for (const support::Agency* agency : {police_, shelter_}) {
    EXPECT_THAT(all, Not(HasSubstr(base::to_hex(agency->id.view()).substr(0, 12))));
  }
  for (const char* name : {"police", "shelter"}) EXPECT_EQ(processes_.at(name).end(SIGTERM), 0) << name;
  expect_nothing_planted();
}

TEST_F(NodeOperating, ServiceManagerIsToldAndABrokerThatIsGoneIsSaid) {
  ASSERT_TRUE(eventually([&] { return ready("police"); }));
  EXPECT_EQ(processes_.at("police").end(SIGTERM), 0);
  const support::ServiceManager manager(folder_ / "notify", 1'500);
  start_node("police");
  EXPECT_EQ(manager.await("READY="), "READY=1");
  EXPECT_EQ(manager.await("STATUS=serving"), "STATUS=serving");
  EXPECT_EQ(manager.await("WATCHDOG="), "WATCHDOG=1");
  EXPECT_EQ(end(SIGTERM), 0);
  EXPECT_THAT(manager.await("STATUS=no contact"), StartsWith("STATUS=no contact with the broker"));
  EXPECT_EQ(manager.await("WATCHDOG="), "WATCHDOG=1") << "a broker that is down is no reason to end the node";
  EXPECT_THAT(support::http_get(police_port_, "/healthz"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(support::http_get(police_port_, "/readyz"), StartsWith("HTTP/1.1 503"));
  ::kill(processes_.at("police").id(), SIGHUP);
  EXPECT_THAT(manager.await("RELOADING="), StartsWith("RELOADING=1"));
  EXPECT_EQ(manager.await("READY="), "READY=1");
  EXPECT_EQ(processes_.at("police").end(SIGTERM), 0);
}

}  // namespace
}  // namespace besa::node
