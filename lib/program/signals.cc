#include "program/signals.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace besa::program {

base::Result<StopSignal> StopSignal::install() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  struct sigaction ignore{};
  ignore.sa_handler = SIG_IGN;
  const bool ok = pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0 && sigaction(SIGPIPE, &ignore, nullptr) == 0;
  const int fd = ok ? ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK) : -1;
  if (fd < 0) return base::fail(base::ErrorKind::io, std::string{"cannot watch signals: "} + std::strerror(errno));
  return StopSignal(fd);
}

StopSignal::~StopSignal() {
  if (fd_ >= 0) ::close(fd_);
}

StopSignal::StopSignal(StopSignal&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), stopped_(other.stopped_), reload_(other.reload_) {}

bool StopSignal::wait(std::uint32_t timeout_ms) {
  if (stopped_) return true;
  pollfd item{fd_, POLLIN, 0};
  if (::poll(&item, 1, static_cast<int>(timeout_ms)) <= 0) return false;
  signalfd_siginfo info{};
  while (::read(fd_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    (info.ssi_signo == SIGHUP ? reload_ : stopped_) = true;
    if (stopped_) break;  // a second one is not for us: see let_next_end
  }
  return stopped_;
}

bool StopSignal::take_reload() { return std::exchange(reload_, false); }

void StopSignal::let_next_end() const {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace besa::program
