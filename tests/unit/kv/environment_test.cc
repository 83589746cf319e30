#include "kv/environment.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <thread>

#include "tests/support/temporary_folder.h"

namespace besa::kv {
namespace {

using base::ErrorKind;
using support::TemporaryFolder;

Bytes bytes(std::string_view text) { return base::to_bytes(base::as_bytes(text)); }
std::string text(const Bytes& value) { return std::string(base::as_text(value)); }

constexpr std::array<std::string_view, 2> kNames = {"first", "second"};

// An open store with two tables.
struct Store {
  explicit Store(const std::filesystem::path& folder, Options options = {}) {
    auto opened = Environment::open(folder, options);
    if (!opened) {
      error = opened.error();
      return;
    }
    environment = std::move(*opened);
    auto made = environment->tables(kNames);
    if (!made) {
      error = made.error();
      return;
    }
    first = (*made)[0];
    second = (*made)[1];
  }
  Status put(Table table, std::string_view key, ByteView value) {
    BESA_ASSIGN(auto writing, environment->write());
    BESA_TRY(writing.put(table, base::as_bytes(key), value));
    return writing.commit();
  }
  Status put(Table table, std::string_view key, std::string_view value) {
    return put(table, key, base::as_bytes(value));
  }
  Result<std::optional<Bytes>> get(Table table, std::string_view key) {
    BESA_ASSIGN(const auto reading, environment->read());
    return reading.get(table, base::as_bytes(key));
  }
  std::unique_ptr<Environment> environment;
  Table first;
  Table second;
  std::optional<base::Error> error;
};

std::vector<std::string> keys(const std::vector<Row>& rows) {
  std::vector<std::string> out;
  for (const Row& row : rows) out.push_back(text(row.key));
  return out;
}

TEST(Environment, GivesBackWhatWasPut) {
  const TemporaryFolder folder;
  Store store(folder.path());
  ASSERT_FALSE(store.error) << store.error->message;
  ASSERT_TRUE(store.put(store.first, "key", "value"));
  EXPECT_EQ(store.get(store.first, "key").value(), bytes("value"));
}

TEST(Environment, KeepsTablesApart) {
  const TemporaryFolder folder;
  Store store(folder.path());
  ASSERT_TRUE(store.put(store.first, "key", "value"));
  EXPECT_EQ(store.get(store.second, "key").value(), std::nullopt);
}

TEST(Environment, KeepsAnEmptyValue) {
  const TemporaryFolder folder;
  Store store(folder.path());
  ASSERT_TRUE(store.put(store.first, "key", ""));
  EXPECT_EQ(store.get(store.first, "key").value(), Bytes{});
}

TEST(Environment, KeepsALargeValue) {
  const TemporaryFolder folder;
  Store store(folder.path());
  const Bytes large(300'000, 0xA5);
  ASSERT_TRUE(store.put(store.first, "key", large));
  EXPECT_EQ(store.get(store.first, "key").value(), large);
}

TEST(Environment, IsThereAfterItWasClosed) {
  const TemporaryFolder folder;
  {
    Store store(folder.path());
    ASSERT_TRUE(store.put(store.first, "key", "value"));
  }
  Store again(folder.path());
  EXPECT_EQ(again.get(again.first, "key").value(), bytes("value"));
}

TEST(Environment, DropsWhatWasNotCommitted) {
  const TemporaryFolder folder;
  Store store(folder.path());
  {
    auto writing = store.environment->write();
    ASSERT_TRUE(writing->put(store.first, base::as_bytes("key"), base::as_bytes("value")));
  }
  EXPECT_EQ(store.get(store.first, "key").value(), std::nullopt);
}

TEST(Environment, WriterSeesItsOwnChanges) {
  const TemporaryFolder folder;
  Store store(folder.path());
  auto writing = store.environment->write();
  ASSERT_TRUE(writing->put(store.first, base::as_bytes("key"), base::as_bytes("value")));
  EXPECT_EQ(writing->get(store.first, base::as_bytes("key")).value(), bytes("value"));
}

TEST(Environment, ReaderKeepsTheStateOfItsBeginning) {
  const TemporaryFolder folder;
  Store store(folder.path());
  const auto reading = store.environment->read();
  const auto other = store.environment->read();  // two in one thread
  ASSERT_TRUE(store.put(store.first, "key", "value"));
  EXPECT_EQ(reading->get(store.first, base::as_bytes("key")).value(), std::nullopt);
  EXPECT_EQ(other->count(store.first).value(), 0U);
}

TEST(Environment, ReaderMayMoveToAnotherThread) {
  const TemporaryFolder folder;
  Store store(folder.path());
  ASSERT_TRUE(store.put(store.first, "key", "value"));
  auto reading = store.environment->read();
  std::optional<Bytes> got;
  std::thread([&, mine = std::move(*reading)] { got = mine.get(store.first, base::as_bytes("key")).value(); }).join();
  EXPECT_EQ(got, bytes("value"));
}

TEST(Environment, ErasesAndForgivesAnAbsentRow) {
  const TemporaryFolder folder;
  Store store(folder.path());
  ASSERT_TRUE(store.put(store.first, "key", "value"));
  auto writing = store.environment->write();
  EXPECT_TRUE(writing->erase(store.first, base::as_bytes("key")));
  EXPECT_TRUE(writing->erase(store.first, base::as_bytes("key")));
  ASSERT_TRUE(writing->commit());
  EXPECT_EQ(store.get(store.first, "key").value(), std::nullopt);
}

TEST(Environment, ClearsOneTable) {
  const TemporaryFolder folder;
  Store store(folder.path());
  ASSERT_TRUE(store.put(store.first, "key", "value"));
  ASSERT_TRUE(store.put(store.second, "key", "value"));
  auto writing = store.environment->write();
  ASSERT_TRUE(writing->clear(store.first));
  ASSERT_TRUE(writing->commit());
  EXPECT_EQ(store.get(store.first, "key").value(), std::nullopt);
  EXPECT_EQ(store.get(store.second, "key").value(), bytes("value"));
}

struct ScanCase {
  std::string prefix;
  std::string from;
  std::size_t limit;
  std::vector<std::string> expected;
};

class Scan : public testing::TestWithParam<ScanCase> {};

TEST_P(Scan, GivesRowsInKeyOrder) {
  const TemporaryFolder folder;
  Store store(folder.path());
  for (const char* key : {"b2", "a1", "b", "c", "b1", "b3"}) ASSERT_TRUE(store.put(store.first, key, "value"));
  const auto reading = store.environment->read();
  const ScanCase& with = GetParam();
  const auto rows = reading->scan(store.first, base::as_bytes(with.prefix), base::as_bytes(with.from), with.limit);
  EXPECT_EQ(keys(rows.value()), with.expected);
}

INSTANTIATE_TEST_SUITE_P(Rows, Scan,
                         testing::Values(ScanCase{"", "", 9, {"a1", "b", "b1", "b2", "b3", "c"}},
                                         ScanCase{"b", "", 9, {"b", "b1", "b2", "b3"}},
                                         ScanCase{"b", "b2", 9, {"b2", "b3"}}, ScanCase{"b", "b11", 1, {"b2"}},
                                         ScanCase{"b", "a", 2, {"b", "b1"}}, ScanCase{"", "c", 9, {"c"}},
                                         ScanCase{"b", "c", 9, {}}, ScanCase{"d", "", 9, {}},
                                         ScanCase{"b", "", 0, {}}));

TEST(Environment, LastGivesTheHighestKey) {
  const TemporaryFolder folder;
  Store store(folder.path());
  EXPECT_FALSE(store.environment->read()->last(store.first).value().has_value());
  for (const char* key : {"b", "c", "a"}) ASSERT_TRUE(store.put(store.first, key, "value"));
  EXPECT_EQ(text(store.environment->read()->last(store.first).value()->key), "c");
}

TEST(Environment, RefusesASecondOpener) {
  const TemporaryFolder folder;
  const Store store(folder.path());
  const Store second(folder.path());
  ASSERT_TRUE(second.error);
  EXPECT_EQ(second.error->kind, ErrorKind::busy);
  EXPECT_NE(second.error->message.find("another process has the store " + folder.path().string()), std::string::npos);
}

TEST(Environment, RefusesAFolderThatOthersMayRead) {
  const TemporaryFolder folder;
  ASSERT_EQ(::chmod(folder.path().c_str(), 0750), 0);
  const Store store(folder.path());
  ASSERT_TRUE(store.error);
  EXPECT_EQ(store.error->kind, ErrorKind::configuration);
}

TEST(Environment, MakesItsFilesPrivate) {
  const TemporaryFolder folder;
  const Store store(folder / "store");
  ASSERT_FALSE(store.error);
  for (const auto& file : std::filesystem::directory_iterator(folder / "store")) {
    EXPECT_EQ(file.status().permissions() & std::filesystem::perms::mask, std::filesystem::perms(0600)) << file.path();
  }
  EXPECT_EQ(std::filesystem::status(folder / "store").permissions(), std::filesystem::perms(0700));
}

TEST(Environment, FullMapIsAnErrorAndReadingGoesOn) {
  const TemporaryFolder folder;
  Options small;
  small.map_bytes = 256 * 1024;
  Store store(folder.path(), small);
  ASSERT_FALSE(store.error);
  ASSERT_TRUE(store.put(store.first, "kept", "value"));
  const auto full = store.put(store.first, "large", Bytes(512 * 1024, 1));
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().kind, ErrorKind::full);
  EXPECT_EQ(store.get(store.first, "kept").value(), bytes("value"));
  EXPECT_TRUE(store.put(store.first, "next", "value"));
}

TEST(Environment, LargerMapTakesWhatDidNotFit) {
  const TemporaryFolder folder;
  {
    Options small;
    small.map_bytes = 256 * 1024;
    Store store(folder.path(), small);
    ASSERT_FALSE(store.put(store.first, "large", Bytes(512 * 1024, 1)));
  }
  Store store(folder.path());
  EXPECT_TRUE(store.put(store.first, "large", Bytes(512 * 1024, 1)));
}

TEST(Environment, RefusesATransactionThatWouldSpillPages) {
  const TemporaryFolder folder;
  Store store(folder.path());
  auto writing = store.environment->write();
  Status last;
  while (last && writing->dirty_bytes() <= 2 * WriteTransaction::kSpillBytes) {
    last = writing->put(store.first, base::as_bytes("key"), base::as_bytes("value"));
  }
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().kind, ErrorKind::full);
  EXPECT_GT(writing->dirty_bytes(), WriteTransaction::kSpillBytes);
}

// Flips one bit of every byte of a stored record in turn, key excluded.
TEST(Environment, EveryFlippedBitOfAValueIsDamaged) {
  const TemporaryFolder folder;
  const Bytes value(40, 0x5A);
  {
    Store store(folder.path());
    ASSERT_TRUE(store.put(store.first, "key", value));
  }
  const auto file = folder / "data.mdb";
  const Bytes good = support::read_file(file);
  const auto found = std::search(good.begin(), good.end(), value.begin(), value.end());
  ASSERT_NE(found, good.end());
  const auto begin = static_cast<std::size_t>(found - good.begin()) - 8;
  for (std::size_t i = begin; i < begin + 8 + value.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
    support::write_file(file, bad);
    Store store(folder.path());
    const auto got = store.get(store.first, "key");
    ASSERT_FALSE(got) << "byte " << i - begin;
    EXPECT_EQ(got.error().kind, ErrorKind::damaged);
    const auto scanned = store.environment->read()->scan(store.first, {}, {}, 9);
    ASSERT_FALSE(scanned);
    EXPECT_EQ(scanned.error().kind, ErrorKind::damaged);
  }
}

TEST(Environment, ValueUnderAnotherKeyIsDamaged) {
  const TemporaryFolder folder;
  const std::string key = "a-key-to-find";
  {
    Store store(folder.path());
    ASSERT_TRUE(store.put(store.first, key, "value"));
  }
  Bytes file = support::read_file(folder / "data.mdb");
  const ByteView wanted = base::as_bytes(key);
  const auto found = std::search(file.begin(), file.end(), wanted.begin(), wanted.end());
  ASSERT_NE(found, file.end());
  *found = 'b';
  support::write_file(folder / "data.mdb", file);
  Store store(folder.path());
  const auto got = store.get(store.first, "b-key-to-find");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::damaged);
}

TEST(Environment, SaysWhetherOneIsThere) {
  const TemporaryFolder folder;
  EXPECT_FALSE(Environment::exists(folder / "store"));
  EXPECT_FALSE(Environment::exists(folder.path()));
  const Store store(folder / "store");
  EXPECT_TRUE(Environment::exists(folder / "store"));
}

TEST(Environment, UsageGrowsWithWhatIsStored) {
  const TemporaryFolder folder;
  Store store(folder.path());
  const auto before = store.environment->usage().used_bytes;
  ASSERT_TRUE(store.put(store.first, "key", Bytes(1'000'000, 1)));
  EXPECT_GE(store.environment->usage().used_bytes, before + 1'000'000);
  EXPECT_EQ(store.environment->usage().map_bytes, std::uint64_t{64} << 30);
}

TEST(EnvironmentDeathTest, EmptyAndOverlongKeysAreContracts) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const TemporaryFolder folder;
  Store store(folder.path());
  EXPECT_DEATH((void)store.get(store.first, ""), "");
  EXPECT_DEATH((void)store.get(store.first, std::string(kMaxKeyBytes + 1, 'k')), "");
}

}  // namespace
}  // namespace besa::kv
