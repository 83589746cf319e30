#include "crypto/verify/hash.h"

#include <gtest/gtest.h>

#include <thread>

namespace besa::crypto {
namespace {

using base::as_bytes;

constexpr const char* kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr const char* kEmpty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

std::string hex(const base::Digest& digest) { return base::to_hex(digest.view()); }

TEST(Hash, OneShot) {
  EXPECT_EQ(hex(sha256(as_bytes("abc"))), kAbc);
  EXPECT_EQ(hex(sha256({})), kEmpty);
}

TEST(Hash, PiecesAreJoined) {
  EXPECT_EQ(hex(sha256_of({as_bytes("a"), {}, as_bytes("bc")})), kAbc);
  EXPECT_EQ(hex(sha256_of({})), kEmpty);
}

TEST(Hash, StreamEqualsOneShot) {
  base::Bytes bytes(1000);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  for (const std::size_t step : {1U, 7U, 64U, 65U, 1000U}) {
    Sha256 stream;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      stream.update(base::ByteView(bytes).subspan(at, std::min<std::size_t>(step, bytes.size() - at)));
    }
    EXPECT_EQ(stream.finish(), sha256(bytes)) << step;
  }
}

TEST(Hash, OneShotInsideAStreamDoesNotDisturbIt) {
  Sha256 stream;
  stream.update(as_bytes("a"));
  EXPECT_EQ(hex(sha256(as_bytes("abc"))), kAbc);
  EXPECT_EQ(hex(stream.update(as_bytes("bc")).finish()), kAbc);
}

TEST(Hash, MovedStreamGoesOn) {
  Sha256 first;
  first.update(as_bytes("a"));
  Sha256 second(std::move(first));
  Sha256 third;
  third = std::move(second);
  EXPECT_EQ(hex(third.update(as_bytes("bc")).finish()), kAbc);
}

TEST(HashDeathTest, FinishTwiceIsAProgrammerError) {
  Sha256 stream;
  stream.finish();
  EXPECT_DEATH(stream.finish(), "");
}

TEST(Hash, EachThreadHasItsOwnContext) {
  std::thread other([] {
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(hex(sha256(as_bytes("abc"))), kAbc);
  });
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(hex(sha256({})), kEmpty);
  other.join();
}

}  // namespace
}  // namespace besa::crypto
