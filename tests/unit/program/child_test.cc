// Programs started for a moment: what they get of ours, and that they end.
#include "program/child.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <thread>

#include "program/file.h"
#include "tests/unit/program/scratch.h"

namespace besa::program::test {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

ChildEnd shell(const std::string& script, std::uint32_t timeout_ms = 20'000) {
  return run_child({{"/bin/sh", "-c", script}, {"BESA_KIND=alarm"}, timeout_ms}, [] { return false; });
}

TEST(Child, ItsEndIsTold) {
  EXPECT_EQ(shell("exit 0"), ChildEnd::succeeded);
  EXPECT_EQ(shell("exit 3"), ChildEnd::failed);
  EXPECT_EQ(shell("kill -9 $$"), ChildEnd::failed);
  EXPECT_EQ(run_child({{"/no/such/program"}, {}, 1'000}, [] { return false; }), ChildEnd::not_started);
}

TEST(Child, GetsNothingOfOursButWhatIsNamed) {
  const Scratch scratch;
  ::setenv("BESA_CANARY", "secret", 1);
  EXPECT_EQ(shell("env | sort > " + (scratch / "env") + "; ls /proc/self/fd > " + (scratch / "fd")),
            ChildEnd::succeeded);
  ::unsetenv("BESA_CANARY");
  const std::string environment = read_text_file(scratch / "env", 10'000).value();
  EXPECT_NE(environment.find("BESA_KIND=alarm\n"), std::string::npos);
  EXPECT_EQ(environment.find("CANARY"), std::string::npos);
  EXPECT_EQ(read_text_file(scratch / "fd", 10'000).value(), "0\n1\n2\n3\n") << "3 is ls's own";
}

TEST(Child, IsKilledWithAllThatItStarted) {
  const Scratch scratch;
  const auto begun = Clock::now();
  EXPECT_EQ(shell("(sleep 2; touch " + (scratch / "survived") + ") & sleep 30", 300), ChildEnd::timed_out);
  EXPECT_LT(Clock::now() - begun, milliseconds(10'000));
  std::this_thread::sleep_for(milliseconds(2'500));
  EXPECT_FALSE(exists(scratch / "survived"));
}

TEST(Child, IsKilledWhenItIsCalledOff) {
  EXPECT_EQ(run_child({{"/bin/sleep", "30"}, {}, 30'000}, [] { return true; }), ChildEnd::cancelled);
}

TEST(Child, SignalsOfOursAreNotItsOwn) {
  sigset_t set;
  sigset_t before;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, &before);
  EXPECT_EQ(shell("kill -TERM $$; sleep 5; exit 0"), ChildEnd::failed) << "SIGTERM ends it";
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace
}  // namespace besa::program::test
