// Readers in several threads while the writer appends, purges and leaves segments.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/unit/journal/journal_fixture.h"

namespace besa::journal {
namespace {

class ThreadsTest : public JournalTest {
 protected:
  static std::string ciphertext(std::uint64_t message) {
    return std::string(1000, static_cast<char>('a' + message % 26));
  }

  // Every state that a reader sees is whole: the newest root proves every chunk's entry, and a chunk is right or gone.
  void look() {
    std::uint64_t round = 0;
    while (!stop_) {
      const Snapshot now = snapshot();
      const TreeSize size = now.log().size().value();
      if (size.value == 0) continue;
      const Sequence sequence{round++ % size.value};
      const Digest root = now.log().root(size).value();
      const auto proof = now.log().inclusion_proof(sequence, size).value();
      const Digest leaf = core::leaf_hash(now.log().entry(sequence).value());
      if (!core::verify_inclusion(leaf, sequence.value, size, proof, root)) ++wrong_;
      const auto chunk = now.ciphertext(reference_to(1, sequence.value), 0, 0);
      if (chunk ? *chunk != bytes_of(ciphertext(sequence.value)) : chunk.error().kind != base::ErrorKind::not_found) {
        ++wrong_;
      }
      ++looks_;
    }
  }

  std::atomic<bool> stop_ = false;
  std::atomic<int> wrong_ = 0;
  std::atomic<int> looks_ = 0;
};

TEST_F(ThreadsTest, ReadersSeeWholeStatesWhileTheWriterWorks) {
  open();
  ASSERT_TRUE(commit({message_number(0, ciphertext(0))}));
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) readers.emplace_back([this] { look(); });
  std::thread idle([this] {
    while (!stop_) {
      if (!journal_->prepare_segment() || !settle()) ++wrong_;
      std::this_thread::yield();
    }
  });
  for (std::uint64_t i = 1; i < 120; ++i) {
    EXPECT_TRUE(commit({message_number(i, ciphertext(i))}));
    const bool purged = i < 10 || purge(reference_to(1, i - 10), 0).has_value();
    EXPECT_TRUE(purged);
  }
  while (looks_ < 50) std::this_thread::yield();
  stop_ = true;
  for (std::thread& reader : readers) reader.join();
  idle.join();
  EXPECT_TRUE(settle());
  EXPECT_EQ(wrong_, 0);
  EXPECT_LE(journal_->usage().segments, 7U);
}

}  // namespace
}  // namespace besa::journal
