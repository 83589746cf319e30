// A reader in a process of its own, as a backup is, that is killed while it reads: its place is cleared, at an open and
// in a living store, and the pages that it held are used again. Row 34 of the project's list of attacks.
#include <gtest/gtest.h>
#include <lmdb.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "kv/environment.h"
#include "tests/support/temporary_folder.h"

namespace besa::kv {
namespace {

constexpr std::array<std::string_view, 1> kNames = {"rows"};
constexpr std::size_t kRowBytes = std::size_t{1} << 20;
constexpr std::size_t kRounds = 30;
constexpr std::uintmax_t kFewRows = 8 * kRowBytes;  // what one row, written again and again, takes

// Waits, opens the store, reads or not, says so, and stays until it is killed.
class Neighbour {
 public:
  Neighbour(const std::filesystem::path& folder, bool reads) {
    BESA_CHECK(::pipe(go_.data()) == 0 && ::pipe(there_.data()) == 0);
    process_ = ::fork();
    if (process_ != 0) return;
    char byte = 0;
    static_cast<void>(::read(go_[0], &byte, 1));
    byte = open(folder, reads) ? 'y' : 'n';
    static_cast<void>(::write(there_[1], &byte, 1));
    while (true) ::pause();
  }
  ~Neighbour() {
    if (process_ > 0) end();
    for (const int end : {go_[0], go_[1], there_[0], there_[1]}) ::close(end);
  }
  Neighbour(const Neighbour&) = delete;
  Neighbour& operator=(const Neighbour&) = delete;

  bool come() const {
    char byte = 'g';
    return ::write(go_[1], &byte, 1) == 1 && ::read(there_[0], &byte, 1) == 1 && byte == 'y';
  }
  void end() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
  }

 private:
  static bool open(const std::filesystem::path& folder, bool reads) {
    MDB_env* env = nullptr;
    MDB_txn* reading = nullptr;
    if (mdb_env_create(&env) != MDB_SUCCESS) return false;
    if (mdb_env_open(env, folder.c_str(), MDB_RDONLY | MDB_NOTLS, 0600) != MDB_SUCCESS) return false;
    return !reads || mdb_txn_begin(env, nullptr, MDB_RDONLY, &reading) == MDB_SUCCESS;
  }

  std::array<int, 2> go_{};
  std::array<int, 2> there_{};
  pid_t process_ = -1;
};

class StaleReader : public testing::Test {
 protected:
  void open() {
    auto opened = Environment::open(folder_.path());
    ASSERT_TRUE(opened) << opened.error().message;
    environment_ = std::move(*opened);
    table_ = environment_->tables(kNames).value()[0];
  }
  // The same row, again and again: the pages of its earlier values are free.
  void write_much() {
    for (std::size_t i = 0; i < kRounds; ++i) {
      auto writing = environment_->write().value();
      ASSERT_TRUE(writing.put(table_, Bytes{1}, Bytes(kRowBytes, static_cast<std::uint8_t>(i))));
      ASSERT_TRUE(writing.commit());
    }
  }
  std::uintmax_t file_bytes() const { return std::filesystem::file_size(folder_ / "data.mdb"); }

  support::TemporaryFolder folder_;
  std::unique_ptr<Environment> environment_;
  Table table_;
};

TEST_F(StaleReader, OfALivingStoreIsClearedAndItsPagesAreUsedAgain) {
  Neighbour reader(folder_.path(), true);
  open();
  write_much();
  ASSERT_LT(file_bytes(), kFewRows);
  ASSERT_TRUE(reader.come());
  reader.end();
  write_much();
  const std::uintmax_t grown = file_bytes();
  ASSERT_GT(grown, kRounds / 2 * kRowBytes) << "it held the pages";
  EXPECT_EQ(environment_->clear_dead_readers().value(), 1);
  write_much();
  EXPECT_EQ(file_bytes(), grown);
  EXPECT_EQ(environment_->clear_dead_readers().value(), 0);
}

// Somebody else has the store open, so that LMDB does not begin a new list of readers.
TEST_F(StaleReader, IsClearedAtAnOpen) {
  open();
  environment_.reset();
  Neighbour reader(folder_.path(), true);
  Neighbour bystander(folder_.path(), false);
  ASSERT_TRUE(bystander.come());
  ASSERT_TRUE(reader.come());
  reader.end();
  open();
  EXPECT_EQ(environment_->clear_dead_readers().value(), 0) << "there is nothing left to clear";
  write_much();
  EXPECT_LT(file_bytes(), kFewRows);
}

// A reader that lives is left alone: it sees what it began with.
TEST_F(StaleReader, ALivingOneIsNotCleared) {
  Neighbour reader(folder_.path(), true);
  open();
  write_much();
  ASSERT_TRUE(reader.come());
  EXPECT_EQ(environment_->clear_dead_readers().value(), 0);
  write_much();
  EXPECT_GT(file_bytes(), kRounds / 2 * kRowBytes);
}

}  // namespace
}  // namespace besa::kv
