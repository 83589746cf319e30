#include <gtest/gtest.h>

#include "base/limits.h"
#include "tests/unit/journal/journal_fixture.h"

namespace besa::journal {
namespace {

using base::ErrorKind;
using core::Change;
using core::Table;

class BatchTest : public JournalTest {
 protected:
  void SetUp() override { open(); }

  std::optional<Bytes> member_row() const { return snapshot().view().get(Table::member, bytes_of("key")).value(); }
  static Change put(std::string_view value) { return {Table::member, bytes_of("key"), bytes_of(value)}; }
};

TEST_F(BatchTest, GivesSequencesInOrder) {
  auto batch = journal_->begin().value();
  EXPECT_EQ(batch.append(entry_number(0)).value(), Sequence{0});
  EXPECT_EQ(batch.append(entry_number(1)).value(), Sequence{1});
  EXPECT_EQ(batch.log().size().value(), TreeSize{2});
}

TEST_F(BatchTest, SeesItsOwnEntriesAndRows) {
  auto batch = journal_->begin().value();
  Append append = entry_number(0);
  append.author = reference_to(1, 7);
  ASSERT_TRUE(batch.append(append));
  const std::vector<Change> changes = {put("value")};
  ASSERT_TRUE(batch.view().apply(changes));
  EXPECT_EQ(batch.log().sequence_of(append.author->author, Counter{7}).value(), Sequence{0});
  EXPECT_EQ(batch.log().root(TreeSize{1}).value(), core::leaf_hash(append.entry));
  EXPECT_EQ(batch.view().get(Table::member, bytes_of("key")).value(), bytes_of("value"));
}

TEST_F(BatchTest, IsInvisibleUntilItsCommit) {
  auto batch = journal_->begin().value();
  ASSERT_TRUE(batch.append(entry_number(0)));
  const std::vector<Change> changes = {put("value")};
  ASSERT_TRUE(batch.view().apply(changes));
  EXPECT_EQ(size(), 0U);
  EXPECT_EQ(member_row(), std::nullopt);
  ASSERT_TRUE(batch.commit());
  EXPECT_EQ(size(), 1U);
  EXPECT_EQ(member_row(), bytes_of("value"));
}

TEST_F(BatchTest, LeavesNoTraceWhenDropped) {
  {
    auto batch = journal_->begin().value();
    ASSERT_TRUE(batch.append(message_number(0, "dropped ciphertext")));
    const std::vector<Change> changes = {put("value")};
    ASSERT_TRUE(batch.view().apply(changes));
  }
  ASSERT_TRUE(commit({message_number(1, "kept ciphertext")}));
  EXPECT_EQ(size(), 1U);
  EXPECT_EQ(member_row(), std::nullopt);
  EXPECT_EQ(snapshot().log().sequence_of(reference_to(1, 0).author, Counter{0}).value(), std::nullopt);
  EXPECT_EQ(snapshot().ciphertext(reference_to(1, 1), 0, 0).value(), bytes_of("kept ciphertext"));
  EXPECT_FALSE(on_disk("dropped ciphertext"));
}

TEST_F(BatchTest, RefusesAnEntryOverItsLimit) {
  for (const std::size_t bytes : {std::size_t{0}, base::limits::kEntryBytes + 1}) {
    auto batch = journal_->begin().value();
    Append append = entry_number(0);
    append.entry = Bytes(bytes, 1);
    EXPECT_EQ(batch.append(append).error().kind, ErrorKind::malformed);
    EXPECT_EQ(batch.commit().error().kind, ErrorKind::malformed);
  }
  EXPECT_TRUE(commit_entries(1));
}

TEST_F(BatchTest, RefusesAChunkLargerThanASegment) {
  EXPECT_EQ(commit({message_number(0, std::string(kSegmentBytes, 'c'))}).error().kind, ErrorKind::malformed);
  EXPECT_TRUE(commit_entries(1));
}

TEST_F(BatchTest, RefusesAChunkThatIsThereAlready) {
  ASSERT_TRUE(commit({message_number(0, "first")}));
  EXPECT_EQ(commit({message_number(0, "second")}).error().kind, ErrorKind::already_exists);
  EXPECT_EQ(snapshot().ciphertext(reference_to(1, 0), 0, 0).value(), bytes_of("first"));
}

TEST_F(BatchTest, DropsTheViewAndKeepsTheLog) {
  {
    auto batch = journal_->begin().value();
    ASSERT_TRUE(batch.append(entry_number(0)));
    const std::vector<Change> changes = {put("value"), {Table::due, bytes_of("key"), bytes_of("value")}};
    ASSERT_TRUE(batch.view().apply(changes));
    ASSERT_TRUE(batch.commit());
  }
  const std::string before = core::dump(snapshot().view()).value();
  auto batch = journal_->begin().value();
  batch.drop_view();
  ASSERT_TRUE(batch.commit());
  EXPECT_NE(before, "");
  EXPECT_EQ(core::dump(snapshot().view()).value(), "");
  EXPECT_EQ(size(), 1U);
}

TEST_F(BatchTest, IsLargeBeforeItIsTooLarge) {
  auto batch = journal_->begin().value();
  std::uint64_t rows = 0;
  while (!batch.is_large()) {
    const std::vector<Change> changes = {{Table::member, bytes_of(std::to_string(rows++)), Bytes(100'000, 1)}};
    ASSERT_TRUE(batch.view().apply(changes));
  }
  EXPECT_GT(rows, 600U);
  EXPECT_TRUE(batch.commit());
}

TEST_F(BatchTest, CheckpointIsSavedWithTheNextSettling) {
  journal_->set_checkpoint("note 1");
  ASSERT_TRUE(commit_entries(1));
  ASSERT_TRUE(journal_->settle());
  journal_->set_checkpoint("note 2");
  EXPECT_EQ(journal_->checkpoint(), "note 2");
  open();
  EXPECT_EQ(journal_->checkpoint(), "note 1");
}

TEST_F(BatchTest, CheckpointIsSavedByItself) {
  journal_->set_checkpoint("note 1");
  ASSERT_TRUE(journal_->save_checkpoint());
  open();
  EXPECT_EQ(journal_->checkpoint(), "note 1");
}

TEST_F(BatchTest, SecondOpenerIsRefused) {
  const auto second = Journal::open(folder_ / "journal", options_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::busy);
}

using BatchDeathTest = BatchTest;

TEST_F(BatchDeathTest, OneAtATimeIsAContract) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto batch = journal_->begin().value();
  EXPECT_DEATH((void)journal_->begin(), "");
}

}  // namespace
}  // namespace besa::journal
