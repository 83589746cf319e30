// The command that calls a person: told a word and a count, together what comes together, and never in anybody's way.
#include "agents/node/notifier.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>

#include "tests/support/temporary_folder.h"

namespace besa::node {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

class NotifierTest : public testing::Test {
 protected:
  NotifierOptions telling(const std::string& script, std::uint64_t every_ms = 100) const {
    return {{"/bin/sh", "-c", script, "tell"}, base::Duration{every_ms}, 200, 2'000};
  }
  std::string told_script() const { return "echo \"$1 $2 $BESA_KIND $BESA_COUNT\" >> " + told_path(); }
  std::string told_path() const { return folder_ / "told"; }
  std::string told() const {
    std::ifstream file(told_path());
    return {std::istreambuf_iterator<char>(file), {}};
  }
  bool told_soon(const std::string& wanted) const {
    for (int i = 0; i < 500 && told() != wanted; ++i) std::this_thread::sleep_for(milliseconds(20));
    EXPECT_EQ(told(), wanted);
    return told() == wanted;
  }

  support::TemporaryFolder folder_;
  std::mutex mutex_;
  std::string lines_;
  program::Logger log_{program::LogLevel::debug, [this](program::LogLevel, std::string_view line) {
                         const std::lock_guard lock(mutex_);
                         lines_ += std::string(line) + "\n";
                       }};
};

TEST_F(NotifierTest, WhatComesTogetherIsToldTogether) {
  Notifier notifier(telling(told_script()), log_);
  for (int i = 0; i < 3; ++i) notifier.tell(Attention::message);
  notifier.tell(Attention::overdue);
  EXPECT_TRUE(told_soon("message 3 message 3\noverdue 1 overdue 1\n"));
  notifier.tell(Attention::alarm);
  notifier.tell(Attention::answer);
  EXPECT_TRUE(told_soon("message 3 message 3\noverdue 1 overdue 1\nanswer 1 answer 1\nalarm 1 alarm 1\n"));
}

TEST_F(NotifierTest, IsNotRunMoreOftenThanAsked) {
  Notifier notifier(telling(told_script(), 60'000), log_);
  notifier.tell(Attention::message);
  EXPECT_TRUE(told_soon("message 1 message 1\n"));
  for (int i = 0; i < 100; ++i) notifier.tell(Attention::message);
  std::this_thread::sleep_for(milliseconds(600));
  EXPECT_EQ(told(), "message 1 message 1\n");
}

TEST_F(NotifierTest, FailureIsALineAndNothingElse) {
  {
    Notifier notifier(telling("exit 1"), log_);
    notifier.tell(Attention::alarm);
    for (int i = 0; i < 500; ++i) {
      std::this_thread::sleep_for(milliseconds(20));
      const std::lock_guard lock(mutex_);
      if (!lines_.empty()) break;
    }
  }
  EXPECT_NE(lines_.find("event=notify_command_failed kind=alarm end=failed"), std::string::npos) << lines_;
}

TEST_F(NotifierTest, ACommandThatHangsHoldsUpNobody) {
  const auto begun = Clock::now();
  {
    Notifier notifier(telling("sleep 60"), log_);
    notifier.tell(Attention::message);
    std::this_thread::sleep_for(milliseconds(500));
    notifier.tell(Attention::message);
  }
  EXPECT_LT(Clock::now() - begun, milliseconds(5'000));
}

TEST_F(NotifierTest, ACommandThatTakesTooLongIsKilled) {
  {
    Notifier notifier({{"/bin/sh", "-c", "sleep 60"}, base::Duration{100}, 50, 300}, log_);
    notifier.tell(Attention::message);
    for (int i = 0; i < 500; ++i) {
      std::this_thread::sleep_for(milliseconds(20));
      const std::lock_guard lock(mutex_);
      if (!lines_.empty()) break;
    }
  }
  EXPECT_NE(lines_.find("end=timed_out"), std::string::npos) << lines_;
}

TEST_F(NotifierTest, WithoutACommandNothingIsRun) {
  Notifier notifier({}, log_);
  notifier.tell(Attention::message);
}

}  // namespace
}  // namespace besa::node
