#include "core/pae.h"

#include <gtest/gtest.h>

namespace besa::core {
namespace {

std::string encode(std::string_view type, std::string_view body) {
  return std::string(base::as_text(pae(type, base::as_bytes(body))));
}

TEST(Pae, EmptyParts) { EXPECT_EQ(encode("", ""), "DSSEv1 0  0 "); }

TEST(Pae, LengthsCountBytes) { EXPECT_EQ(encode("\xC3\xAB", "0123456789"), "DSSEv1 2 \xC3\xAB 10 0123456789"); }

TEST(Pae, APieceMovedFromTypeToBodyGivesOtherBytes) { EXPECT_NE(encode("a b", "c"), encode("a", "b c")); }

}  // namespace
}  // namespace besa::core
