// Two nodes as processes, killed at any moment while messages flow between them: what was answered "queued" is there,
// nothing is said twice, and no file of a node shows a word of what people wrote.
#include <chrono>
#include <cstdlib>
#include <set>
#include <thread>

#include "crypto/secret/random.h"
#include "tests/integration/node/node_processes.h"

namespace besa::node {
namespace {

using namespace std::chrono_literals;
constexpr int kKills = 12;  // BESA_NODE_KILLS says otherwise

int kills() {
  const char* chosen = std::getenv("BESA_NODE_KILLS");
  return chosen == nullptr ? kKills : std::atoi(chosen);
}

class CrashTest : public NodeProcesses {};

TEST_F(CrashTest, NodesKilledAtAnyMomentLoseAndDoubleNothing) {
  ASSERT_TRUE(eventually([&] { return ready("police") && ready("shelter"); }));
  int asked = 0;
  for (int i = 0; i < kills(); ++i) {
    const std::string victim = i % 2 == 0 ? "police" : "shelter";
    std::uint8_t chance = 0;
    crypto::random_bytes({&chance, 1});
    std::thread killer([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(chance));
      kill_node(victim);
      start_node(victim);
    });
    for (int k = 0; k < 5; ++k, ++asked) {
      for (int tries = 0; tries < 200 && !send(asked); ++tries) std::this_thread::sleep_for(50ms);
    }
    killer.join();
  }
  const auto expected = static_cast<std::size_t>(asked);
  EXPECT_TRUE(eventually([&] { return messages("shelter", "/v1/inbox") == expected; }))
      << messages("shelter", "/v1/inbox") << " of " << expected;
  std::set<std::string> distinct;
  const Json inbox = look("shelter", "/v1/inbox");
  for (const Json& message : inbox["messages"]) distinct.insert(message["id"].get<std::string>());
  EXPECT_EQ(distinct.size(), expected);
  const auto received = [&] {
    const Json threads = look("police", "/v1/threads");
    std::size_t count = 0;
    if (!threads.contains("threads")) return false;
    for (const Json& thread : threads["threads"]) count += thread["state"] == "received" ? 1U : 0U;
    return count == expected && threads["threads"].size() == expected;
  };
  EXPECT_TRUE(eventually(received));
  EXPECT_TRUE(look("police", "/v1/status")["alarms"].empty());
  EXPECT_TRUE(look("shelter", "/v1/status")["alarms"].empty()) << look("shelter", "/v1/status").dump();
  const auto opened =
      ask("shelter", "POST", "/v1/open",
          {{"message", inbox["messages"][0]["message"]}, {"role", "caseworker"}, {"person", "Plantedreader"}});
  ASSERT_TRUE(opened && opened->status == 200) << (opened ? opened->body : "");
  EXPECT_NE(opened->body.find("Plantedname"), std::string::npos);
  kill_node("police");
  kill_node("shelter");
  expect_nothing_planted();
}

}  // namespace
}  // namespace besa::node
