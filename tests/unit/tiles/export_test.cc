#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <set>

#include "core/merkle.h"
#include "tests/support/temporary_folder.h"
#include "tiles/reader.h"
#include "tiles/writer.h"

namespace besa::tiles {
namespace {

using base::ErrorKind;
using support::read_file;
using support::TemporaryFolder;
using support::write_file;

Bytes bytes_of(std::string_view text) { return base::to_bytes(base::as_bytes(text)); }
Bytes entry_number(std::uint64_t i) { return bytes_of("entry " + std::to_string(i)); }

Bytes beside_number(std::uint64_t i) {
  const Bytes body = bytes_of("body " + std::to_string(i));
  return base::ByteWriter().sized(body).sized({}).sized(bytes_of("rows")).sized({}).take();
}

class Export : public testing::Test {
 protected:
  std::filesystem::path folder() const { return temporary_ / "export"; }
  std::filesystem::path file(const std::string& name) const { return folder() / name; }

  Status write(std::uint64_t size) {
    BESA_ASSIGN(Writer writer, Writer::begin(folder()));
    for (std::uint64_t i = 0; i < size; ++i) BESA_TRY(writer.add(entry_number(i), beside_number(i)));
    return writer.finish("the note\n");
  }
  // Changes one byte.
  void flip(const std::string& name, std::size_t at) {
    Bytes content = read_file(file(name));
    ASSERT_LT(at, content.size()) << name;
    content[at] ^= 1;
    write_file(file(name), content);
  }
  Result<std::uint64_t> count(TreeSize size) const {
    std::uint64_t records = 0;
    const Reader reader(folder(), size);
    BESA_TRY(reader.each(Sequence{0}, [&](const Record&) -> Status {
      ++records;
      return {};
    }));
    return records;
  }
  std::set<std::string> files() const {
    std::set<std::string> out;
    for (const auto& at : std::filesystem::recursive_directory_iterator(folder())) {
      if (at.is_regular_file()) out.insert(at.path().lexically_relative(folder()));
    }
    return out;
  }

  TemporaryFolder temporary_;
};

TEST_F(Export, HoldsExactlyTheFilesOfTheSpecification) {
  ASSERT_TRUE(write(600));
  const std::set<std::string> expected = {
      "checkpoint",     "tile/0/000",       "tile/0/001",       "tile/0/002.p/88",
      "tile/1/000.p/2", "tile/entries/000", "tile/entries/001", "tile/entries/002.p/88",
      "beside/000",     "beside/001",       "beside/002.p/88"};
  EXPECT_EQ(files(), expected);
}

TEST_F(Export, OfAFullTileHasNoPartialOne) {
  ASSERT_TRUE(write(256));
  const std::set<std::string> expected = {"checkpoint", "tile/0/000", "tile/1/000.p/1", "tile/entries/000",
                                          "beside/000"};
  EXPECT_EQ(files(), expected);
}

TEST_F(Export, OfAnEmptyLogIsACheckpoint) {
  ASSERT_TRUE(write(0));
  EXPECT_EQ(files(), std::set<std::string>{"checkpoint"});
  EXPECT_EQ(count(TreeSize{0}).value(), 0U);
  EXPECT_EQ(verify(Reader(folder(), TreeSize{0})).value().root, core::empty_root());
}

TEST_F(Export, BundleHoldsLengthsAndEntries) {
  ASSERT_TRUE(write(2));
  EXPECT_EQ(read_file(file("tile/entries/000.p/2")),
            base::ByteWriter().u16(7).raw("entry 0").u16(7).raw("entry 1").take());
}

TEST_F(Export, IsReadBackInOrder) {
  ASSERT_TRUE(write(300));
  std::uint64_t next = 0;
  const auto read = Reader(folder(), TreeSize{300}).each(Sequence{0}, [&](const Record& record) -> Status {
    EXPECT_EQ(record.sequence, Sequence{next});
    EXPECT_EQ(record.entry, entry_number(next));
    EXPECT_EQ(record.beside, beside_number(next));
    ++next;
    return {};
  });
  EXPECT_TRUE(read);
  EXPECT_EQ(next, 300U);
  EXPECT_EQ(Reader::checkpoint(folder()).value(), "the note\n");
}

TEST_F(Export, ReadsFromTheMiddle) {
  ASSERT_TRUE(write(300));
  std::vector<std::uint64_t> seen;
  ASSERT_TRUE(Reader(folder(), TreeSize{300}).each(Sequence{298}, [&](const Record& record) -> Status {
    seen.push_back(record.sequence.value);
    return {};
  }));
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{298, 299}));
}

