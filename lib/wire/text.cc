#include "wire/text.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

namespace besa::wire {
namespace {

constexpr std::size_t kLineBytes = 256;
constexpr std::size_t kParagraphBytes = 16 * 1024;
constexpr std::size_t kEmailBytes = 254;
constexpr std::size_t kNameBytes = 64;

constexpr std::array<std::pair<std::string_view, TextKind>, 13> kKinds = {{
    {"line", TextKind::line},
    {"long", TextKind::paragraph},
    {"ascii", TextKind::ascii},
    {"note", TextKind::note},
    {"date", TextKind::date},
    {"time", TextKind::time},
    {"phone", TextKind::phone},
    {"email", TextKind::email},
    {"country", TextKind::country},
    {"language", TextKind::language},
    {"currency", TextKind::currency},
    {"name", TextKind::name},
    {"media", TextKind::media},
}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
bool is_small(char c) { return c >= 'a' && c <= 'z'; }
bool is_alnum(char c) { return is_digit(c) || is_capital(c) || is_small(c); }
bool is_visible(char c) { return c > 0x20 && c < 0x7F; }

template <class Predicate>
bool all_of(std::string_view text, Predicate predicate) {
  return std::all_of(text.begin(), text.end(), predicate);
}

// Needed to write Persian and Indic words; every other format character changes what a reader sees.
constexpr utf8proc_int32_t kZeroWidthNonJoiner = 0x200C;
constexpr utf8proc_int32_t kZeroWidthJoiner = 0x200D;

constexpr std::array<std::pair<utf8proc_category_t, std::string_view>, 7> kRefusedCategories = {{
    {UTF8PROC_CATEGORY_CC, "holds a control character"},
    {UTF8PROC_CATEGORY_CF, "holds an invisible or direction control"},
    {UTF8PROC_CATEGORY_CS, "holds a surrogate"},
    {UTF8PROC_CATEGORY_CO, "holds a private-use character"},
    {UTF8PROC_CATEGORY_CN, "holds an unassigned character"},
    {UTF8PROC_CATEGORY_ZL, "holds a line separator"},
    {UTF8PROC_CATEGORY_ZP, "holds a line separator"},
}};

bool is_break(utf8proc_int32_t c) { return c == '\n' || c == '\t'; }

std::string_view code_point_fault(utf8proc_int32_t c, bool breaks) {
  if (c == 0) return "holds a NUL";
  if (is_break(c)) return breaks ? "" : "holds a line break or tab";
  if (c >= 0xFDD0 && c <= 0xFDEF) return "holds a non-character";
  if ((c & 0xFFFE) == 0xFFFE) return "holds a non-character";
  if (c == kZeroWidthNonJoiner || c == kZeroWidthJoiner) return "";
  const auto category = utf8proc_category(c);
  for (const auto& [refused, fault] : kRefusedCategories) {
    if (refused == category) return fault;
  }
  return "";
}

bool is_nfc(std::string_view text) {
  utf8proc_uint8_t* raw = nullptr;
  const auto size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                   &raw, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> composed(raw, &std::free);
  return size >= 0 && static_cast<std::size_t>(size) == text.size() &&
         std::memcmp(composed.get(), text.data(), text.size()) == 0;
}

// The strict reading of UTF-8: utf8proc refuses overlong forms, surrogates and numbers past U+10FFFF.
std::string_view unicode_fault(std::string_view text, bool breaks) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  bool ascii = true;
  while (left > 0) {
    utf8proc_int32_t code_point = 0;
    const auto used = utf8proc_iterate(bytes, left, &code_point);
    if (used <= 0) return "is not valid UTF-8";
    ascii = ascii && code_point < 0x80;
    if (const auto fault = code_point_fault(code_point, breaks); !fault.empty()) return fault;
    bytes += used;
    left -= used;
  }
  if (!ascii && !is_nfc(text)) return "is not in normal form C";
  return "";
}

int number(std::string_view digits) {
  int out = 0;
  for (const char c : digits) out = out * 10 + (c - '0');
  return out;
}

bool is_date(std::string_view text) {
  if (text.size() != 4 && text.size() != 7 && text.size() != 10) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 4 || i == 7;
    if (dash ? text[i] != '-' : !is_digit(text[i])) return false;
  }
  const int year = number(text.substr(0, 4));
  if (year < 1900 || year > 2199) return false;
  if (text.size() == 4) return true;
  const int month = number(text.substr(5, 2));
  if (month < 1 || month > 12) return false;
  if (text.size() == 7) return true;
  static constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  const int day = number(text.substr(8, 2));
  return day >= 1 && day <= kDays[static_cast<std::size_t>(month - 1)] + (leap && month == 2 ? 1 : 0);
}

bool is_time(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return false;
  const auto hour = text.substr(0, 2);
  const auto minute = text.substr(3, 2);
  return all_of(hour, is_digit) && all_of(minute, is_digit) && number(hour) < 24 && number(minute) < 60;
}

bool is_phone(std::string_view text) {
  return text.size() >= 8 && text.size() <= 16 && text[0] == '+' && text[1] != '0' && all_of(text.substr(1), is_digit);
}

bool is_email(std::string_view text) {
  const auto at = text.find('@');
  return text.size() <= kEmailBytes && all_of(text, is_visible) && at != std::string_view::npos && at > 0 &&
         at + 1 < text.size() && text.find('@', at + 1) == std::string_view::npos;
}

bool is_media_type(std::string_view text) {
  const auto slash = text.find('/');
  const auto fine = [](char c) { return is_alnum(c) || c == '.' || c == '-' || c == '+'; };
  return text.size() <= 127 && slash != std::string_view::npos && slash > 0 && slash + 1 < text.size() &&
         all_of(text.substr(0, slash), fine) && all_of(text.substr(slash + 1), fine);
}

std::string_view sized_fault(std::string_view text, std::size_t most, bool breaks) {
  return text.size() > most ? "is too long" : unicode_fault(text, breaks);
}

}  // namespace

