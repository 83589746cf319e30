#include "program/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/unit/program/scratch.h"

namespace besa::program::test {
namespace {

using base::ErrorKind;

unsigned mode_of(const std::string& path) {
  struct stat about{};
  return ::stat(path.c_str(), &about) == 0 ? about.st_mode & 07777 : 0;
}

template <class T>
std::string outcome(const base::Result<T>& r) {
  return r ? "ok" : std::string{to_string(r.error().kind)};
}

TEST(File, WhatIsWrittenIsRead) {
  const Scratch scratch;
  ASSERT_TRUE(write_file(scratch / "a", base::as_bytes("one")));
  ASSERT_TRUE(write_file(scratch / "a", base::as_bytes("two")));
  EXPECT_EQ(read_text_file(scratch / "a", 10).value(), "two");
  EXPECT_EQ(mode_of(scratch / "a"), 0600u);
  EXPECT_EQ(scratch.entries(), 1u);  // nothing temporary stays
}

TEST(File, TheModeIsAsAsked) {
  const Scratch scratch;
  ASSERT_TRUE(write_file(scratch / "a", base::as_bytes("one"), 0644));
  EXPECT_EQ(mode_of(scratch / "a"), 0644u);
}

TEST(File, TheBoundIsExact) {
  const Scratch scratch;
  ASSERT_TRUE(write_file(scratch / "a", base::as_bytes("12345")));
  EXPECT_EQ(outcome(read_file(scratch / "a", 5)), "ok");
  EXPECT_EQ(outcome(read_file(scratch / "a", 4)), "malformed");
}

TEST(File, AnEmptyFileIsEmpty) {
  const Scratch scratch;
  ASSERT_TRUE(write_file(scratch / "a", {}));
  EXPECT_TRUE(read_file(scratch / "a", 0).value().empty());
}

TEST(File, WhatIsNoFileIsNotRead) {
  const Scratch scratch;
  EXPECT_EQ(outcome(read_file(scratch / "none", 10)), "not_found");
  EXPECT_EQ(outcome(read_file(scratch.path(), 10)), "malformed");
  ASSERT_EQ(::mkfifo((scratch / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(outcome(read_file(scratch / "pipe", 10)), "malformed");  // and does not hang
}

TEST(File, ANewFileNeverReplacesOne) {
  const Scratch scratch;
  ASSERT_TRUE(write_new_file(scratch / "a", base::as_bytes("one")));
  EXPECT_EQ(outcome(write_new_file(scratch / "a", base::as_bytes("two"))), "already_exists");
  EXPECT_EQ(read_text_file(scratch / "a", 10).value(), "one");
  EXPECT_EQ(scratch.entries(), 1u);
}

TEST(File, NoFolderIsNotFound) {
  const Scratch scratch;
  EXPECT_EQ(outcome(write_file(scratch / "none/a", {})), "not_found");
}

TEST(Folder, IsMadeWithItsParents) {
  const Scratch scratch;
  ASSERT_TRUE(make_directory(scratch / "a/b/c"));
  ASSERT_TRUE(make_directory(scratch / "a/b/c"));
  EXPECT_EQ(mode_of(scratch / "a/b/c"), 0700u);
  EXPECT_EQ(mode_of(scratch / "a"), 0700u);
}

TEST(Folder, AFileInItsPlaceIsAnError) {
  const Scratch scratch;
  ASSERT_TRUE(write_file(scratch / "a", {}));
  EXPECT_EQ(outcome(make_directory(scratch / "a")), "already_exists");
}

TEST(Folder, OfAPath) {
  EXPECT_EQ(folder_of("a/b"), "a");
  EXPECT_EQ(folder_of("a/b/"), "a");
  EXPECT_EQ(folder_of("a"), ".");
  EXPECT_EQ(folder_of("/a"), "/");
  EXPECT_EQ(folder_of("/"), "/");
  EXPECT_EQ(folder_of(""), ".");
}

}  // namespace
}  // namespace besa::program::test
