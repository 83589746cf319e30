#include <gtest/gtest.h>

#include "tests/unit/journal/journal_fixture.h"

namespace besa::journal {
namespace {

using base::ErrorKind;

class LogTest : public JournalTest {
 protected:
  void SetUp() override { open(); }
};

TEST_F(LogTest, BeginsEmpty) {
  EXPECT_EQ(size(), 0U);
  EXPECT_EQ(snapshot().log().root(TreeSize{0}).value(), core::empty_root());
}

TEST_F(LogTest, GivesBackEntriesAndWhatLiesBeside) {
  ASSERT_TRUE(commit_entries(3));
  EXPECT_EQ(size(), 3U);
  EXPECT_EQ(snapshot().log().entry(Sequence{1}).value(), bytes_of("entry 1"));
  EXPECT_EQ(snapshot().log().beside(Sequence{2}).value(), bytes_of("beside 2"));
}

TEST_F(LogTest, IsThereAfterItWasClosed) {
  ASSERT_TRUE(commit_entries(3));
  const Digest root = snapshot().log().root(TreeSize{3}).value();
  open();
  ASSERT_TRUE(commit_entries(2));
  EXPECT_EQ(size(), 5U);
  EXPECT_EQ(snapshot().log().root(TreeSize{3}).value(), root);
}

TEST_F(LogTest, PastTheEndIsNotFound) {
  ASSERT_TRUE(commit_entries(3));
  const Snapshot now = snapshot();
  for (const std::uint64_t sequence : {std::uint64_t{3}, UINT64_MAX}) {
    EXPECT_EQ(now.log().entry(Sequence{sequence}).error().kind, ErrorKind::not_found);
    EXPECT_EQ(now.log().beside(Sequence{sequence}).error().kind, ErrorKind::not_found);
    EXPECT_EQ(now.log().leaf_hash(Sequence{sequence}).error().kind, ErrorKind::not_found);
    EXPECT_EQ(now.log().inclusion_proof(Sequence{sequence}, TreeSize{3}).error().kind, ErrorKind::not_found);
  }
  EXPECT_EQ(now.log().root(TreeSize{4}).error().kind, ErrorKind::not_found);
  EXPECT_EQ(now.log().inclusion_proof(Sequence{0}, TreeSize{4}).error().kind, ErrorKind::not_found);
  EXPECT_EQ(now.log().consistency_proof(TreeSize{1}, TreeSize{4}).error().kind, ErrorKind::not_found);
}

TEST_F(LogTest, RootIsThatOfTheEntries) {
  std::vector<Digest> leaves;
  for (std::uint64_t i = 0; i < 20; ++i) {
    ASSERT_TRUE(commit_entries(1));
    leaves.push_back(core::leaf_hash(entry_number(i).entry));
    EXPECT_EQ(snapshot().log().root(TreeSize{i + 1}).value(), core::root_of(leaves));
    EXPECT_EQ(snapshot().log().leaf_hash(Sequence{i}).value(), leaves.back());
  }
}

TEST_F(LogTest, ProofsVerifyForEverySize) {
  ASSERT_TRUE(commit_entries(17));
  const Snapshot now = snapshot();
  const LogReader& log = now.log();
  for (std::uint64_t size = 1; size <= 17; ++size) {
    const Digest root = log.root(TreeSize{size}).value();
    for (std::uint64_t i = 0; i < size; ++i) {
      const auto inclusion = log.inclusion_proof(Sequence{i}, TreeSize{size}).value();
      EXPECT_TRUE(core::verify_inclusion(log.leaf_hash(Sequence{i}).value(), i, TreeSize{size}, inclusion, root));
      const auto consistency = log.consistency_proof(TreeSize{i}, TreeSize{size}).value();
      const Digest before = log.root(TreeSize{i}).value();
      EXPECT_TRUE(core::verify_consistency(TreeSize{i}, TreeSize{size}, before, root, consistency));
    }
  }
}

TEST_F(LogTest, FirstEntryOfACounterIsFound) {
  Append first = entry_number(0);
  first.author = reference_to(1, 7);
  Append again = entry_number(1);
  again.author = reference_to(1, 7);
  ASSERT_TRUE(commit({first, again}));
  EXPECT_EQ(snapshot().log().sequence_of(reference_to(1, 0).author, Counter{7}).value(), Sequence{0});
  EXPECT_EQ(snapshot().log().sequence_of(reference_to(2, 0).author, Counter{7}).value(), std::nullopt);
}

TEST_F(LogTest, GovernanceIsFoundById) {
  Append governance = entry_number(0);
  governance.id = reference_to(1, 7).id;
  ASSERT_TRUE(commit({entry_number(0), governance}));
  EXPECT_EQ(snapshot().log().sequence_of(reference_to(1, 7).id).value(), Sequence{1});
  EXPECT_EQ(snapshot().log().sequence_of(reference_to(1, 8).id).value(), std::nullopt);
}

TEST_F(LogTest, RecordsComeInOrderUpToTheLimit) {
  ASSERT_TRUE(commit_entries(200));
  const auto records = snapshot().log().records(Sequence{10}, 150, SIZE_MAX).value();
  ASSERT_EQ(records.size(), 150U);
  EXPECT_EQ(records.front().sequence, Sequence{10});
  EXPECT_EQ(records.back().entry, bytes_of("entry 159"));
  EXPECT_EQ(records.back().beside, bytes_of("beside 159"));
}

TEST_F(LogTest, RecordsStopAtTheEnd) {
  ASSERT_TRUE(commit_entries(3));
  EXPECT_EQ(snapshot().log().records(Sequence{1}, 100, SIZE_MAX).value().size(), 2U);
  EXPECT_TRUE(snapshot().log().records(Sequence{3}, 100, SIZE_MAX).value().empty());
}

TEST_F(LogTest, RecordsStopAtTheBytesButGiveOne) {
  ASSERT_TRUE(commit_entries(3));
  EXPECT_EQ(snapshot().log().records(Sequence{0}, 100, 1).value().size(), 1U);
  EXPECT_EQ(snapshot().log().records(Sequence{0}, 100, 30).value().size(), 2U);  // 7 + 8 bytes each
}

TEST_F(LogTest, SnapshotStaysAsItWas) {
  ASSERT_TRUE(commit_entries(1));
  const Snapshot before = snapshot();
  ASSERT_TRUE(commit_entries(1));
  EXPECT_EQ(before.log().size().value(), TreeSize{1});
  EXPECT_EQ(before.log().entry(Sequence{1}).error().kind, ErrorKind::not_found);
}

TEST_F(LogTest, MissingRecordInsideTheLogIsDamaged) {
  ASSERT_TRUE(commit_entries(3));
  ASSERT_TRUE(settle());
  close();
  {
    const auto database = kv::Environment::open(folder_ / "journal/db").value();
    const auto tables = open_tables(*database).value();
    auto writing = database->write().value();
    ASSERT_TRUE(writing.erase(tables.log, sequence_key(Sequence{1})));
    ASSERT_TRUE(writing.commit());
  }
  open();
  EXPECT_EQ(snapshot().log().entry(Sequence{1}).error().kind, ErrorKind::damaged);
  EXPECT_EQ(snapshot().log().records(Sequence{0}, 9, SIZE_MAX).error().kind, ErrorKind::damaged);
}

TEST_F(LogTest, FlippedBitInTheDatabaseIsDamaged) {
  ASSERT_TRUE(commit_entries(3));
  ASSERT_TRUE(settle());
  close();
  const auto file = folder_ / "journal/db/data.mdb";
  Bytes content = support::read_file(file);
  const Bytes wanted = entry_number(1).entry;
  // Every copy: old pages may hold one too.
  int flipped = 0;
  for (auto at = content.begin();
       (at = std::search(at, content.end(), wanted.begin(), wanted.end())) != content.end();) {
    *at++ ^= 1;
    ++flipped;
  }
  ASSERT_GT(flipped, 0);
  support::write_file(file, content);
  open();
  EXPECT_EQ(snapshot().log().entry(Sequence{1}).error().kind, ErrorKind::damaged);
  EXPECT_EQ(snapshot().log().entry(Sequence{0}).value(), bytes_of("entry 0"));
}

}  // namespace
}  // namespace besa::journal
