// SIGTERM, SIGINT and SIGHUP as a readable descriptor, so that a daemon stops and reads its configuration again between
// two steps of its own choosing. SIGPIPE is ignored: a closed peer is an error code.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace besa::program {

class StopSignal {
 public:
  // Call first thing in main, before any thread exists: the signals are blocked in this thread and all it starts.
  [[nodiscard]] static base::Result<StopSignal> install();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;
  StopSignal(StopSignal&& other) noexcept;
  StopSignal& operator=(StopSignal&&) = delete;

  // Readable once a signal has come.
  int fd() const { return fd_; }
  // True once a stop was asked for; waits up to `timeout_ms` for it, or for a SIGHUP. Stays true.
  bool wait(std::uint32_t timeout_ms);
  // Whether a SIGHUP came since the last call.
  bool take_reload();
  // From now on SIGTERM and SIGINT end the process at once, also while it is stopping: what is on the disk is whole at
  // any moment. Call it after the first one, in the thread that called `install`.
  void let_next_end() const;

 private:
  explicit StopSignal(int fd) : fd_(fd) {}
  int fd_ = -1;
  bool stopped_ = false;
  bool reload_ = false;
};

}  // namespace besa::program
