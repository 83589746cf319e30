// What a crash leaves in segments: whole batches are recovered byte for byte, the one that was being written is there
// as a whole or not at all, and damage to what was acknowledged stops the start. Rows 29, 30 and 33 of the project's
// list of attacks.
#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "journal/sums.h"
#include "kv/environment.h"
#include "tests/unit/journal/journal_fixture.h"

namespace besa::journal {
namespace {

using base::ErrorKind;

constexpr std::size_t kSector = 512;

class RecoveryTest : public JournalTest {
 protected:
  using Files = std::map<std::filesystem::path, Bytes>;

  Files segment_files() const {
    Files out;
    for (const auto& file : std::filesystem::directory_iterator(folder_.path() / "journal" / "segments")) {
      out[file.path()] = support::read_file(file.path());
    }
    return out;
  }
  // Writes that were not flushed reach the disk or not, each sector for itself and in any order.
  static Files torn(const Files& before, const Files& after, std::mt19937& random) {
    Files out;
    for (const auto& [path, whole] : after) {
      const auto old = before.find(path);
      Bytes image = old == before.end() ? Bytes(whole.size(), 0) : old->second;
      for (std::size_t at = 0; at < whole.size(); at += kSector) {
        if (random() % 3 == 0) continue;
        const std::size_t stop = std::min(at + kSector, whole.size());
        std::copy(whole.begin() + static_cast<std::ptrdiff_t>(at), whole.begin() + static_cast<std::ptrdiff_t>(stop),
                  image.begin() + static_cast<std::ptrdiff_t>(at));
      }
      out[path] = image;
    }
    return out;
  }
  static void write(const Files& files) {
    for (const auto& [path, bytes] : files) support::write_file(path, bytes);
  }
  static std::string ciphertext(std::uint64_t number) {
    return "ciphertext " + std::to_string(number) +
           std::string(number * 97 % 900, static_cast<char>('a' + number % 26));
  }
  std::vector<Append> messages(std::uint64_t first, std::uint64_t count) const {
    std::vector<Append> out;
    for (std::uint64_t i = first; i < first + count; ++i) out.push_back(message_number(i, ciphertext(i)));
    return out;
  }
  void expect_all(std::uint64_t count) const {
    const Snapshot now = snapshot();
    ASSERT_EQ(size(), count);
    for (std::uint64_t i = 0; i < count; ++i) {
      EXPECT_EQ(now.log().entry(Sequence{i}).value(), entry_number(i).entry);
      EXPECT_EQ(now.log().beside(Sequence{i}).value(), entry_number(i).beside);
      EXPECT_EQ(now.ciphertext(reference_to(1, i), 0, 0).value(), bytes_of(ciphertext(i)));
    }
  }
};

TEST_F(RecoveryTest, TheDatabaseMayLieManyBatchesBehind) {
  open();
  for (std::uint64_t i = 0; i < 40; ++i) ASSERT_TRUE(commit(messages(i, 1)));
  open();
  EXPECT_EQ(journal_->unsettled().entries, 40U);
  expect_all(40);
  ASSERT_TRUE(settle());
  expect_all(40);
  open();
  EXPECT_TRUE(journal_->unsettled().none) << "nothing is left to recover";
  expect_all(40);
}

// A rebuild settles before anything is recovered, and may be cut short there.
TEST_F(RecoveryTest, WhatIsSettledBeforeTheRecoveryDoesNotHideIt) {
  open();
  ASSERT_TRUE(commit(messages(0, 3)));
  ASSERT_TRUE(settle());
  ASSERT_TRUE(commit(messages(3, 1)));
  ASSERT_TRUE(commit(messages(4, 2)));
  close();
  journal_ = Journal::open(folder_ / "journal", options_).value();
  ASSERT_EQ(journal_->recovered().size(), 3U);
  {
    auto batch = journal_->begin().value();
    batch.drop_view();
    ASSERT_TRUE(batch.commit());
  }
  ASSERT_TRUE(journal_->settle());
  close();
  open();
  expect_all(6);
  ASSERT_TRUE(settle());
  expect_all(6);
}

TEST_F(RecoveryTest, NothingIsAppendedBeforeWhatIsRecovered) {
  open();
  ASSERT_TRUE(commit(messages(0, 2)));
  journal_.reset();
  journal_ = Journal::open(folder_ / "journal", options_).value();
  ASSERT_EQ(journal_->recovered().size(), 2U);
  EXPECT_EQ(commit({entry_number(7)}).error().kind, ErrorKind::damaged);
  ASSERT_TRUE(recover());
  expect_all(2);
}

TEST_F(RecoveryTest, APowerCutWhileABatchIsWrittenTakesItWholeOrNotAtAll) {
  std::size_t dropped = 0;
  for (unsigned seed = 0; seed < 150; ++seed) {
    std::mt19937 random(seed);
    std::filesystem::remove_all(folder_ / "journal");
    open();
    std::uint64_t acknowledged = 0;
    for (std::uint64_t batch = random() % 6; batch > 0; --batch) {
      const std::uint64_t count = 1 + random() % 3;
      ASSERT_TRUE(commit(messages(acknowledged, count)));
      acknowledged += count;
      if (random() % 3 == 0) {
        ASSERT_TRUE(settle());
      }
    }
    const Files before = segment_files();
    const std::uint64_t count = 1 + random() % 4;
    ASSERT_TRUE(commit(messages(acknowledged, count)));
    const Files after = segment_files();
    close();
    write(torn(before, after, random));
    const auto opened = try_open();
    ASSERT_TRUE(opened) << opened.error().message << ", seed " << seed;
    ASSERT_TRUE(size() == acknowledged || size() == acknowledged + count) << "seed " << seed;
    if (size() == acknowledged) {
      ++dropped;
      for (std::uint64_t i = acknowledged; i < acknowledged + count; ++i) {
        EXPECT_FALSE(on_disk("ciphertext " + std::to_string(i))) << "seed " << seed;
      }
    }
    const std::uint64_t there = size();
    expect_all(there);
    ASSERT_TRUE(commit(messages(there, 1)));
    open();
    expect_all(there + 1);
    if (HasFailure()) FAIL() << "seed " << seed;
  }
  EXPECT_GT(dropped, 50U);
}

// Its chunk lies in the next segment, which nothing else needs: freed blocks would keep it.
TEST_F(RecoveryTest, WhatIsDroppedIsOverwrittenInEverySegment) {
  open();
  ASSERT_TRUE(commit(messages(0, 1)));
  ASSERT_TRUE(commit({message_number(1, std::string(kSegmentBytes / 2, 'x')),
                      message_number(2, "never acknowledged" + std::string(kSegmentBytes / 2, 'y'))}));
  close();
  ASSERT_TRUE(std::filesystem::exists(segment(1)));
  Bytes torn = support::read_file(segment(0));
  const std::string_view first = base::as_text(torn);
  torn[first.find("xxx")] = 'z';
  support::write_file(segment(0), torn);
  const auto blocks = folder_ / "blocks";
  std::filesystem::create_hard_link(segment(1), blocks);
  open();
  EXPECT_EQ(size(), 1U);
  EXPECT_FALSE(on_disk("never acknowledged"));
  EXPECT_EQ(support::read_file(blocks), Bytes(kSegmentBytes, 0));
}

// A member's ciphertext in a batch that was cut off: to the search for later batches a frame of 16 MiB seems to begin
// at every fourth byte.
TEST_F(RecoveryTest, CiphertextThatLooksLikeFramesDoesNotHoldUpAStart) {
  options_.segment_bytes = std::size_t{64} << 20;
  open();
  ASSERT_TRUE(commit(messages(0, 1)));
  std::string hostile;
  while (hostile.size() < 256 * 1024) hostile += std::string("\1\0\0\0", 4);
  ASSERT_TRUE(commit({message_number(1, hostile)}));
  close();
  Bytes torn = support::read_file(segment(0));
  torn[base::as_text(torn).find("entry 1")] = 'z';
  torn[base::as_text(torn).find(hostile.substr(0, 64))] = 'z';
  support::write_file(segment(0), torn);
  const auto begun = std::chrono::steady_clock::now();
  open();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
  EXPECT_EQ(size(), 1U);
  EXPECT_TRUE(journal_->dropped_unfinished());
}

TEST_F(RecoveryTest, AFlippedByteNeverChangesWhatIsRecovered) {
  options_.segment_bytes = 2'048;
  open();
  for (std::uint64_t i = 0; i < 3; ++i) ASSERT_TRUE(commit({message_number(i, "ciphertext " + std::to_string(i))}));
  close();
  const Bytes good = support::read_file(segment(0));
  const auto end = static_cast<std::size_t>(
      std::find_if(good.rbegin(), good.rend(), [](auto b) { return b != 0; }).base() - good.begin());
  std::size_t refused = 0;
  std::size_t dropped = 0;
  for (std::size_t i = 0; i < end; ++i) {
    Bytes bad = good;
    bad[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
    support::write_file(segment(0), bad);
    journal_.reset();
    const auto opened = Journal::open(folder_ / "journal", options_);
    if (!opened) {
      EXPECT_EQ(opened.error().kind, ErrorKind::damaged) << "byte " << i;
      EXPECT_NE(opened.error().message.find("restore a backup"), std::string::npos);
      EXPECT_EQ(support::read_file(segment(0)), bad) << "a start that is refused changes nothing";
      ++refused;
      continue;
    }
    const auto recovered = (*opened)->recovered();
    ASSERT_EQ(recovered.size(), 2U) << "byte " << i << ": only the last batch may be dropped";
    for (std::uint64_t n = 0; n < 2; ++n) EXPECT_EQ(recovered[n].entry, entry_number(n).entry);
    EXPECT_TRUE((*opened)->dropped_unfinished());
    ++dropped;
  }
  EXPECT_NEAR(static_cast<double>(refused) / static_cast<double>(dropped), 2.0, 0.2);
}

TEST_F(RecoveryTest, CiphertextStaysUntilTheDatabaseHoldsThePurge) {
  open();
  ASSERT_TRUE(commit(messages(0, 1)));
  ASSERT_TRUE(settle());
  ASSERT_TRUE(purge(reference_to(1, 0), 0));
  ASSERT_TRUE(journal_->finish_purges());
  EXPECT_TRUE(on_disk("ciphertext 0"));
  ASSERT_TRUE(settle());
  EXPECT_FALSE(on_disk("ciphertext 0"));
}

TEST_F(RecoveryTest, ASegmentThatTheDatabaseHasNotPassedStays) {
  open();
  for (std::uint64_t i = 0; i < 80; ++i) ASSERT_TRUE(commit({entry_number(i)}));
  ASSERT_GT(journal_->usage().segments, 1U);
  ASSERT_TRUE(journal_->finish_purges());
  EXPECT_TRUE(std::filesystem::exists(segment(0)));
  ASSERT_TRUE(settle());
  EXPECT_FALSE(std::filesystem::exists(segment(0)));
  open();
  EXPECT_EQ(size(), 80U);
}

// A row that is gone as a whole has no checksum that could tell.
TEST_F(RecoveryTest, ALostRowOfTheViewIsFound) {
  open();
  {
    auto batch = journal_->begin().value();
    const std::vector<core::Change> changes = {{core::Table::member, bytes_of("a"), bytes_of("1")},
                                               {core::Table::member, bytes_of("b"), bytes_of("2")}};
    ASSERT_TRUE(batch.view().apply(changes));
    ASSERT_TRUE(batch.commit());
  }
  ASSERT_TRUE(settle());
  ASSERT_TRUE(journal_->check_view(2 * kBuckets));
  close();
  {
    const auto database = kv::Environment::open(folder_ / "journal/db").value();
    const auto tables = open_tables(*database).value();
    auto writing = database->write().value();
    ASSERT_TRUE(writing.erase(tables.of(core::Table::member), bytes_of("b")));
    ASSERT_TRUE(writing.commit());
  }
  open();
  const auto checked = journal_->check_view(2 * kBuckets);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::damaged);
  EXPECT_NE(checked.error().message.find("besa-broker rebuild"), std::string::npos);
}

// Rows move in the bucket under way: the count goes on without beginning again.
TEST_F(RecoveryTest, TheViewIsCountedWhileItMoves) {
  open();
  std::mt19937 random(5);
  for (int round = 0; round < 60; ++round) {
    auto batch = journal_->begin().value();
    std::vector<core::Change> changes;
    for (int i = 0; i < 20; ++i) {
      const Bytes key = {7, static_cast<std::uint8_t>(random() % 100)};
      changes.push_back({core::Table::queue, key, std::nullopt});
      if (random() % 4 != 0) changes.back().value = Bytes{static_cast<std::uint8_t>(random())};
    }
    ASSERT_TRUE(batch.view().apply(changes));
    ASSERT_TRUE(batch.commit());
    ASSERT_TRUE(settle());
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(journal_->check_view(i == 0 ? kBuckets - 30 : 3)) << round;
  }
}

}  // namespace
}  // namespace besa::journal
