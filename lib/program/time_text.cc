#include "program/time_text.h"

#include <date/date.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <optional>

namespace besa::program {
namespace {

using std::chrono::milliseconds;
using Moment = date::sys_time<milliseconds>;

constexpr std::uint64_t kLastMs = 253'402'300'799'999;  // 9999-12-31T23:59:59.999Z

bool digit(char c) { return c >= '0' && c <= '9'; }

// Takes `count` digits off the front.
std::optional<unsigned> take_number(std::string_view& text, std::size_t count) {
  if (text.size() < count || !std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(count), digit)) {
    return std::nullopt;
  }
  unsigned value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value * 10 + static_cast<unsigned>(text[i] - '0');
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<milliseconds> take_fraction(std::string_view& text) {
  if (!take(text, '.')) return milliseconds{0};
  std::size_t digits = 0;
  while (digits < text.size() && digit(text[digits])) ++digits;
  if (digits == 0 || digits > 3) return std::nullopt;
  unsigned value = *take_number(text, digits);
  for (std::size_t i = digits; i < 3; ++i) value *= 10;
  return milliseconds{value};
}

// "Z", "+02:00": to be taken off the local time.
std::optional<std::chrono::minutes> take_offset(std::string_view& text) {
  if (take(text, 'Z')) return std::chrono::minutes{0};
  const bool east = !text.empty() && text.front() == '+';
  if (!take(text, '+') && !take(text, '-')) return std::nullopt;
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  const int total = static_cast<int>(*hour * 60 + *minute);
  return std::chrono::minutes{east ? total : -total};
}

std::optional<date::sys_days> take_date(std::string_view& text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day) return std::nullopt;
  const auto ymd = date::year{static_cast<int>(*year)} / date::month{*month} / date::day{*day};
  if (!ymd.ok()) return std::nullopt;
  return date::sys_days{ymd};
}

std::optional<milliseconds> take_clock(std::string_view& text) {
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59 || !take(text, ':')) return std::nullopt;
  const auto second = take_number(text, 2);
  if (!second || *second > 59) return std::nullopt;
  return std::chrono::hours{*hour} + std::chrono::minutes{*minute} + std::chrono::seconds{*second};
}

std::optional<Moment> parse_moment(std::string_view text) {
  const auto day = take_date(text);
  if (!day || !take(text, 'T')) return std::nullopt;
  const auto clock = take_clock(text);
  if (!clock) return std::nullopt;
  const auto fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  return *day + *clock + *fraction - *offset;
}

}  // namespace

std::string format_time(base::Timestamp time) {
  const Moment moment{milliseconds{std::min(time.ms, kLastMs)}};
  const auto day = date::floor<date::days>(moment);
  const date::year_month_day ymd{day};
  const date::hh_mm_ss clock{moment - day};
  char text[40];
  int used = std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(ymd.year()),
                           static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()),
                           static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                           static_cast<int>(clock.seconds().count()));
  std::string out(text, static_cast<std::size_t>(used));
  if (clock.subseconds().count() != 0) {
    used = std::snprintf(text, sizeof text, ".%03d", static_cast<int>(clock.subseconds().count()));
    out.append(text, static_cast<std::size_t>(used));
  }
  return out + "Z";
}

std::string against_clock(std::string_view what, base::Timestamp time, base::Timestamp now) {
  return std::string(what) + " " + format_time(time) + ", and the clock of this computer says " + format_time(now) +
         ": look at the clock first";
}

base::Result<base::Timestamp> parse_time(std::string_view text) {
  const auto moment = parse_moment(text);
  const auto ms = moment ? moment->time_since_epoch().count() : -1;
  if (ms < 0 || static_cast<std::uint64_t>(ms) > kLastMs) {
    return base::fail(base::ErrorKind::malformed, "not a time like 2025-03-01T08:30:00Z");
  }
  return base::Timestamp{static_cast<std::uint64_t>(ms)};
}

base::Result<base::Duration> parse_duration(std::string_view text) {
  std::size_t digits = 0;
  while (digits < text.size() && digit(text[digits])) ++digits;
  const std::string_view unit = text.substr(digits);
  const std::uint64_t factor = unit == "ms"  ? 1
                               : unit == "s" ? 1'000
                               : unit == "m" ? 60'000
                               : unit == "h" ? 3'600'000
                               : unit == "d" ? 86'400'000
                                             : 0;
  if (digits == 0 || digits > 9 || factor == 0) {
    return base::fail(base::ErrorKind::malformed, "not a length of time like 10s, 30m, 12h or 90d");
  }
  std::string_view number = text;
  return base::Duration{std::uint64_t{*take_number(number, digits)} * factor};
}

}  // namespace besa::program
