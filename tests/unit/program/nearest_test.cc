#include "program/nearest.h"

#include <gtest/gtest.h>

namespace besa::program {
namespace {

struct Row {
  const char* typed;
  const char* meant;
};

class Nearest : public testing::TestWithParam<Row> {};

TEST_P(Nearest, FindsWhatWasMeant) {
  EXPECT_EQ(nearest(GetParam().typed, {"send", "show", "status", "consent", "address", "accept"}), GetParam().meant);
}

INSTANTIATE_TEST_SUITE_P(Names, Nearest,
                         testing::Values(Row{"snd", "send"}, Row{"sedn", "send"}, Row{"adress", "address"},
                                         Row{"statsu", "status"}, Row{"consetn", "consent"}, Row{"acept", "accept"},
                                         Row{"frobnicate", ""}, Row{"x", ""}, Row{"", ""}, Row{"address", "address"}));

TEST(Nearest, AVeryLongNameIsNotCompared) { EXPECT_EQ(nearest(std::string(100'000, 'a'), {"a"}), ""); }

TEST(DidYouMean, SaysNothingWithoutACandidate) {
  EXPECT_EQ(did_you_mean("adress", {"address"}), "; did you mean 'address'?");
  EXPECT_EQ(did_you_mean("zzz", {"address"}), "");
}

}  // namespace
}  // namespace besa::program
