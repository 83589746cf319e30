#include "program/signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

namespace besa::program {
namespace {

// In a process of its own: the signals of this one stay as they are.
int stopped_by(int signal) {
  auto stop = StopSignal::install();
  if (!stop || stop->wait(0)) return 10;
  ::kill(::getpid(), signal);
  if (!stop->wait(5'000)) return 11;
  return stop->wait(0) ? 0 : 12;  // stays true
}

class Signals : public testing::TestWithParam<int> {};

TEST_P(Signals, AreReadNotSuffered) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(::_exit(stopped_by(GetParam())), testing::ExitedWithCode(0), "");
}

INSTANTIATE_TEST_SUITE_P(All, Signals, testing::Values(SIGTERM, SIGINT));

TEST(Signals, HangupAsksForTheConfigurationAndDoesNotStop) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        auto stop = StopSignal::install();
        if (!stop || stop->take_reload()) ::_exit(10);
        ::kill(::getpid(), SIGHUP);
        if (stop->wait(5'000) || !stop->take_reload() || stop->take_reload()) ::_exit(11);
        ::kill(::getpid(), SIGHUP);
        ::kill(::getpid(), SIGTERM);
        ::_exit(stop->wait(5'000) ? 0 : 12);
      },
      testing::ExitedWithCode(0), "");
}

TEST(Signals, TheSecondEndsAtOnce) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        auto stop = StopSignal::install();
        ::kill(::getpid(), SIGTERM);
        if (!stop || !stop->wait(5'000)) ::_exit(10);
        stop->let_next_end();
        ::kill(::getpid(), SIGTERM);
        ::_exit(11);
      },
      testing::KilledBySignal(SIGTERM), "");
}

TEST(Signals, AClosedPipeIsAnErrorOnly) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        const auto stop = StopSignal::install();
        int ends[2];
        if (!stop || ::pipe(ends) != 0) ::_exit(10);
        ::close(ends[0]);
        ::_exit(::write(ends[1], "x", 1) == -1 ? 0 : 11);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace besa::program
