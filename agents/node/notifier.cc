#include "agents/node/notifier.h"

#include <algorithm>
#include <chrono>

#include "base/check.h"
#include "program/child.h"

namespace besa::node {
namespace {

using std::chrono::milliseconds;

}  // namespace

std::string_view to_string(Attention attention) {
  switch (attention) {
    case Attention::message: return "message";
    case Attention::answer: return "answer";
    case Attention::alarm: return "alarm";
    case Attention::overdue: return "overdue";
  }
  BESA_CHECK(false);
}

Notifier::Notifier(NotifierOptions options, const program::Logger& log) : options_(std::move(options)), log_(log) {
  if (!options_.command.empty()) thread_ = std::thread([this] { loop(); });
}

Notifier::~Notifier() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Notifier::tell(Attention attention) {
  if (options_.command.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    ++waiting_[static_cast<std::size_t>(attention)];
  }
  changed_.notify_all();
}

bool Notifier::stopping() {
  const std::lock_guard lock(mutex_);
  return stop_;
}

bool Notifier::next(Counts& out) {
  std::unique_lock lock(mutex_);
  const auto something = [this] {
    return std::any_of(waiting_.begin(), waiting_.end(), [](std::uint64_t n) { return n != 0; });
  };
  changed_.wait(lock, [&] { return stop_ || something(); });
  changed_.wait_for(lock, milliseconds(options_.gather_ms), [this] { return stop_; });
  out = waiting_;
  waiting_ = {};
  return !stop_;
}

void Notifier::loop() {
  Counts counts{};
  while (next(counts)) {
    for (std::size_t i = 0; i < kAttentions && !stopping(); ++i) {
      if (counts[i] != 0) run(static_cast<Attention>(i), counts[i]);
    }
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, milliseconds(options_.every.ms), [this] { return stop_; });
  }
}

void Notifier::run(Attention attention, std::uint64_t count) {
  const std::string word(to_string(attention));
  program::ChildCommand child;
  child.command = options_.command;
  child.command.push_back(word);
  child.command.push_back(std::to_string(count));
  child.environment = {"BESA_KIND=" + word, "BESA_COUNT=" + std::to_string(count)};
  child.timeout_ms = options_.timeout_ms;
  const program::ChildEnd end = program::run_child(child, [this] { return stopping(); });
  if (end == program::ChildEnd::succeeded || end == program::ChildEnd::cancelled) {
    log_.debug("notify_command", {{"kind", attention}, {"count", count}, {"end", end}});
  } else {
    log_.warning("notify_command_failed",
                 {{"kind", attention}, {"end", end}, {"do", "run the command by hand as the node's user"}});
  }
}

}  // namespace besa::node
