#include "program/time_text.h"

#include <gtest/gtest.h>

#include "program/clock.h"

namespace besa::program {
namespace {

struct Row {
  std::uint64_t ms;
  const char* text;
};

class Times : public testing::TestWithParam<Row> {};

TEST_P(Times, GoBothWays) {
  EXPECT_EQ(format_time({GetParam().ms}), GetParam().text);
  EXPECT_EQ(parse_time(GetParam().text).value().ms, GetParam().ms);
}

INSTANTIATE_TEST_SUITE_P(Rows, Times,
                         testing::Values(Row{0, "1970-01-01T00:00:00Z"}, Row{1, "1970-01-01T00:00:00.001Z"},
                                         Row{951'782'400'000, "2000-02-29T00:00:00Z"},
                                         Row{1'740'817'800'250, "2025-03-01T08:30:00.250Z"},
                                         Row{253'402'300'799'999, "9999-12-31T23:59:59.999Z"}));

TEST(Times, AfterTheYear9999StayThere) { EXPECT_EQ(format_time({UINT64_MAX}), "9999-12-31T23:59:59.999Z"); }

TEST(Times, OffsetsAreTakenOff) {
  const auto utc = parse_time("2025-03-01T08:30:00Z").value();
  EXPECT_EQ(parse_time("2025-03-01T10:30:00+02:00").value(), utc);
  EXPECT_EQ(parse_time("2025-03-01T03:00:00-05:30").value(), utc);
  EXPECT_EQ(parse_time("2025-03-01T08:30:00.5Z").value().ms, utc.ms + 500);
}

class BadTimes : public testing::TestWithParam<const char*> {};

TEST_P(BadTimes, AreRefused) { EXPECT_FALSE(parse_time(GetParam())); }

INSTANTIATE_TEST_SUITE_P(All, BadTimes,
                         testing::Values("", "2025", "2025-03-01", "2025-03-01T08:30:00", "2025-03-01 08:30:00Z",
                                         "2025-03-01t08:30:00z", "2025-02-29T00:00:00Z", "2025-13-01T00:00:00Z",
                                         "2025-00-01T00:00:00Z", "2025-03-32T00:00:00Z", "2025-03-01T24:00:00Z",
                                         "2025-03-01T23:60:00Z", "2025-03-01T23:59:60Z", "2025-03-01T08:30:00.Z",
                                         "2025-03-01T08:30:00.1234Z", "2025-03-01T08:30:00Z ", " 2025-03-01T08:30:00Z",
                                         "2025-03-01T08:30:00+2:00", "2025-03-01T08:30:00+24:00",
                                         "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+01:00",
                                         "9999-12-31T23:59:59-01:00", "+2025-03-01T08:30:00Z", "2025-3-1T08:30:00Z"));

TEST(Durations, HaveAUnit) {
  EXPECT_EQ(parse_duration("250ms").value().ms, 250u);
  EXPECT_EQ(parse_duration("10s").value().ms, 10'000u);
  EXPECT_EQ(parse_duration("30m").value(), base::minutes(30));
  EXPECT_EQ(parse_duration("12h").value(), base::hours(12));
  EXPECT_EQ(parse_duration("90d").value(), base::days(90));
  for (const char* bad : {"", "10", "s", "-1s", "1.5h", "10 s", "10S", "1000000000s", "1w", "1d1h"}) {
    EXPECT_FALSE(parse_duration(bad)) << bad;
  }
}

TEST(Clocks, TheSystemsRun) {
  const SystemClock clock;
  EXPECT_GT(clock.now().ms, 1'600'000'000'000u);
  const auto before = clock.since_boot();
  EXPECT_GE(clock.since_boot(), before);
}

TEST(Clocks, TheFakeOneStandsStillUntilTold) {
  FakeClock clock(base::Timestamp{1'000});
  const auto boot = clock.since_boot();
  clock.pass(base::Duration{5});
  EXPECT_EQ(clock.now().ms, 1'005u);
  EXPECT_EQ(clock.since_boot().ms, boot.ms + 5);
  clock.set(base::Timestamp{7});
  EXPECT_EQ(clock.now().ms, 7u);
  EXPECT_EQ(clock.since_boot().ms, boot.ms + 5);
}

}  // namespace
}  // namespace besa::program
