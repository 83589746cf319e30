#include <gtest/gtest.h>

#include "tests/unit/journal/journal_fixture.h"

namespace besa::journal {
namespace {

using base::ErrorKind;

class CiphertextTest : public JournalTest {
 protected:
  // The first message of a segment, of ten bytes: its chunk comes behind its entry ("entry 0", "beside 0").
  static constexpr std::size_t kEntryFrameBytes = kFrameHeaderBytes + 8 + 4 + 7 + 8;
  static constexpr std::size_t kFrameBytes = kFrameHeaderBytes + 56 + 2 + 4 + 10;

  void SetUp() override { open(); }

  Result<Bytes> read(std::uint64_t message, std::uint16_t section = 0, std::uint32_t chunk = 0) const {
    return snapshot().ciphertext(reference_to(1, message), section, chunk);
  }
  // Fills segments: each message takes a little more than half of one.
  Status fill(std::uint64_t first, std::uint64_t count) {
    for (std::uint64_t i = first; i < first + count; ++i) {
      BESA_TRY(commit({message_number(i, std::string(kSegmentBytes * 5 / 8, static_cast<char>('a' + i)))}));
    }
    return {};
  }
};

TEST_F(CiphertextTest, IsGivenBackByChunk) {
  Append message = message_number(0, "section 0");
  message.ciphertext.push_back({1, 0, bytes_of("section 1, chunk 0")});
  message.ciphertext.push_back({1, 1, bytes_of("section 1, chunk 1")});
  ASSERT_TRUE(commit({message}));
  open();
  EXPECT_EQ(read(0).value(), bytes_of("section 0"));
  EXPECT_EQ(read(0, 1, 1).value(), bytes_of("section 1, chunk 1"));
  EXPECT_EQ(snapshot().chunks(reference_to(1, 0), 1).value(), 2U);
  EXPECT_EQ(snapshot().chunks(reference_to(1, 0), 2).value(), 0U);
}

TEST_F(CiphertextTest, LiesInSegmentsAndNeverInTheDatabase) {
  ASSERT_TRUE(commit({message_number(0, "a planted ciphertext")}));
  close();
  const Bytes segments = support::read_file(segment(0));
  const Bytes database = support::read_file(folder_ / "journal/db/data.mdb");
  EXPECT_NE(base::as_text(segments).find("a planted ciphertext"), std::string_view::npos);
  EXPECT_EQ(base::as_text(database).find("a planted ciphertext"), std::string_view::npos);
}

TEST_F(CiphertextTest, WhatIsNotThereIsNotFound) {
  ASSERT_TRUE(commit({message_number(0, "ciphertext")}));
  EXPECT_EQ(read(1).error().kind, ErrorKind::not_found);
  EXPECT_EQ(read(0, 1).error().kind, ErrorKind::not_found);
  EXPECT_EQ(read(0, 0, 1).error().kind, ErrorKind::not_found);
  Reference other_id = reference_to(1, 0);
  other_id.id.bytes.fill(9);
  EXPECT_EQ(snapshot().ciphertext(other_id, 0, 0).error().kind, ErrorKind::not_found);
}

TEST_F(CiphertextTest, EveryFlippedBitOfAFrameIsDamaged) {
  ASSERT_TRUE(commit({message_number(0, "ciphertext")}));
  const Bytes good = support::read_file(segment(0));
  for (std::size_t i = kEntryFrameBytes; i < kEntryFrameBytes + kFrameBytes; ++i) {
    Bytes bad = good;
    bad[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
    support::write_file(segment(0), bad);
    const auto got = read(0);
    ASSERT_FALSE(got) << "byte " << i;
    EXPECT_EQ(got.error().kind, ErrorKind::damaged) << "byte " << i;
  }
}

TEST_F(CiphertextTest, FrameAtAnotherPlaceIsDamaged) {
  ASSERT_TRUE(commit({message_number(0, "ciphertext"), message_number(1, "CIPHERTEXT")}));
  Bytes content = support::read_file(segment(0));
  const auto first = content.begin() + kEntryFrameBytes;
  std::swap_ranges(first, first + kFrameBytes, first + kFrameBytes + kEntryFrameBytes);
  support::write_file(segment(0), content);
  EXPECT_EQ(read(0).error().kind, ErrorKind::damaged);
}

TEST_F(CiphertextTest, PurgedIsNotFoundAndItsBytesAreGone) {
  ASSERT_TRUE(commit({message_number(0, "to be purged"), message_number(1, "to be kept")}));
  ASSERT_TRUE(on_disk("to be purged"));
  ASSERT_TRUE(purge(reference_to(1, 0), 0));
  EXPECT_EQ(read(0).error().kind, ErrorKind::not_found);
  ASSERT_TRUE(settle());
  EXPECT_FALSE(on_disk("to be purged"));
  EXPECT_EQ(read(1).value(), bytes_of("to be kept"));
}

TEST_F(CiphertextTest, PurgeTakesOnlyItsSection) {
  Append message = message_number(0, "section 0");
  message.ciphertext.push_back({1, 0, bytes_of("section 1")});
  ASSERT_TRUE(commit({message}));
  ASSERT_TRUE(purge(reference_to(1, 0), 1));
  ASSERT_TRUE(settle());
  EXPECT_EQ(read(0).value(), bytes_of("section 0"));
  EXPECT_EQ(read(0, 1).error().kind, ErrorKind::not_found);
}

TEST_F(CiphertextTest, PurgingTwiceOrNothingIsNoError) {
  ASSERT_TRUE(commit({message_number(0, "ciphertext")}));
  EXPECT_TRUE(purge(reference_to(1, 0), 0));
  EXPECT_TRUE(purge(reference_to(1, 0), 0));
  EXPECT_TRUE(purge(reference_to(1, 5), 0));
  EXPECT_TRUE(settle());
  EXPECT_TRUE(settle());
}

TEST_F(CiphertextTest, PendingPurgeIsFinishedAtOpen) {
  ASSERT_TRUE(commit({message_number(0, "to be purged")}));
  ASSERT_TRUE(purge(reference_to(1, 0), 0));
  ASSERT_TRUE(on_disk("to be purged"));
  ASSERT_TRUE(journal_->settle());
  ASSERT_TRUE(on_disk("to be purged"));
  open();
  EXPECT_FALSE(on_disk("to be purged"));
  EXPECT_EQ(read(0).error().kind, ErrorKind::not_found);
}

TEST_F(CiphertextTest, DroppedPurgeLeavesTheCiphertext) {
  ASSERT_TRUE(commit({message_number(0, "ciphertext")}));
  {
    auto batch = journal_->begin().value();
    ASSERT_TRUE(batch.purge(reference_to(1, 0), 0));
  }
  ASSERT_TRUE(settle());
  EXPECT_EQ(read(0).value(), bytes_of("ciphertext"));
}

TEST_F(CiphertextTest, OlderSnapshotReadsAPurgedChunkAsNotFound) {
  ASSERT_TRUE(commit({message_number(0, "ciphertext")}));
  const Snapshot before = snapshot();
  ASSERT_TRUE(purge(reference_to(1, 0), 0));
  ASSERT_TRUE(settle());
  EXPECT_EQ(before.ciphertext(reference_to(1, 0), 0, 0).error().kind, ErrorKind::not_found);
}

TEST_F(CiphertextTest, GoesOnInTheNextSegmentWhenOneIsFull) {
  ASSERT_TRUE(fill(0, 3));
  EXPECT_EQ(journal_->usage().segments, 3U);
  for (std::uint64_t i = 0; i < 3; ++i) EXPECT_EQ(read(i).value().size(), kSegmentBytes * 5 / 8);
}

TEST_F(CiphertextTest, OneBatchMaySpanSegments) {
  std::vector<Append> appends;
  for (std::uint64_t i = 0; i < 5; ++i)
    appends.push_back(message_number(i, std::string(1500, static_cast<char>('a' + i))));
  ASSERT_TRUE(commit(appends));
  for (std::uint64_t i = 0; i < 5; ++i) EXPECT_EQ(read(i).value(), Bytes(1500, static_cast<std::uint8_t>('a' + i)));
}

TEST_F(CiphertextTest, SegmentInWhichNothingLivesIsRemoved) {
  ASSERT_TRUE(fill(0, 3));
  ASSERT_TRUE(purge(reference_to(1, 1), 0));
  ASSERT_TRUE(settle());
  EXPECT_TRUE(std::filesystem::exists(segment(0)));
  EXPECT_FALSE(std::filesystem::exists(segment(1)));
  EXPECT_EQ(journal_->usage().segments, 2U);
  open();
  EXPECT_EQ(read(0).value().size(), kSegmentBytes * 5 / 8);
  EXPECT_EQ(read(2).value().size(), kSegmentBytes * 5 / 8);
}

TEST_F(CiphertextTest, CurrentSegmentIsRemovedOnceItIsLeft) {
  ASSERT_TRUE(fill(0, 1));
  ASSERT_TRUE(purge(reference_to(1, 0), 0));
  ASSERT_TRUE(settle());
  EXPECT_TRUE(std::filesystem::exists(segment(0)));
  ASSERT_TRUE(fill(1, 1));
  ASSERT_TRUE(settle());
  EXPECT_FALSE(std::filesystem::exists(segment(0)));
}

TEST_F(CiphertextTest, PreparedSegmentIsUsedNext) {
  ASSERT_TRUE(fill(0, 1));
  ASSERT_TRUE(journal_->prepare_segment());
  ASSERT_TRUE(journal_->prepare_segment());
  EXPECT_EQ(journal_->usage().segments, 2U);
  EXPECT_EQ(support::read_file(segment(1)), Bytes(kSegmentBytes, 0));
  ASSERT_TRUE(fill(1, 1));
  EXPECT_EQ(journal_->usage().segments, 2U);
  EXPECT_EQ(read(1).value().size(), kSegmentBytes * 5 / 8);
}

TEST_F(CiphertextTest, BytesBehindTheLastBatchAreOverwrittenAtOpen) {
  ASSERT_TRUE(commit({message_number(0, "acknowledged")}));
  close();
  Bytes content = support::read_file(segment(0));
  const Bytes torn = bytes_of("never acknowledged");
  std::copy(torn.begin(), torn.end(), content.begin() + 1000);
  support::write_file(segment(0), content);
  support::write_file(segment(1), torn);
  open();
  EXPECT_FALSE(on_disk("never acknowledged"));
  EXPECT_FALSE(std::filesystem::exists(segment(1)));
  EXPECT_EQ(read(0).value(), bytes_of("acknowledged"));
}

TEST_F(CiphertextTest, MissingSegmentIsDamaged) {
  ASSERT_TRUE(fill(0, 2));
  std::filesystem::remove(segment(0));
  EXPECT_EQ(read(0).error().kind, ErrorKind::damaged);
  EXPECT_TRUE(read(1));
}

TEST_F(CiphertextTest, MissingCurrentSegmentStopsTheStart) {
  ASSERT_TRUE(commit({message_number(0, "ciphertext")}));
  close();
  std::filesystem::remove(segment(0));
  const auto opened = try_open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::damaged);
  EXPECT_NE(opened.error().message.find("segment 0000000000 is missing"), std::string::npos);
}

}  // namespace
}  // namespace besa::journal
