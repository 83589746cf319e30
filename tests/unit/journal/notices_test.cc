#include "tests/unit/journal/journal_fixture.h"

namespace besa::journal {
namespace {

class NoticesTest : public JournalTest {
 protected:
  void SetUp() override { open(); }

  static MemberId member(std::uint8_t number) { return reference_to(number, 0).author; }

  // One entry that tells each of these members.
  void tell(const std::vector<std::uint8_t>& members, std::uint16_t code) {
    Append entry = entry_number(size());
    for (const std::uint8_t number : members) entry.notices.push_back({member(number), code, reference_to(9, code)});
    ASSERT_TRUE(commit({entry}));
  }
  std::vector<StoredNotice> notices(std::uint8_t number, std::uint64_t since, std::size_t limit = 100) const {
    return snapshot().notices(member(number), Sequence{since}, limit).value();
  }
};

TEST_F(NoticesTest, GivesThoseOfOneMemberAfterASequence) {
  tell({1}, 1);
  tell({1, 2}, 2);
  tell({2, 1, 1}, 3);
  const auto found = notices(1, 0);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].sequence.value, 1u);
  EXPECT_EQ(found[0].notice.code, 2u);
  EXPECT_EQ(found[0].notice.reference, reference_to(9, 2));
  EXPECT_EQ(found[2].sequence.value, 2u);
  EXPECT_EQ(notices(2, 1).size(), 1u);
  EXPECT_TRUE(notices(3, 0).empty());
}

TEST_F(NoticesTest, GivesAtMostTheLimit) {
  tell({1}, 1);
  tell({1, 1, 1}, 2);
  EXPECT_EQ(notices(1, 0, 2).size(), 2u);
}

TEST_F(NoticesTest, NothingFollowsTheLastSequence) { EXPECT_TRUE(notices(1, UINT64_MAX).empty()); }

TEST_F(NoticesTest, SurvivesARestart) {
  tell({1}, 1);
  tell({1}, 2);
  close();
  open();
  EXPECT_EQ(notices(1, 0).size(), 1u);
}

TEST_F(NoticesTest, KeepsTheNewest) {
  tell({1}, 1);
  for (int round = 0; round < 2; ++round) tell(std::vector<std::uint8_t>(kNoticesKept / 2, 1), 2);
  EXPECT_EQ(notices(1, 0, SIZE_MAX).size(), kNoticesKept);
  tell({1, 1, 1}, 3);
  const auto found = notices(1, 0, SIZE_MAX);
  EXPECT_EQ(found.size(), kNoticesKept);
  EXPECT_EQ(found.back().notice.code, 3u);
}

}  // namespace
}  // namespace besa::journal
