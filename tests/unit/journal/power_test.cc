// The power goes, or the program dies, at any write, flush or removal of a broker's work, and again while it starts:
// writes that were not flushed vanish, tear at 512 bytes or arrive in another order, new files and removed ones are
// there or not. What was acknowledged is there byte for byte, what was overwritten never comes back, and every start
// succeeds. Row 30 of the project's list of attacks.
#include "tests/support/power_disk.h"

#include <gtest/gtest.h>

#include "tests/unit/journal/journal_fixture.h"

namespace besa::journal {
namespace {

constexpr unsigned kRuns = 12;    // of a group
constexpr std::size_t kCuts = 5;  // of a run, besides those at a start
constexpr std::size_t kSteps = 24;
constexpr std::size_t kMostCalls = 90;  // about what the steps make
constexpr std::uint64_t kCutsAtStart = 4;

class PowerTest : public JournalTest, public testing::WithParamInterface<unsigned> {
 protected:
  // What a message's life is worth by now.
  enum class Life { travels, purge_acknowledged, purge_settled, overwritten };

  static std::string ciphertext(std::uint64_t number) {
    return "<" + std::to_string(number) + ">" + std::string(number * 97 % 900, static_cast<char>('a' + number % 26));
  }
  void begin_anew() {
    journal_.reset();
    disk_.reset();
    std::filesystem::remove_all(folder_ / "journal");
    disk_.emplace(folder_.path());
    appended_.clear();
    purges_.clear();
    lives_.clear();
    acknowledged_ = 0;
    under_way_ = 0;
  }

  // --- the broker's work

  Status start() {
    journal_.reset();
    BESA_ASSIGN(journal_, Journal::open(folder_ / "journal", options_));
    all_at_least(Life::purge_settled, Life::overwritten);
    return recover_with_purges();
  }
  // As the broker does: what an entry purges is purged again when it is decided again.
  Status recover_with_purges() {
    while (!journal_->recovered().empty()) {
      BESA_ASSIGN(auto batch, journal_->begin());
      bool whole = false;
      for (const Recovered& recorded : journal_->recovered()) {
        Append append = appended_.at(recorded.entry);
        append.ciphertext.clear();
        BESA_TRY(batch.append(append));
        if (const auto purged = purges_.find(recorded.entry); purged != purges_.end()) {
          BESA_TRY(batch.purge(reference_to(1, purged->second), 0));
        }
        whole = recorded.ends_batch.has_value();
        if (whole && recorded.sequence.value % 2 == 0) break;
      }
      EXPECT_TRUE(whole);
      BESA_TRY(batch.commit());
    }
    return {};
  }
  Status append_some(std::mt19937& random) {
    const std::uint64_t count = 1 + random() % 3;
    under_way_ = count;
    BESA_ASSIGN(auto batch, journal_->begin());
    for (std::uint64_t i = acknowledged_; i < acknowledged_ + count; ++i) {
      const Append append = message_number(i, ciphertext(i));
      appended_[append.entry] = append;
      BESA_TRY(batch.append(append));
    }
    BESA_TRY(batch.commit());
    is_acknowledged(count);
    return {};
  }
  void is_acknowledged(std::uint64_t count) {
    for (std::uint64_t i = acknowledged_; i < acknowledged_ + count; ++i) {
      lives_.try_emplace(i, Life::travels);
      if (const auto purged = purges_.find(entry_number(i).entry); purged != purges_.end()) {
        lives_[i] = Life::overwritten;  // has none itself
        lives_[purged->second] = std::max(lives_[purged->second], Life::purge_acknowledged);
      }
    }
    acknowledged_ += count;
    under_way_ = 0;
  }
  // An entry that purges what an earlier message carried.
  Status purge_one(std::mt19937& random) {
    if (acknowledged_ == 0) return {};
    const std::uint64_t which = random() % acknowledged_;
    under_way_ = 1;
    const Append append = entry_number(acknowledged_);
    appended_[append.entry] = append;
    purges_[append.entry] = which;
    BESA_ASSIGN(auto batch, journal_->begin());
    BESA_TRY(batch.append(append));
    BESA_TRY(batch.purge(reference_to(1, which), 0));
    BESA_TRY(batch.commit());
    is_acknowledged(1);
    return {};
  }
  void all_at_least(Life from, Life to) {
    for (auto& [number, life] : lives_) life = life == from ? to : life;
  }
  Status to_database() {
    BESA_TRY(journal_->settle());
    all_at_least(Life::purge_acknowledged, Life::purge_settled);
    return {};
  }
  Status overwrite() {
    BESA_ASSIGN(const bool done, journal_->finish_purges());
    EXPECT_TRUE(done);
    all_at_least(Life::purge_settled, Life::overwritten);
    return {};
  }
  Status step(std::mt19937& random) {
    switch (random() % 12) {
      case 0:
      case 1: return to_database();
      case 2: return overwrite();
      case 3: return journal_->prepare_segment();
      case 4: return journal_->save_checkpoint();
      case 5: return start();
      case 6:
      case 7: return purge_one(random);
      default: return append_some(random);
    }
  }
  void work_until_the_cut(std::mt19937& random) {
    for (std::size_t i = 0; i < kSteps; ++i) {
      if (!step(random)) return;
    }
  }

