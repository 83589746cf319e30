// A broker that is killed, and a disk without room.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

#include "tests/unit/journal/journal_fixture.h"

namespace besa::journal {
namespace {

using base::ErrorKind;

class FaultTest : public JournalTest {
 protected:
  // Runs `body` in a child and gives its exit code, or minus the signal that ended it.
  static int in_child(const std::function<int()>& body) { return ended(start(body)); }
  static pid_t start(const std::function<int()>& body) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(body());
    return child;
  }
  static int ended(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  static void limit_files_to(rlim_t size) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{size, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  // Commits one message after the other for ever, and says so on the pipe.
  int work(int pipe) {
    if (!try_open()) return 1;
    for (std::uint64_t i = size();; ++i) {
      if (!commit({message_number(i, "ciphertext " + std::to_string(i))})) return 2;
      if (::write(pipe, "x", 1) != 1) return 3;
      if (i % 7 == 6 && !settle()) return 4;
    }
  }
};

TEST_F(FaultTest, BatchOfAKilledBrokerIsGone) {
  const int code = in_child([&] {
    if (!try_open() || !commit({message_number(0, "kept")})) return 1;
    auto batch = journal_->begin();
    if (!batch || !batch->append(message_number(1, "lost"))) return 2;
    return ::kill(::getpid(), SIGKILL);
  });
  ASSERT_EQ(code, -SIGKILL);
  appended_[entry_number(0).entry] = message_number(0, "");
  open();
  EXPECT_EQ(size(), 1U);
  EXPECT_EQ(snapshot().ciphertext(reference_to(1, 0), 0, 0).value(), bytes_of("kept"));
  EXPECT_EQ(snapshot().ciphertext(reference_to(1, 1), 0, 0).error().kind, ErrorKind::not_found);
}

TEST_F(FaultTest, WhatWasAcknowledgedOutlivesAKillAtAnyMoment) {
  // What the child appends, for the recovery.
  for (std::uint64_t i = 0; i < 2'000; ++i) appended_[entry_number(i).entry] = message_number(i, "");
  std::uint64_t acknowledged = 0;
  for (int round = 0; round < 5; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = start([&] { return work(ends[1]); });
    ::close(ends[1]);
    char byte = 0;
    for (int i = 0; i < 20 + round && ::read(ends[0], &byte, 1) == 1; ++i) ++acknowledged;
    ::kill(child, SIGKILL);
    EXPECT_EQ(ended(child), -SIGKILL);
    while (::read(ends[0], &byte, 1) == 1) ++acknowledged;
    ::close(ends[0]);
    open();
    ASSERT_GE(size(), acknowledged);
    acknowledged = size();
    close();
  }
  open();
  std::vector<Digest> leaves;
  for (std::uint64_t i = 0; i < size(); ++i) {
    leaves.push_back(core::leaf_hash(entry_number(i).entry));
    EXPECT_EQ(snapshot().ciphertext(reference_to(1, i), 0, 0).value(), bytes_of("ciphertext " + std::to_string(i)));
  }
  EXPECT_EQ(snapshot().log().root(TreeSize{size()}).value(), core::root_of(leaves));
}

// An acknowledgment rests on the segment alone: a database without room delays it, and loses nothing.
TEST_F(FaultTest, FullMapIsWaitedForAndNothingIsLost) {
  options_.segment_bytes = 4 << 20;
  options_.database.map_bytes = 512 * 1024;
  open();
  ASSERT_TRUE(commit({message_number(0, "kept")}));
  ASSERT_TRUE(settle());
  Append large = message_number(1, "waits");
  large.beside = Bytes(1024 * 1024, 1);
  ASSERT_TRUE(commit({large}));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(journal_->settle().error().kind, ErrorKind::full);
  EXPECT_FALSE(journal_->failed());
  EXPECT_EQ(size(), 2U);
  EXPECT_EQ(snapshot().log().beside(Sequence{1}).value(), large.beside);
  ASSERT_TRUE(commit({message_number(2, "behind it")}));
  options_.database.map_bytes = 8 * 1024 * 1024;
  open();
  EXPECT_EQ(size(), 3U);
  ASSERT_TRUE(settle());
  EXPECT_TRUE(journal_->unsettled().none);
  EXPECT_EQ(snapshot().ciphertext(reference_to(1, 1), 0, 0).value(), bytes_of("waits"));
}

TEST_F(FaultTest, FullDatabaseRefusesOnceTooMuchWaits) {
  options_.segment_bytes = 4 << 20;
  options_.database.map_bytes = 512 * 1024;
  options_.unsettled_entries = 3;
  open();
  Append large = message_number(0, "waits");
  large.beside = Bytes(1024 * 1024, 1);
  ASSERT_TRUE(commit({large}));
  ASSERT_TRUE(commit({message_number(1, "waits")}));
  ASSERT_TRUE(commit({message_number(2, "waits")}));
  EXPECT_EQ(commit({message_number(3, "refused")}).error().kind, ErrorKind::full);
  EXPECT_EQ(commit({message_number(3, "refused")}).error().kind, ErrorKind::full);
  EXPECT_EQ(size(), 3U);
  EXPECT_FALSE(on_disk("refused"));
}

TEST_F(FaultTest, TheWriterHelpsWhenTooMuchWaits) {
  options_.unsettled_entries = 3;
  options_.segment_bytes = 1 << 20;
  open();
  for (std::uint64_t i = 0; i < 20; ++i) ASSERT_TRUE(commit({message_number(i, "taken")}));
  EXPECT_LE(journal_->unsettled().entries, 3U);
  EXPECT_EQ(size(), 20U);
}

TEST_F(FaultTest, FullDiskDelaysTheDatabaseOnly) {
  options_.segment_bytes = 256 * 1024;
  const int code = in_child([&] {
    if (!try_open() || !commit({message_number(0, "kept")}) || !settle()) return 1;
    limit_files_to(256 * 1024);
    for (std::uint64_t i = 1; i < 3; ++i) {
      Append large = message_number(i, "waits");
      large.beside = Bytes(200 * 1024, 1);
      if (!commit({large})) return 2;
    }
    const auto full = journal_->settle();
    if (full || full.error().kind != ErrorKind::full || journal_->failed() || size() != 3) return 3;
    limit_files_to(RLIM_INFINITY);
    if (!settle() || !journal_->unsettled().none) return 4;
    return commit({message_number(3, "goes on")}) ? 0 : 5;
  });
  ASSERT_EQ(code, 0);
  for (std::uint64_t i = 1; i < 3; ++i) appended_[entry_number(i).entry] = message_number(i, "");
  appended_[entry_number(3).entry] = message_number(3, "");
  open();
  EXPECT_EQ(size(), 4U);
  EXPECT_EQ(snapshot().ciphertext(reference_to(1, 1), 0, 0).value(), bytes_of("waits"));
}

TEST_F(FaultTest, NoRoomForANewSegmentIsFullAndGoesAgain) {
  options_.segment_bytes = 1 << 20;
  const int code = in_child([&] {
    const std::string half(600'000, 'c');
    if (!try_open() || !commit({message_number(0, half)})) return 1;
    limit_files_to(512 * 1024);
    const auto full = commit({message_number(1, half)});
    if (full || full.error().kind != ErrorKind::full) return 2;
    if (journal_->usage().segments != 1) return 3;
    limit_files_to(RLIM_INFINITY);
    return commit({message_number(1, half)}) ? 0 : 4;
  });
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace besa::journal