std::optional<TextKind> parse_text_kind(std::string_view attribute) {
  for (const auto& [name, kind] : kKinds) {
    if (name == attribute) return kind;
  }
  return std::nullopt;
}

std::string_view text_fault(TextKind kind, std::string_view text) {
  if (text.empty()) return "";
  switch (kind) {
    case TextKind::line: return sized_fault(text, kLineBytes, false);
    case TextKind::paragraph:
    case TextKind::note: return sized_fault(text, kParagraphBytes, true);
    case TextKind::ascii:
      if (text.size() > kLineBytes) return "is too long";
      return all_of(text, [](char c) { return c == ' ' || is_visible(c); }) ? "" : "is not visible ASCII";
    case TextKind::date: return is_date(text) ? "" : "is not a calendar date (YYYY, YYYY-MM or YYYY-MM-DD)";
    case TextKind::time: return is_time(text) ? "" : "is not a time of day (HH:MM)";
    case TextKind::phone: return is_phone(text) ? "" : "is not an E.164 number (+ and 7 to 15 digits)";
    case TextKind::email: return is_email(text) ? "" : "is not an e-mail address";
    case TextKind::country:
      return text.size() == 2 && all_of(text, is_capital) ? "" : "is not an ISO 3166 code (two capitals)";
    case TextKind::language:
      return (text.size() == 2 || text.size() == 3) && all_of(text, is_small)
                 ? ""
                 : "is not an ISO 639 code (two or three small letters)";
    case TextKind::currency:
      return text.size() == 3 && all_of(text, is_capital) ? "" : "is not an ISO 4217 code (three capitals)";
    case TextKind::name:
      return text.size() <= kNameBytes && all_of(text, [](char c) { return is_alnum(c) || c == '.' || c == '-'; })
                 ? ""
                 : "may only hold letters, digits, '.' and '-', at most 64";
    case TextKind::media: return is_media_type(text) ? "" : "is not a media type";
  }
  return "is of an unknown kind";
}

}  // namespace besa::wire
