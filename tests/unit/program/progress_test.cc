#include "program/progress.h"

#include <gtest/gtest.h>

namespace besa::program {
namespace {

std::string shown(bool terminal, std::uint64_t total) {
  std::FILE* out = std::tmpfile();
  {
    Progress progress("checking", total, out, terminal);
    progress.at(5);
    progress.at(6);  // too soon after the first
  }
  std::string text(static_cast<std::size_t>(std::ftell(out)), '\0');
  std::rewind(out);
  EXPECT_EQ(std::fread(text.data(), 1, text.size(), out), text.size());
  std::fclose(out);
  return text;
}

TEST(Progress, IsSilentWithoutATerminal) { EXPECT_EQ(shown(false, 10), ""); }
TEST(Progress, ShowsAndRemovesItsLine) { EXPECT_EQ(shown(true, 20), "\r\x1b[Kchecking: 5 of 20 (25 %)\r\x1b[K"); }
TEST(Progress, WithoutATotal) { EXPECT_EQ(shown(true, 0), "\r\x1b[Kchecking: 5\r\x1b[K"); }

}  // namespace
}  // namespace besa::program