  // --- what must hold

  void expect_what_was_acknowledged() {
    const std::uint64_t there = size();
    ASSERT_TRUE(there == acknowledged_ || there == acknowledged_ + under_way_)
        << there << " entries, acknowledged " << acknowledged_ << ", under way " << under_way_;
    const std::uint64_t before = acknowledged_;
    const std::uint64_t dropped = there == before ? under_way_ : 0;
    if (there > before) is_acknowledged(under_way_);
    for (std::uint64_t i = before; i < before + dropped; ++i) {
      EXPECT_FALSE(on_disk("<" + std::to_string(i) + ">")) << "dropped, and still there: " << i;
      purges_.erase(entry_number(i).entry);
    }
    under_way_ = 0;
    expect_log();
    expect_ciphertext();
  }
  void expect_log() const {
    const Snapshot now = snapshot();
    std::vector<Digest> leaves;
    for (std::uint64_t i = 0; i < acknowledged_; ++i) {
      EXPECT_EQ(now.log().entry(Sequence{i}).value(), entry_number(i).entry);
      EXPECT_EQ(now.log().beside(Sequence{i}).value(), entry_number(i).beside);
      leaves.push_back(core::leaf_hash(entry_number(i).entry));
    }
    EXPECT_EQ(now.log().root(TreeSize{acknowledged_}).value(), core::root_of(leaves));
  }
  void expect_ciphertext() const {
    const Snapshot now = snapshot();
    for (const auto& [number, life] : lives_) {
      const auto read = now.ciphertext(reference_to(1, number), 0, 0);
      if (life == Life::travels) {
        ASSERT_TRUE(read) << read.error().message << ", message " << number;
        EXPECT_EQ(*read, bytes_of(ciphertext(number)));
      } else {
        ASSERT_FALSE(read) << "purged: " << number;
        EXPECT_EQ(read.error().kind, base::ErrorKind::not_found) << read.error().message;
      }
    }
  }
  void expect_gone(Life from) const {
    for (const auto& [number, life] : lives_) {
      if (life < from) continue;
      EXPECT_FALSE(on_disk("<" + std::to_string(number) + ">")) << "overwritten, and back: " << number;
    }
  }
  // A start may be cut as well. Then it goes on.
  void come_back_and_start(std::mt19937& random) {
    for (std::uint64_t cuts = random() % kCutsAtStart;; --cuts) {
      journal_.reset();
      if (random() % 4 == 0) {
        disk_->stay_on();
      } else {
        disk_->come_back(random);
      }
      expect_gone(Life::overwritten);
      if (cuts > 0) disk_->cut_after(random() % 12);
      const Status started = start();
      if (started && !disk_->is_cut()) break;
      ASSERT_TRUE(disk_->is_cut()) << started.error().message;
    }
    disk_->cut_after(SIZE_MAX);
    expect_what_was_acknowledged();
    ASSERT_TRUE(to_database());
    ASSERT_TRUE(overwrite());
    expect_gone(Life::purge_acknowledged);
  }

  std::optional<support::PowerDisk> disk_;
  std::map<Bytes, std::uint64_t> purges_;  // entry -> the message that it purges
  std::map<std::uint64_t, Life> lives_;    // by message
  std::uint64_t acknowledged_ = 0;
  std::uint64_t under_way_ = 0;  // entries of the batch that is being written
};

TEST_P(PowerTest, GoesAtAnyCallAndNothingIsLostOrComesBack) {
  std::size_t cut = 0;
  for (unsigned seed = GetParam() * kRuns; seed < (GetParam() + 1) * kRuns; ++seed) {
    std::mt19937 random(seed);
    begin_anew();
    ASSERT_TRUE(start());
    for (std::size_t i = 0; i < kCuts; ++i) {
      disk_->cut_after(random() % kMostCalls);
      work_until_the_cut(random);
      cut += disk_->is_cut() ? 1U : 0U;
      come_back_and_start(random);
      if (HasFailure()) FAIL() << "seed " << seed << ", cut " << i;
    }
    ASSERT_TRUE(start());
    expect_log();
    expect_ciphertext();
    if (HasFailure()) FAIL() << "seed " << seed << ", at a clean start";
  }
  EXPECT_GT(cut, kRuns * kCuts / 2);
}

INSTANTIATE_TEST_SUITE_P(Groups, PowerTest, testing::Range(0U, 5U));

}  // namespace
}  // namespace besa::journal
