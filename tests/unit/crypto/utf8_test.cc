#include "base/utf8.h"

#include <gtest/gtest.h>

namespace besa::base {
namespace {

TEST(Utf8, AcceptsEveryLength) {
  for (const char* const text : {"", "a", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
                                 "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
  EXPECT_TRUE(is_utf8(std::string_view("\0", 1)));
}

TEST(Utf8, RefusesEverythingElse) {
  const char* const refused[] = {
      "\x80",
      "\xBF",
      "\xC0\x80",
      "\xC1\xBF",  // no lead, overlong
      "\xE0\x9F\xBF",
      "\xF0\x8F\xBF\xBF",  // overlong
      "\xED\xA0\x80",
      "\xED\xBF\xBF",  // surrogates
      "\xF4\x90\x80\x80",
      "\xF8\x88\x80\x80\x80",
      "\xFE",
      "\xFF",  // too large
      "\xC3",
      "\xE2\x80",
      "\xF0\x9F\x98",
      "\xC3(",
      "\xE2\x28\xA1",  // cut off or broken
  };
  for (const char* const text : refused) EXPECT_FALSE(is_utf8(text)) << text;
}

TEST(Utf8, TakesOneAtATime) {
  std::string_view rest = "a\xE2\x80\x94\xFF";
  EXPECT_EQ(take_code_point(rest), U'a');
  EXPECT_EQ(take_code_point(rest), char32_t{0x2014});
  EXPECT_FALSE(take_code_point(rest).has_value());
  EXPECT_EQ(rest, "\xFF");
}

}  // namespace
}  // namespace besa::base
