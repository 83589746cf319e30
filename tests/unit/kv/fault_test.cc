// A disk without room and a killed writer, each in a process of its own.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <functional>

#include "kv/environment.h"
#include "tests/support/temporary_folder.h"

namespace besa::kv {
namespace {

using support::TemporaryFolder;

constexpr std::array<std::string_view, 1> kNames = {"rows"};

// Runs `body` in a child and gives its exit code, or minus the signal that ended it.
int in_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

Status put(Environment& environment, std::uint8_t key, std::size_t size) {
  BESA_ASSIGN(const auto tables, environment.tables(kNames));
  BESA_ASSIGN(auto writing, environment.write());
  BESA_TRY(writing.put(tables[0], Bytes{key}, Bytes(size, key)));
  return writing.commit();
}

Result<std::uint64_t> rows(const std::filesystem::path& folder) {
  BESA_ASSIGN(const auto environment, Environment::open(folder));
  BESA_ASSIGN(const auto tables, environment->tables(kNames));
  BESA_ASSIGN(const auto reading, environment->read());
  return reading.count(tables[0]);
}

void limit_files_to(rlim_t size) {
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{size, RLIM_INFINITY};
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

TEST(Fault, DiskWithoutRoomIsFullAndGoesAgainWithRoom) {
  const TemporaryFolder folder;
  const int code = in_child([&] {
    auto environment = Environment::open(folder.path());
    if (!environment || !put(**environment, 1, 10)) return 1;
    limit_files_to(1 << 20);
    const auto full = put(**environment, 2, 4 << 20);
    if (full || full.error().kind != base::ErrorKind::full) return 2;
    limit_files_to(RLIM_INFINITY);
    return put(**environment, 2, 4 << 20) ? 0 : 3;
  });
  EXPECT_EQ(code, 0);
  EXPECT_EQ(rows(folder.path()).value(), 2U);
}

TEST(Fault, KilledWriterLeavesNoLockAndNothingUncommitted) {
  const TemporaryFolder folder;
  const int code = in_child([&] {
    auto environment = Environment::open(folder.path());
    if (!environment || !put(**environment, 1, 10)) return 1;
    const auto tables = (*environment)->tables(kNames);
    auto writing = (*environment)->write();
    if (!writing->put((*tables)[0], Bytes{2}, Bytes(100'000, 2))) return 2;
    return ::kill(::getpid(), SIGKILL);
  });
  EXPECT_EQ(code, -SIGKILL);
  EXPECT_EQ(rows(folder.path()).value(), 1U);
}

// Looking at pages that are not in the file would end the process by a signal that says nothing. LMDB notices most of
// what is lost, and ends the process where it goes on its own word; nobody is ever given wrong rows.
TEST(Fault, FileThatWasCutShortIsNeverServed) {
  const TemporaryFolder folder;
  {
    auto environment = Environment::open(folder.path());
    ASSERT_TRUE(environment);
    for (std::uint8_t key = 1; key < 200; ++key) ASSERT_TRUE(put(**environment, key, 900));
  }
  const auto file = folder / "data.mdb";
  const auto pages = std::filesystem::file_size(file) / 4096;
  const Bytes whole = support::read_file(file);
  for (std::uintmax_t kept = 2; kept < pages; kept += 5) {
    std::filesystem::resize_file(file, kept * 4096);
    const int code = in_child([&] {
      const auto environment = Environment::open(folder.path());
      if (!environment) return environment.error().kind == base::ErrorKind::damaged ? 0 : 1;
      const auto tables = (*environment)->tables(kNames);
      if (!tables) return tables.error().kind == base::ErrorKind::damaged ? 0 : 2;
      const auto got = (*environment)->read()->scan((*tables)[0], {}, {}, 1'000);
      if (!got) return got.error().kind == base::ErrorKind::damaged ? 0 : 3;
      return got->size() == 199 ? 0 : 4;
    });
    EXPECT_TRUE(code == 0 || code == -SIGABRT) << code << ", pages kept " << kept;
    support::write_file(file, whole);
  }
}

TEST(Fault, KilledReaderIsCleared) {
  const TemporaryFolder folder;
  const int code = in_child([&] {
    auto environment = Environment::open(folder.path());
    if (!environment) return 1;
    auto reading = (*environment)->read();
    return ::kill(::getpid(), SIGKILL);
  });
  EXPECT_EQ(code, -SIGKILL);
  const auto environment = Environment::open(folder.path());  // clears
  ASSERT_TRUE(environment);
  EXPECT_EQ((*environment)->clear_dead_readers().value(), 0);
}

}  // namespace
}  // namespace besa::kv
