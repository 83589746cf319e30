// Calls a person: runs the agency's own command when something new needs one. The command learns a word (message,
// answer, alarm, overdue) and how many, and nothing of what, who or whom. A thread of its own runs it, so that nothing
// here ever waits for it; what comes while it runs, or too soon after, is told together.
#pragma once

#include <array>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/ids.h"
#include "program/log.h"

namespace besa::node {

enum class Attention : std::uint8_t { message, answer, alarm, overdue };
inline constexpr std::size_t kAttentions = 4;
std::string_view to_string(Attention attention);

struct NotifierOptions {
  std::vector<std::string> command;  // empty: nothing is ever run
  base::Duration every = base::minutes(1);
  std::uint32_t gather_ms = 1'000;  // what comes in a row is told at once
  std::uint32_t timeout_ms = 30'000;
};

class Notifier {
 public:
  // The log outlives it.
  Notifier(NotifierOptions options, const program::Logger& log);
  // Kills a command that still runs. What was not told yet stands in the inbox and among the alarms.
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  // Any thread; never waits.
  void tell(Attention attention);

 private:
  using Counts = std::array<std::uint64_t, kAttentions>;
  void loop();
  // Waits for something to tell whose time has come. Nothing: the end.
  bool next(Counts& out);
  void run(Attention attention, std::uint64_t count);
  bool stopping();

  const NotifierOptions options_;
  const program::Logger& log_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Counts waiting_{};
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace besa::node
