// Log lines. A line is an event name and fields, and a field holds only ids, numbers and codes of our own: text from
// outside (names, addresses, what a peer sent) has no type here, so it cannot be logged by accident.
//
//   log.info("statement_accepted", {{"member", id}, {"sequence", seq}, {"reason", core::Reason::ok}});
//   -> event=statement_accepted member=0f… sequence=12 reason=ok
//
// To stderr, or to the journal (fields BESA_EVENT, BESA_MEMBER, …). Control characters are escaped and values cut at
// kLogValueBytes anyway. No global logger: the program makes one and hands it in. Thread-safe.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace besa::program {

enum class LogLevel { debug, info, warning, error };
std::string_view to_string(LogLevel level);

inline constexpr std::size_t kLogValueBytes = 512;
inline constexpr std::size_t kLogFields = 16;

// Text that stands in our source code.
class Literal {
 public:
  consteval Literal(const char* text) : text_(text) {}  // NOLINT(google-explicit-constructor): the point of it
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

// Text that the administrator or this program wrote: a path, an endpoint, an error at start. Never anything that came
// through a socket. The name is long so that a reviewer sees it.
struct OwnText {
  explicit OwnText(std::string_view own) : text(own) {}
  std::string text;
};

// An enum whose codes `to_string` names.
template <class E>
concept NamedEnum = std::is_enum_v<E> && requires(E e) {
  { to_string(e) } -> std::convertible_to<std::string_view>;
};

class Field {
 public:
  template <std::integral T>
  Field(Literal key, T value) : key_(key.text()), value_(number(value)) {}
  template <class Tag, std::size_t N>
  Field(Literal key, const base::FixedBytes<Tag, N>& id) : key_(key.text()), value_(base::to_hex(id.view())) {}
  template <class Tag>
  Field(Literal key, base::StrongU64<Tag> value) : Field(key, value.value) {}
  Field(Literal key, base::Timestamp time) : Field(key, time.ms) {}
  Field(Literal key, base::Duration length) : Field(key, length.ms) {}
  Field(Literal key, Literal value) : key_(key.text()), value_(value.text()) {}
  template <NamedEnum E>
  Field(Literal key, E code) : key_(key.text()), value_(to_string(code)) {}
  Field(Literal key, const OwnText& own) : key_(key.text()), value_(own.text) {}
  // Only the kind of an error: its message may quote what a peer sent.
  Field(Literal key, const base::Error& error) : Field(key, error.kind) {}

  std::string_view key() const { return key_; }
  const std::string& value() const { return value_; }

 private:
  template <std::integral T>
  static std::string number(T value) {
    if constexpr (std::is_same_v<T, bool>)
      return value ? "true" : "false";
    else
      return std::to_string(value);
  }
  std::string_view key_;
  std::string value_;
};

enum class LogTarget { automatic, standard_error, journal };
// "auto", "stderr", "journal", as configurations say it.
[[nodiscard]] base::Result<LogTarget> parse_log_target(std::string_view text);
[[nodiscard]] base::Result<LogLevel> parse_log_level(std::string_view text);

class Logger {
 public:
  // automatic: the journal if stderr is connected to it (JOURNAL_STREAM), otherwise stderr with a UTC time in front.
  Logger(std::string program, LogTarget target, LogLevel least);
  // For tests: each line goes to the function, without the time.
  Logger(LogLevel least, std::function<void(LogLevel, std::string_view)> lines);
  ~Logger();
  Logger(Logger&&) noexcept;
  Logger& operator=(Logger&&) noexcept;

  // From now on; any thread.
  void set_least(LogLevel least);

  void log(LogLevel level, Literal event, std::initializer_list<Field> fields = {}) const;
  void debug(Literal event, std::initializer_list<Field> fields = {}) const { log(LogLevel::debug, event, fields); }
  void info(Literal event, std::initializer_list<Field> fields = {}) const { log(LogLevel::info, event, fields); }
  void warning(Literal event, std::initializer_list<Field> fields = {}) const { log(LogLevel::warning, event, fields); }
  void error(Literal event, std::initializer_list<Field> fields = {}) const { log(LogLevel::error, event, fields); }

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// Control characters (and what could pass for one in a terminal) as \xNN, quotes and backslash escaped, cut at
// kLogValueBytes with "..." behind. For a value with a space or '=', quotes stand around it.
std::string escape_log_value(std::string_view value);

}  // namespace besa::program