TEST_F(Export, GivesOneRecord) {
  ASSERT_TRUE(write(300));
  const Reader reader(folder(), TreeSize{300});
  EXPECT_EQ(reader.record(Sequence{257}).value().entry, entry_number(257));
  EXPECT_EQ(reader.record(Sequence{300}).error().kind, ErrorKind::not_found);
}

TEST_F(Export, VisitorStopsIt) {
  ASSERT_TRUE(write(3));
  const auto stopped = Reader(folder(), TreeSize{3}).each(Sequence{0}, [](const Record&) -> Status {
    return base::fail(ErrorKind::busy, "enough");
  });
  EXPECT_EQ(stopped.error().kind, ErrorKind::busy);
}

TEST_F(Export, IsPrivate) {
  ASSERT_TRUE(write(3));
  EXPECT_EQ(std::filesystem::status(folder()).permissions(), std::filesystem::perms(0700));
  EXPECT_EQ(std::filesystem::status(file("beside/000.p/3")).permissions(), std::filesystem::perms(0600));
}

TEST_F(Export, IntoAFolderThatIsNotEmptyIsRefused) {
  ASSERT_TRUE(write(3));
  const auto again = write(3);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::already_exists);
}

TEST_F(Export, WithoutACheckpointIsNone) {
  auto writer = Writer::begin(folder()).value();
  ASSERT_TRUE(writer.add(entry_number(0), beside_number(0)));
  EXPECT_EQ(Reader::checkpoint(folder()).error().kind, ErrorKind::not_found);
}

TEST_F(Export, WriterRefusesWhatDoesNotFit) {
  auto writer = Writer::begin(folder()).value();
  EXPECT_EQ(writer.add(Bytes(0x10000, 1), beside_number(0)).error().kind, ErrorKind::malformed);
  EXPECT_EQ(writer.add({}, beside_number(0)).error().kind, ErrorKind::malformed);
  EXPECT_EQ(writer.add(entry_number(0), bytes_of("no fields")).error().kind, ErrorKind::malformed);
  Bytes longer = beside_number(0);
  longer.push_back(0);
  EXPECT_EQ(writer.add(entry_number(0), longer).error().kind, ErrorKind::malformed);
  EXPECT_EQ(writer.size(), TreeSize{0});
}

TEST_F(Export, RootIsThatOfTheEntries) {
  auto writer = Writer::begin(folder()).value();
  std::vector<Digest> leaves;
  for (std::uint64_t i = 0; i < 300; ++i) {
    ASSERT_TRUE(writer.add(entry_number(i), beside_number(i)));
    leaves.push_back(core::leaf_hash(entry_number(i)));
  }
  EXPECT_EQ(writer.root(), core::root_of(leaves));
  ASSERT_TRUE(writer.finish("note"));
  EXPECT_EQ(verify(Reader(folder(), TreeSize{300})).value().root, core::root_of(leaves));
}

TEST_F(Export, TreeOfThreeLevelsIsConsistent) {
  constexpr std::uint64_t kSize = 65536 + 300;
  ASSERT_TRUE(write(kSize));
  const auto report = verify(Reader(folder(), TreeSize{kSize})).value();
  EXPECT_TRUE(report.consistent());
  EXPECT_EQ(Reader(folder(), TreeSize{kSize}).tile(2, 0).value().size(), 1U);
  EXPECT_EQ(Reader(folder(), TreeSize{kSize}).tile(1, 1).value().size(), 1U);
}

TEST_F(Export, ChangedEntryIsNamed) {
  ASSERT_TRUE(write(300));
  const Digest root = verify(Reader(folder(), TreeSize{300})).value().root;
  flip("tile/entries/001.p/44", 2 * (2 + 9) + 2);  // entry 258, first letter
  const auto report = verify(Reader(folder(), TreeSize{300})).value();
  EXPECT_EQ(report.first_bad, Sequence{258});
  EXPECT_NE(report.root, root);
  EXPECT_FALSE(report.bad_tile);
}

