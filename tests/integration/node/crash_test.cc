// Two nodes and their broker as processes, killed at any moment while messages flow: what was answered "queued" is
// there, nothing is said twice, the log is sound, and no file of a node shows a word of what people wrote.
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <thread>

#include "crypto/secret/random.h"
#include "tests/integration/node/real_nodes.h"

namespace besa::node {
namespace {

// Four tests of 50 kills, so that each ends well within the time that a test has. BESA_NODE_KILLS says otherwise.
constexpr int kTests = 4;
constexpr int kKills = 50;

int kills() {
  const char* chosen = std::getenv("BESA_NODE_KILLS");
  return chosen == nullptr ? kKills : std::atoi(chosen);
}

// BESA_KILL_SEED repeats a run, as far as the machine's own timing lets it.
std::uint32_t seed() {
  const char* chosen = std::getenv("BESA_KILL_SEED");
  if (chosen != nullptr) return static_cast<std::uint32_t>(std::strtoul(chosen, nullptr, 10));
  std::array<std::uint8_t, 4> bytes{};
  crypto::random_bytes(bytes);
  return base::ByteReader(bytes).u32();
}

class CrashTest : public RealNodes, public testing::WithParamInterface<int> {
 protected:
  void kill_and_start(const std::string& victim, std::chrono::milliseconds after) {
    std::this_thread::sleep_for(after);
    if (victim == "broker") {
      ASSERT_EQ(end(SIGKILL), -SIGKILL) << "the broker ended by itself";
      start();
    } else {
      kill_node(victim);
      start_node(victim);
    }
  }
};

TEST_P(CrashTest, KilledAtAnyMomentNothingIsLostOrDoubled) {
  const std::uint32_t chosen = seed();
  SCOPED_TRACE("BESA_KILL_SEED=" + std::to_string(chosen));
  std::cout << "BESA_KILL_SEED=" << chosen << "\n";
  std::mt19937 chance(chosen);
  start_node("police");
  start_node("shelter");
  ASSERT_TRUE(eventually([&] { return ready("police") && ready("shelter"); }));
  int asked = 0;
  for (int i = 0; i < kills(); ++i) {
    const std::string victim = std::array{"police", "shelter", "police", "shelter", "broker"}[chance() % 5];
    const std::chrono::milliseconds after(chance() % 100);
    std::thread killer([&] { kill_and_start(victim, after); });
    for (int k = 0; k < 2; ++k, ++asked) {
      ASSERT_TRUE(eventually([&] { return send(asked); })) << "nobody answers " << asked;
    }
    killer.join();
  }
  expect_arrived(static_cast<std::size_t>(asked));
  const Json message = look("shelter", "/v1/inbox")["messages"][0]["message"];
  const auto opened =
      ask("shelter", "POST", "/v1/open", {{"message", message}, {"role", "caseworker"}, {"person", "Plantedreader"}});
  ASSERT_TRUE(opened && opened->status == 200) << (opened ? opened->body : "");
  EXPECT_NE(opened->body.find("Plantedname"), std::string::npos);
  kill_node("police");
  kill_node("shelter");
  EXPECT_EQ(end(SIGKILL), -SIGKILL);
  expect_whole_counters(static_cast<std::size_t>(asked));
  expect_nothing_planted();
  expect_sound_broker();
}

INSTANTIATE_TEST_SUITE_P(Kills, CrashTest, testing::Range(0, kTests));

}  // namespace
}  // namespace besa::node
