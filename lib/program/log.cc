#include "program/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <sys/stat.h>
#include <sys/syslog.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>

#include "base/check.h"
#include "program/nearest.h"

namespace besa::program {
namespace {

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warning: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
  }
  BESA_CHECK(false);
}

int syslog_priority(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return LOG_DEBUG;
    case LogLevel::info: return LOG_INFO;
    case LogLevel::warning: return LOG_WARNING;
    case LogLevel::error: return LOG_ERR;
  }
  BESA_CHECK(false);
}

// systemd names the device and inode of stderr when it is the journal: systemd.exec(5), JOURNAL_STREAM.
bool stderr_is_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat about{};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &about) != 0) return false;
  return std::to_string(about.st_dev) + ":" + std::to_string(about.st_ino) == stream;
}

std::string journal_name(std::string_view key) {
  std::string name = "BESA_";
  for (const char c : key) {
    if (c >= 'a' && c <= 'z') {
      name += static_cast<char>(c - 'a' + 'A');
    } else {
      name += (c >= '0' && c <= '9') ? c : '_';
    }
  }
  return name;
}

std::string line_of(std::string_view event, std::initializer_list<Field> fields) {
  std::string line = "event=" + escape_log_value(event);
  std::size_t count = 0;
  for (const Field& field : fields) {
    if (++count > kLogFields) break;
    line += " " + std::string{field.key()} + "=" + escape_log_value(field.value());
  }
  return line;
}

void to_journal(const std::string& program, LogLevel level, std::string_view event, const std::string& line,
                std::initializer_list<Field> fields) {
  std::vector<std::string> items{"MESSAGE=" + line, "PRIORITY=" + std::to_string(syslog_priority(level)),
                                 "SYSLOG_IDENTIFIER=" + program, "BESA_EVENT=" + escape_log_value(event)};
  for (const Field& field : fields) {
    if (items.size() >= kLogFields + 4) break;
    items.push_back(journal_name(field.key()) + "=" + escape_log_value(field.value()));
  }
  std::vector<iovec> parts;
  parts.reserve(items.size());
  for (std::string& item : items) parts.push_back({item.data(), item.size()});
  // A journal that takes nothing must not stop the program.
  static_cast<void>(::sd_journal_sendv(parts.data(), static_cast<int>(parts.size())));
}

}  // namespace

std::string_view to_string(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warning: return "warning";
    case LogLevel::error: return "error";
  }
  BESA_CHECK(false);
}

std::string escape_log_value(std::string_view value) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  bool quotes = value.empty();
  for (const char c : value.substr(0, kLogValueBytes)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f) {
      out += "\\x";
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    } else {
      quotes = quotes || c == ' ' || c == '=' || c == '"';
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  if (value.size() > kLogValueBytes) out += "...";
  return quotes ? '"' + out + '"' : out;
}

base::Result<LogTarget> parse_log_target(std::string_view text) {
  if (text == "auto") return LogTarget::automatic;
  if (text == "stderr") return LogTarget::standard_error;
  if (text == "journal") return LogTarget::journal;
  return base::fail(base::ErrorKind::configuration,
                    "the log goes to auto, stderr or journal" + did_you_mean(text, {"auto", "stderr", "journal"}));
}

base::Result<LogLevel> parse_log_level(std::string_view text) {
  std::vector<std::string> names;
  for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
    if (text == to_string(level)) return level;
    names.emplace_back(to_string(level));
  }
  return base::fail(base::ErrorKind::configuration,
                    "log levels are debug, info, warning, error" + did_you_mean(text, names));
}

struct Logger::Parts {
  std::string program;
  std::atomic<LogLevel> least{LogLevel::info};
  bool journal = false;
  std::shared_ptr<spdlog::logger> stderr_logger;
  std::function<void(LogLevel, std::string_view)> lines;
};

Logger::Logger(std::string program, LogTarget target, LogLevel least) : parts_(std::make_unique<Parts>()) {
  parts_->program = std::move(program);
  parts_->least = least;
  parts_->journal = target == LogTarget::journal || (target == LogTarget::automatic && stderr_is_journal());
  if (parts_->journal) return;
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  sink->set_formatter(
      std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%eZ %l %n: %v", spdlog::pattern_time_type::utc));
  parts_->stderr_logger = std::make_shared<spdlog::logger>(parts_->program, std::move(sink));
  parts_->stderr_logger->set_level(spdlog::level::debug);  // what is least is asked before
  parts_->stderr_logger->flush_on(spdlog::level::debug);
}

Logger::Logger(LogLevel least, std::function<void(LogLevel, std::string_view)> lines)
    : parts_(std::make_unique<Parts>()) {
  parts_->least = least;
  parts_->lines = std::move(lines);
}

Logger::~Logger() = default;
Logger::Logger(Logger&&) noexcept = default;
Logger& Logger::operator=(Logger&&) noexcept = default;

void Logger::set_least(LogLevel least) { parts_->least = least; }

void Logger::log(LogLevel level, Literal event, std::initializer_list<Field> fields) const {
  if (level < parts_->least) return;
  const std::string line = line_of(event.text(), fields);
  if (parts_->lines) {
    parts_->lines(level, line);
  } else if (parts_->journal) {
    to_journal(parts_->program, level, event.text(), line, fields);
  } else {
    // As a value, not as a format: braces in it mean nothing.
    parts_->stderr_logger->log(spdlog_level(level), std::string_view{line});
  }
}

}  // namespace besa::program
