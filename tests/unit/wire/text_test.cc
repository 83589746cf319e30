#include "wire/text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace besa::wire {
namespace {

struct Case {
  TextKind kind;
  std::string text;
  bool fine;
};

void expect(const std::vector<Case>& cases) {
  for (const auto& c : cases) {
    EXPECT_EQ(text_fault(c.kind, c.text).empty(), c.fine) << c.text << ": " << text_fault(c.kind, c.text);
  }
}

TEST(Text, UnicodeIsStrict) {
  const auto line = TextKind::line;
  expect({
      {line, "Drit\xC3\xAB Hoxha", true},                     // composed: NFC
      {line, "Drite\xCC\x88 Hoxha", false},                   // decomposed: NFD
      {line, "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", false},  // Hangul jamo instead of a syllable
      {line, "\xE2\x84\xAB", false},                          // angstrom sign: NFC has another letter
      {line, "\xD9\x85\xDB\x8C\xE2\x80\x8C\xD8\xAE\xD9\x88\xD8\xA7\xD9\x87\xD9\x85", true},  // Persian with ZWNJ
      {line, "\xE6\x9D\x8E", true},
      {line, "\xF0\x9F\x99\x82", true},
      {line, "\xC0\xAF", false},          // overlong '/'
      {line, "\xE0\x80\xAF", false},      // overlong, three bytes
      {line, "\xF0\x80\x80\xAF", false},  // overlong, four bytes
      {line, "\xED\xA0\x80", false},      // surrogate
      {line, "\xED\xBF\xBF", false},      // surrogate
      {line, "\xF4\x90\x80\x80", false},  // past U+10FFFF
      {line, "\xFF", false},
      {line, "\x80", false},      // a continuation alone
      {line, "\xC3", false},      // cut
      {line, "\xE2\x82", false},  // cut
      {line, std::string("a\0b", 3), false},
      {line, "a\x01", false},
      {line, "a\x1B[31m", false},  // terminal escape
      {line, "a\x7F", false},
      {line, "a\xC2\x85", false},      // C1 control
      {line, "a\xE2\x80\xAE", false},  // right-to-left override
      {line, "a\xE2\x81\xA6", false},  // isolate
      {line, "a\xE2\x80\x8F", false},  // right-to-left mark
      {line, "a\xE2\x80\x8B", false},  // zero-width space
      {line,
       "\xEF\xBB\xBF"
       "a",
       false},                         // byte order mark
      {line, "a\xE2\x80\xA8", false},  // line separator
      {line, "\xEF\xB7\x90", false},   // non-character
      {line, "\xEF\xBF\xBF", false},   // non-character
      {line, "\xEE\x80\x80", false},   // private use
      {line, "\xCD\xB8", false},       // unassigned
      {line, "two\nlines", false},
      {TextKind::paragraph, "two\nlines\tand a tab", true},
      {TextKind::paragraph, "two\r\nlines", false},
      {line, std::string(256, 'a'), true},
      {line, std::string(257, 'a'), false},
      {TextKind::paragraph, std::string(16 * 1024, 'a'), true},
      {TextKind::paragraph, std::string(16 * 1024 + 1, 'a'), false},
  });
}

TEST(Text, DatesAreOfTheCalendar) {
  const auto date = TextKind::date;
  expect({{date, "", true},
          {date, "1998", true},
          {date, "1998-04", true},
          {date, "1998-04-17", true},
          {date, "2024-02-29", true},
          {date, "2023-02-29", false},
          {date, "1900-02-29", false},
          {date, "2000-02-29", true},
          {date, "1998-13", false},
          {date, "1998-00", false},
          {date, "1998-04-31", false},
          {date, "1998-04-00", false},
          {date, "98", false},
          {date, "1998-4", false},
          {date, "1998/04/17", false},
          {date, "1899", false},
          {date, "2200", false},
          {date, "17.04.1998", false},
          {date, "1998-04-1x", false}});
}

TEST(Text, CodesAndNumbersHaveTheirForm) {
  expect({{TextKind::phone, "+355691234567", true},
          {TextKind::phone, "0691234567", false},
          {TextKind::phone, "+0123456789", false},
          {TextKind::phone, "+35569", false},
          {TextKind::phone, "+1234567890123456", false},
          {TextKind::phone, "+355 69 1234567", false},
          {TextKind::country, "AL", true},
          {TextKind::country, "al", false},
          {TextKind::country, "ALB", false},
          {TextKind::language, "sq", true},
          {TextKind::language, "sqi", true},
          {TextKind::language, "SQ", false},
          {TextKind::currency, "EUR", true},
          {TextKind::currency, "eur", false},
          {TextKind::time, "18:30", true},
          {TextKind::time, "24:00", false},
          {TextKind::time, "1830", false},
          {TextKind::email, "a@b.example", true},
          {TextKind::email, "a@b@c", false},
          {TextKind::email, "@b", false},
          {TextKind::name, "nrm.example-1", true},
          {TextKind::name, "nrm example", false},
          {TextKind::name, std::string(65, 'a'), false},
          {TextKind::ascii, "rule 1", true},
          {TextKind::ascii, "r\xC3\xABgull", false},
          {TextKind::media, "application/pdf", true},
          {TextKind::media, "application", false},
          {TextKind::media, "a/b/c", false}});
}

TEST(Text, KindsHaveTheirNames) {
  EXPECT_EQ(parse_text_kind("long"), TextKind::paragraph);
  EXPECT_FALSE(parse_text_kind("paragraph"));
}

}  // namespace
}  // namespace besa::wire
