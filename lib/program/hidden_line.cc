#include "program/hidden_line.h"

#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "program/file.h"

namespace besa::program {
namespace {

constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};

volatile sig_atomic_t caught = 0;
void note_signal(int number) { caught = number; }

// The terminal without echo, and signals noted instead of ending the program with a terminal that stays mute.
class MuteTerminal {
 public:
  MuteTerminal() {
    muted_ = ::isatty(STDIN_FILENO) == 1 && ::tcgetattr(STDIN_FILENO, &before_) == 0;
    if (!muted_) return;
    caught = 0;
    struct sigaction note{};
    note.sa_handler = note_signal;  // without SA_RESTART: a read ends
    for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &note, &actions_[i]);
    termios mute = before_;
    mute.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    mute.c_lflag |= ECHONL;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &mute);
  }
  ~MuteTerminal() {
    if (!muted_) return;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &actions_[i], nullptr);
    if (caught != 0) ::raise(caught);
  }
  MuteTerminal(const MuteTerminal&) = delete;
  MuteTerminal& operator=(const MuteTerminal&) = delete;
  bool muted() const { return muted_; }

 private:
  bool muted_ = false;
  termios before_{};
  std::array<struct sigaction, kSignals.size()> actions_{};
};

// A byte at a time and no buffer of the library's: what was typed lies nowhere else.
base::Result<std::string> read_line(std::size_t most_bytes) {
  std::string line;
  line.reserve(most_bytes + 1);  // never moved, so that it can be wiped
  char c = 0;
  while (line.size() <= most_bytes) {
    const ssize_t got = ::read(STDIN_FILENO, &c, 1);
    if (got < 0 && errno == EINTR && caught == 0) continue;
    if (got < 0) {
      wipe_text(line);
      return base::fail(base::ErrorKind::io, "nothing was read from standard input");
    }
    if (got == 0 || c == '\n') break;
    line += c;
  }
  if (line.empty()) return base::fail(base::ErrorKind::malformed, "nothing was typed");
  if (line.size() <= most_bytes) return line;
  wipe_text(line);
  return base::fail(base::ErrorKind::malformed, "that is too long");
}

}  // namespace

base::Result<std::string> read_hidden_line(const char* prompt, std::size_t most_bytes) {
  const MuteTerminal terminal;
  if (terminal.muted()) std::fputs(prompt, stderr);
  return read_line(most_bytes);
}

void wipe_text(std::string& text) {
  ::explicit_bzero(text.data(), text.size());
  text.clear();
}

}  // namespace besa::program