TEST_F(Export, ChangedLeafHashIsNamed) {
  ASSERT_TRUE(write(300));
  const Digest root = verify(Reader(folder(), TreeSize{300})).value().root;
  flip("tile/0/000", 32 * 5);
  const auto report = verify(Reader(folder(), TreeSize{300})).value();
  EXPECT_EQ(report.first_bad, Sequence{5});
  EXPECT_EQ(report.bad_tile, "tile/1/000.p/1");
  EXPECT_EQ(report.root, root);
}

TEST_F(Export, ChangedUpperTileIsNamed) {
  ASSERT_TRUE(write(300));
  flip("tile/1/000.p/1", 0);
  const auto report = verify(Reader(folder(), TreeSize{300})).value();
  EXPECT_FALSE(report.first_bad);
  EXPECT_EQ(report.bad_tile, "tile/1/000.p/1");
}

struct BadFile {
  std::string name;
  std::string what;  // in the message
  int change;        // bytes added at the end, or removed; kGone
};
constexpr int kGone = -1000;

// What every later entry of the bundle moves up by is named where it begins, and not where the bytes end.
TEST_F(Export, EntryCutOutOfItsBundleIsNamed) {
  ASSERT_TRUE(write(300));
  Bytes content = read_file(file("tile/entries/001.p/44"));
  content.erase(content.begin(), content.begin() + 11);  // entry 256
  write_file(file("tile/entries/001.p/44"), content);
  const auto report = verify(Reader(folder(), TreeSize{300})).value();
  EXPECT_EQ(report.first_bad, Sequence{256});
  EXPECT_EQ(report.damage, "tile/entries/001.p/44 is cut or damaged at entry 299");
  EXPECT_EQ(report.read, Sequence{299});
}

class BadExport : public Export, public testing::WithParamInterface<BadFile> {};

TEST_P(BadExport, IsMalformedNamingTheFile) {
  ASSERT_TRUE(write(300));
  const BadFile& bad = GetParam();
  Bytes content = read_file(file(bad.name));
  std::filesystem::remove(file(bad.name));
  if (bad.change != kGone) {
    content.resize(static_cast<std::size_t>(static_cast<long>(content.size()) + bad.change));
    write_file(file(bad.name), content);
  }
  const auto report = verify(Reader(folder(), TreeSize{300}));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_FALSE(report->consistent());
  EXPECT_EQ(report->damage, bad.name + bad.what);
}

INSTANTIATE_TEST_SUITE_P(Files, BadExport,
                         testing::Values(BadFile{"tile/entries/000", " is missing", kGone},
                                         BadFile{"beside/001.p/44", " is missing", kGone},
                                         BadFile{"tile/0/001.p/44", " is missing", kGone},
                                         BadFile{"tile/1/000.p/1", " is missing", kGone},
                                         BadFile{"tile/entries/001.p/44", " is cut or damaged at entry 299", -1},
                                         BadFile{"beside/000", " is cut or damaged at entry 255", -1},
                                         BadFile{"tile/entries/000", " has bytes behind its last entry", 1},
                                         BadFile{"beside/001.p/44", " has bytes behind its last entry", 1},
                                         BadFile{"tile/0/001.p/44", " has a wrong size", -1},
                                         BadFile{"tile/0/001.p/44", " has a wrong size", 32},
                                         BadFile{"tile/0/000", " is larger than it may be", 32}));

TEST_F(Export, OfAnotherSizeMissesItsFiles) {
  ASSERT_TRUE(write(300));
  EXPECT_EQ(count(TreeSize{299}).error().message, "tile/entries/001.p/43 is missing");
  EXPECT_EQ(count(TreeSize{513}).error().message, "tile/entries/001 is missing");
}

TEST_F(Export, TileThatIsNoFileIsMalformed) {
  ASSERT_TRUE(write(3));
  std::filesystem::remove(file("tile/0/000.p/3"));
  ASSERT_EQ(::mkfifo(file("tile/0/000.p/3").c_str(), 0600), 0);
  EXPECT_EQ(Reader(folder(), TreeSize{3}).tile(0, 0).error().message, "tile/0/000.p/3 is no regular file");
}

TEST_F(Export, TilePastTheTreeIsNotFound) {
  ASSERT_TRUE(write(3));
  const Reader reader(folder(), TreeSize{3});
  EXPECT_EQ(reader.tile(0, 1).error().kind, ErrorKind::not_found);
  EXPECT_EQ(reader.tile(1, 0).error().kind, ErrorKind::not_found);
  EXPECT_EQ(reader.tile(0, UINT64_MAX).error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace besa::tiles
