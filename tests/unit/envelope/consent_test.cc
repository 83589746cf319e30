#include "envelope/consent.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "world.h"

namespace besa::envelope {
namespace {

std::vector<core::ConsentRow> rows_for(std::size_t count) {
  std::vector<core::ConsentRow> out(count);
  for (std::size_t i = 0; i < count; ++i) {
    out[i].member.bytes[0] = static_cast<std::uint8_t>(i + 1);
    out[i].allow = {core::Category::summary};
    out[i].purposes = {core::Purpose::protection};
  }
  return out;
}

TEST(Consent, RowsAreFilledUpAndParse) {
  for (const std::size_t count : {1u, 15u, 16u, 17u, 33u, 64u}) {
    const auto built = build_consent({}, rows_for(count), testing::fixed_random("consent"));
    ASSERT_TRUE(built);
    EXPECT_EQ(built->rows.size(), count <= 16 ? 16u : count <= 32 ? 32u : 64u);
    const std::vector<base::ByteView> views(built->rows.begin(), built->rows.end());
    const auto parsed =
        wire::parse_statement(core::media_type(core::StatementType::consent), built->body, {}, views, {});
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->id, built->id);
    const auto filled = std::count_if(parsed->consent_rows.begin(), parsed->consent_rows.end(),
                                      [](const core::ConsentRow& row) { return !row.is_empty(); });
    EXPECT_EQ(static_cast<std::size_t>(filled), count);
  }
  EXPECT_FALSE(build_consent({}, rows_for(65), testing::fixed_random("consent")));
}

TEST(Consent, RowsAreShuffled) {
  std::vector<std::size_t> places;
  for (const auto* seed : {"a", "b", "c", "d", "e", "f"}) {
    const auto built = build_consent({}, rows_for(1), testing::fixed_random(seed));
    for (std::size_t i = 0; i < built->rows.size(); ++i) {
      if (!wire::parse_consent_row(built->rows[i])->is_empty()) places.push_back(i);
    }
  }
  std::sort(places.begin(), places.end());
  EXPECT_GT(std::unique(places.begin(), places.end()) - places.begin(), 1);
}

}  // namespace
}  // namespace besa::envelope
