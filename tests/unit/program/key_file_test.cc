#include "program/key_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <type_traits>

#include "program/file.h"
#include "tests/unit/program/scratch.h"

namespace besa::program::test {
namespace {

static_assert(!std::is_copy_constructible_v<KeyBytes> && !std::is_copy_assignable_v<KeyBytes>);

const base::Bytes kKey{0x00, 0x01, 0xfe, 0xff};

base::Error error_of(const std::string& path) {
  const auto key = read_key_file(path, "signing");
  EXPECT_FALSE(key);
  return key ? base::Error{} : key.error();
}

TEST(KeyFile, WhatIsWrittenIsRead) {
  const Scratch scratch;
  ASSERT_TRUE(write_key_file(scratch / "key", "signing", kKey));
  const auto key = read_key_file(scratch / "key", "signing");
  ASSERT_TRUE(key);
  EXPECT_TRUE(base::equal(key->view(), kKey));
  EXPECT_EQ(read_text_file(scratch / "key", 100).value(), "besa-key v1 signing\n0001feff\n");
}

TEST(KeyFile, IsNeverOverwritten) {
  const Scratch scratch;
  ASSERT_TRUE(write_key_file(scratch / "key", "signing", kKey));
  const auto again = write_key_file(scratch / "key", "signing", kKey);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, base::ErrorKind::already_exists);
}

TEST(KeyFile, OfAnotherKindIsRefused) {
  const Scratch scratch;
  ASSERT_TRUE(write_key_file(scratch / "key", "transport", kKey));
  const base::Error error = error_of(scratch / "key");
  EXPECT_EQ(error.kind, base::ErrorKind::malformed);
  EXPECT_NE(error.message.find("holds a key of kind transport, not signing"), std::string::npos);
}

// As systemd lends it: readable by a group through the mask of an access list, in a folder that others cannot enter.
struct Lent {
  Scratch scratch;
  Lent() {
    EXPECT_TRUE(write_key_file(scratch / "key", "signing", kKey));
    EXPECT_EQ(::chmod((scratch / "key").c_str(), 0440), 0);
    ::setenv("CREDENTIALS_DIRECTORY", scratch.path().c_str(), 1);
  }
  ~Lent() { ::unsetenv("CREDENTIALS_DIRECTORY"); }
};

TEST(LentKey, IsReadFromWhereTheServiceManagerPutIt) {
  const Lent lent;
  EXPECT_EQ(key_folder("/etc/besa", "key"), lent.scratch.path());
  EXPECT_EQ(key_folder("/etc/besa", "other.key"), "/etc/besa");
  const auto key = read_key_file(lent.scratch / "key", "signing");
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_TRUE(base::equal(key->view(), kKey));
  ::unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_EQ(error_of(lent.scratch / "key").kind, base::ErrorKind::denied) << "only there";
}

TEST(LentKey, ThatOthersCouldReadOrChangeIsRefused) {
  const Lent lent;
  for (const mode_t mode : {0444, 0460, 0450, 0442}) {
    ASSERT_EQ(::chmod((lent.scratch / "key").c_str(), mode), 0);
    EXPECT_EQ(error_of(lent.scratch / "key").kind, base::ErrorKind::denied) << mode;
  }
  ASSERT_EQ(::chmod((lent.scratch / "key").c_str(), 0440), 0);
  ASSERT_EQ(::chmod(lent.scratch.path().c_str(), 0755), 0);
  EXPECT_EQ(error_of(lent.scratch / "key").kind, base::ErrorKind::denied) << "a folder that everybody may enter";
}

TEST(LentKey, InAFolderBelowIsNotLent) {
  const Lent lent;
  ASSERT_TRUE(make_directory(lent.scratch / "below"));
  ASSERT_TRUE(write_key_file(lent.scratch / "below/key", "signing", kKey));
  ASSERT_EQ(::chmod((lent.scratch / "below/key").c_str(), 0440), 0);
  EXPECT_EQ(error_of(lent.scratch / "below/key").kind, base::ErrorKind::denied);
}

class OpenMode : public testing::TestWithParam<unsigned> {};

TEST_P(OpenMode, IsRefusedWithTheCommandThatMendsIt) {
  const Scratch scratch;
  ASSERT_TRUE(write_key_file(scratch / "key", "signing", kKey));
  ASSERT_EQ(::chmod((scratch / "key").c_str(), GetParam()), 0);
  const base::Error error = error_of(scratch / "key");
  EXPECT_EQ(error.kind, base::ErrorKind::denied);
  EXPECT_NE(error.message.find("chmod 600 " + (scratch / "key")), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Modes, OpenMode, testing::Values(0644, 0640, 0604, 0620, 0602, 0610, 0777));

TEST(KeyFile, AMissingOneIsNotFound) {
  const Scratch scratch;
  EXPECT_EQ(error_of(scratch / "none").kind, base::ErrorKind::not_found);
}

struct Broken {
  const char* name;
  std::string content;
};

class BrokenKeyFile : public testing::TestWithParam<Broken> {};

TEST_P(BrokenKeyFile, IsMalformedAndItsContentIsNotQuoted) {
  const Scratch scratch;
  ASSERT_TRUE(write_file(scratch / "key", base::as_bytes(GetParam().content)));
  const base::Error error = error_of(scratch / "key");
  EXPECT_EQ(error.kind, base::ErrorKind::malformed);
  EXPECT_EQ(error.message.find("c0ffee"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(All, BrokenKeyFile,
                         testing::Values(Broken{"Empty", ""}, Broken{"OtherFile", "c0ffee\n"},
                                         Broken{"NoKey", "besa-key v1 signing\n"},
                                         Broken{"NoLineEnd", "besa-key v1 signing"},
                                         Broken{"Odd", "besa-key v1 signing\nc0ffeec\n"},
                                         Broken{"NotHex", "besa-key v1 signing\nc0ffeezz\n"},
                                         Broken{"UpperCase", "besa-key v1 signing\nC0FFEE\n"},
                                         Broken{"TwoLines", "besa-key v1 signing\nc0ffee\nc0ffee\n"},
                                         Broken{"LaterVersion", "besa-key v2 signing\nc0ffee\n"},
                                         Broken{"StrangeKind", "besa-key v1 c0ffee secret words\nc0ffee\n"},
                                         Broken{"TooLong", "besa-key v1 signing\n" + std::string(5000, 'a')}),
                         [](const auto& param) { return std::string{param.param.name}; });

}  // namespace
}  // namespace besa::program::test
