#include "program/log.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace besa::program {
namespace {

// Text that is no literal has no way into a field.
static_assert(!std::is_constructible_v<Field, Literal, std::string>);
static_assert(!std::is_constructible_v<Field, Literal, std::string_view>);
static_assert(!std::is_constructible_v<Field, Literal, base::Bytes>);
static_assert(!std::is_constructible_v<Field, std::string, int>);
static_assert(!std::is_convertible_v<std::string, OwnText>);

std::string line_of(std::initializer_list<Field> fields) {
  std::string line;
  const Logger log(LogLevel::debug, [&](LogLevel, std::string_view l) { line = l; });
  log.info("tested", fields);
  return line;
}

TEST(Log, ALineIsAnEventAndFields) {
  base::MemberId member;
  member.bytes[0] = 0xab;
  EXPECT_EQ(line_of({{"member", member},
                     {"sequence", base::Sequence{12}},
                     {"count", -3},
                     {"late", true},
                     {"at", base::Timestamp{5}},
                     {"code", "given_up"},
                     {"kind", base::ErrorKind::io}}),
            "event=tested member=ab000000000000000000000000000000 sequence=12 count=-3 late=true at=5 code=given_up "
            "kind=io");
}

TEST(Log, OfAnErrorOnlyTheKind) {
  EXPECT_EQ(line_of({{"error", base::Error{base::ErrorKind::malformed, "Maria sent this"}}}),
            "event=tested error=malformed");
}

TEST(Log, OwnTextIsEscaped) {
  EXPECT_EQ(line_of({{"path", OwnText("/a b\n\x1b[31m\"x\"\\\xc3\xa9")}}),
            "event=tested path=\"/a b\\x0a\\x1b[31m\\\"x\\\"\\\\\\xc3\\xa9\"");
  EXPECT_EQ(line_of({{"path", OwnText("")}}), "event=tested path=\"\"");
}

TEST(Log, ALongValueIsCut) {
  const std::string line = line_of({{"path", OwnText(std::string(5'000, 'x'))}});
  EXPECT_EQ(line, "event=tested path=" + std::string(kLogValueBytes, 'x') + "...");
}

TEST(Log, TheLevelFilters) {
  int lines = 0;
  const Logger log(LogLevel::warning, [&](LogLevel, std::string_view) { ++lines; });
  log.debug("a");
  log.info("a");
  log.warning("a");
  log.error("a");
  EXPECT_EQ(lines, 2);
}

TEST(Log, ToStderrWithTimeLevelAndProgram) {
  testing::internal::CaptureStderr();
  const Logger log("besa-test", LogTarget::standard_error, LogLevel::info);
  log.debug("unseen");
  log.warning("seen", {{"text", OwnText("{} %s")}});
  const std::string out = testing::internal::GetCapturedStderr();
  EXPECT_NE(out.find("Z warning besa-test: event=seen text=\"{} %s\"\n"), std::string::npos) << out;
  EXPECT_EQ(out.find("unseen"), std::string::npos);
}

TEST(Log, AutomaticIsStderrWhenThatIsNotTheJournal) {
  testing::internal::CaptureStderr();
  const Logger log("besa-test", LogTarget::automatic, LogLevel::info);
  log.info("seen");
  EXPECT_NE(testing::internal::GetCapturedStderr().find("event=seen"), std::string::npos);
}

TEST(Log, TheJournalNeedNotBeThere) {
  const Logger log("besa-test", LogTarget::journal, LogLevel::error);
  log.error("tested", {{"count", 1}});
}

TEST(Log, NamesOfTargetsAndLevels) {
  EXPECT_EQ(parse_log_target("auto").value(), LogTarget::automatic);
  EXPECT_EQ(parse_log_target("journal").value(), LogTarget::journal);
  EXPECT_EQ(parse_log_level("warning").value(), LogLevel::warning);
  EXPECT_NE(parse_log_level("warnin").error().message.find("did you mean 'warning'?"), std::string::npos);
  EXPECT_EQ(parse_log_target("syslog").error().kind, base::ErrorKind::configuration);
}

}  // namespace
}  // namespace besa::program
