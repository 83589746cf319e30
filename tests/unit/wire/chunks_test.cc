#include "wire/chunks.h"

#include <gtest/gtest.h>

#include "core/merkle.h"

namespace besa::wire {
namespace {

struct PaddingCase {
  std::size_t content;
  std::uint32_t padded;
};

TEST(Chunks, PaddingIsAPowerOfTwoAndThenPadme) {
  const std::vector<PaddingCase> cases = {{0, 1024},          {1020, 1024},           {1021, 2048},
                                          {2044, 2048},       {65'532, 65'536},       {65'533, 67'584},
                                          {70'000, 71'680},   {100'000, 100'352},     {262'140, 262'144},
                                          {262'141, 270'336}, {1'000'000, 1'015'808}, {67'108'860, 67'108'864}};
  for (const auto& c : cases) {
    ASSERT_EQ(padded_length(c.content), c.padded) << c.content;
    EXPECT_TRUE(is_padded_length(c.padded));
  }
  EXPECT_FALSE(padded_length(67'108'861));
  EXPECT_FALSE(padded_length(SIZE_MAX));
}

TEST(Chunks, PaddingAddsAtMostATwelfthAboveSixtyFourKibibytes) {
  for (std::size_t content = 65'533; content < 4'000'000; content += 9'973) {
    EXPECT_LE(*padded_length(content), (content + 4) * 112 / 100) << content;
  }
}

TEST(Chunks, OnlyPaddedLengthsAreTaken) {
  for (const std::uint32_t bad : {0u, 1u, 512u, 1023u, 1025u, 3072u, 65'537u, 70'000u, 67'108'865u, 0xFFFFFFFFu}) {
    EXPECT_FALSE(is_padded_length(bad)) << bad;
  }
}

TEST(Chunks, CountsAndSizes) {
  EXPECT_EQ(chunk_count(1024), 1u);
  EXPECT_EQ(chunk_count(262'144), 1u);
  EXPECT_EQ(chunk_count(270'336), 2u);
  EXPECT_EQ(sealed_chunk_size(1024, 0), 1040u);
  EXPECT_EQ(sealed_chunk_size(270'336, 0), kSealedChunkBytes);
  EXPECT_EQ(sealed_chunk_size(270'336, 1), 270'336u - 262'144u + 16);
}

TEST(Chunks, TheRootIsOfTheirLeafHashes) {
  const std::vector<base::Bytes> chunks = {base::Bytes(5, 1), base::Bytes(6, 2)};
  EXPECT_EQ(ciphertext_root(chunks), core::node_hash(core::leaf_hash(chunks[0]), core::leaf_hash(chunks[1])));
}

TEST(Chunks, MissingResizedAndChangedOnesAreRefused) {
  const std::vector<base::Bytes> whole = {base::Bytes(kSealedChunkBytes, 1), base::Bytes(8192 + 16, 2)};
  const auto root = ciphertext_root(whole);
  EXPECT_TRUE(check_chunks(270'336, root, whole));
  auto swapped = whole;
  std::swap(swapped[0], swapped[1]);
  auto changed = whole;
  changed[1][0] ^= 1;
  EXPECT_FALSE(check_chunks(270'336, root, swapped));
  EXPECT_EQ(check_chunks(270'336, root, changed).error().kind, base::ErrorKind::bad_signature);
  EXPECT_FALSE(check_chunks(270'336, root, std::span(whole).first(1)));
  EXPECT_FALSE(check_chunks(1024, root, whole));
}

}  // namespace
}  // namespace besa::wire
