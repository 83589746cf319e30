#include "tiles/format.h"

#include <gtest/gtest.h>

namespace besa::tiles {
namespace {

struct PathCase {
  std::uint64_t index;
  std::uint64_t width;
  std::string expected;
};

class TilePath : public testing::TestWithParam<PathCase> {};

TEST_P(TilePath, IsThatOfTheSpecification) {
  EXPECT_EQ(tile_path(GetParam().index, GetParam().width), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Paths, TilePath,
                         testing::Values(PathCase{0, 256, "000"}, PathCase{999, 256, "999"},
                                         PathCase{1000, 256, "x001/000"}, PathCase{1234067, 256, "x001/x234/067"},
                                         PathCase{0, 1, "000.p/1"}, PathCase{273, 112, "273.p/112"},
                                         PathCase{1000000, 255, "x001/x000/000.p/255"}));

struct CountCase {
  std::uint64_t size;
  unsigned level;
  std::uint64_t expected;
};

class HashesAt : public testing::TestWithParam<CountCase> {};

TEST_P(HashesAt, IsThatOfTheSpecification) {
  EXPECT_EQ(hashes_at(TreeSize{GetParam().size}, GetParam().level), GetParam().expected);
}

// The size 70,000 is the specification's own example: 273 full tiles and 112, one full tile and 17, and 1.
INSTANTIATE_TEST_SUITE_P(Counts, HashesAt,
                         testing::Values(CountCase{70000, 0, 273 * 256 + 112}, CountCase{70000, 1, 256 + 17},
                                         CountCase{70000, 2, 1}, CountCase{70000, 3, 0}, CountCase{256, 1, 1},
                                         CountCase{255, 1, 0}, CountCase{0, 0, 0}, CountCase{UINT64_MAX, 7, 255},
                                         CountCase{UINT64_MAX, 8, 0}, CountCase{UINT64_MAX, 63, 0}));

}  // namespace
}  // namespace besa::tiles
