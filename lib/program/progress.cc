#include "program/progress.h"

#include <unistd.h>

#include <chrono>

namespace besa::program {
namespace {

constexpr std::uint64_t kEveryMs = 100;

std::uint64_t steady_ms() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
}

}  // namespace

Progress::Progress(std::string what, std::uint64_t total)
    : Progress(std::move(what), total, stderr, ::isatty(STDERR_FILENO) == 1) {}

Progress::Progress(std::string what, std::uint64_t total, std::FILE* out, bool terminal)
    : what_(std::move(what)), total_(total), out_(out), terminal_(terminal) {}

Progress::~Progress() {
  if (!shown_) return;
  std::fputs("\r\x1b[K", out_);
  std::fflush(out_);
}

void Progress::at(std::uint64_t done) {
  if (!terminal_) return;
  const std::uint64_t now = steady_ms();
  if (shown_ && now - last_ms_ < kEveryMs) return;
  last_ms_ = now;
  shown_ = true;
  const auto of = static_cast<unsigned long long>(total_);
  const auto n = static_cast<unsigned long long>(done);
  if (total_ == 0) {
    std::fprintf(out_, "\r\x1b[K%s: %llu", what_.c_str(), n);
  } else {
    const auto percent = static_cast<unsigned>(100.0 * static_cast<double>(done) / static_cast<double>(total_));
    std::fprintf(out_, "\r\x1b[K%s: %llu of %llu (%u %%)", what_.c_str(), n, of, percent);
  }
  std::fflush(out_);
}

}  // namespace besa::program
