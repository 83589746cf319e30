#include "program/exit_code.h"

#include <gtest/gtest.h>

namespace besa::program {
namespace {

using base::ErrorKind;

struct Row {
  ErrorKind kind;
  int code;
};

class ExitCodes : public testing::TestWithParam<Row> {};

TEST_P(ExitCodes, AreWhatScriptsRelyOn) { EXPECT_EQ(to_int(exit_code(GetParam().kind)), GetParam().code); }

INSTANTIATE_TEST_SUITE_P(All, ExitCodes,
                         testing::Values(Row{ErrorKind::malformed, 1}, Row{ErrorKind::bad_signature, 3},
                                         Row{ErrorKind::unsupported, 1}, Row{ErrorKind::not_found, 4},
                                         Row{ErrorKind::already_exists, 1}, Row{ErrorKind::denied, 5},
                                         Row{ErrorKind::busy, 75}, Row{ErrorKind::full, 1}, Row{ErrorKind::io, 1},
                                         Row{ErrorKind::damaged, 3}, Row{ErrorKind::configuration, 78},
                                         Row{ErrorKind::unavailable, 75}, Row{ErrorKind::misbehaviour, 3}),
                         [](const auto& row) { return std::string{base::to_string(row.param.kind)}; });

TEST(Report, NamesTheProgramAndGivesTheCode) {
  testing::internal::CaptureStderr();
  const int code = report("besa", {ErrorKind::not_found, "no such message"});
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "besa: no such message\n");
  EXPECT_EQ(code, 4);
}

}  // namespace
}  // namespace besa::program
