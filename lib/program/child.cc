#include "program/child.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string_view>
#include <thread>

#include "base/check.h"

namespace besa::program {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kLookAfter{20};
constexpr const char* kSearch = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr const char* kLanguage = "LANG=C.UTF-8";

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// Nothing open but three times /dev/null, no signal blocked or ignored, a group of its own. -1: not started.
pid_t spawn(const ChildCommand& child) {
  std::vector<std::string> arguments = child.command;
  std::vector<std::string> environment = child.environment;
  environment.emplace_back(kSearch);
  environment.emplace_back(kLanguage);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  BESA_CHECK(posix_spawn_file_actions_init(&files) == 0 && posix_spawnattr_init(&attributes) == 0);
  BESA_CHECK(posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0) == 0 &&
             posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
             posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
             posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1) == 0);
  BESA_CHECK(posix_spawnattr_setflags(&attributes,
                                      POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP) == 0 &&
             posix_spawnattr_setsigmask(&attributes, &none) == 0 &&
             posix_spawnattr_setsigdefault(&attributes, &all) == 0 && posix_spawnattr_setpgroup(&attributes, 0) == 0);
  pid_t process = -1;
  const int code = posix_spawn(&process, arguments.front().c_str(), &files, &attributes, pointers_to(arguments).data(),
                               pointers_to(environment).data());
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  return code == 0 ? process : -1;
}

ChildEnd kill_group(pid_t process, ChildEnd end) {
  ::kill(-process, SIGKILL);
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return end;
}

}  // namespace

std::string_view to_string(ChildEnd end) {
  switch (end) {
    case ChildEnd::succeeded: return "succeeded";
    case ChildEnd::failed: return "failed";
    case ChildEnd::timed_out: return "timed_out";
    case ChildEnd::not_started: return "not_started";
    case ChildEnd::cancelled: return "cancelled";
  }
  BESA_CHECK(false);
}

ChildEnd run_child(const ChildCommand& child, const std::function<bool()>& cancelled) {
  BESA_CHECK(!child.command.empty() && child.command.front().starts_with('/'));
  const auto end = Clock::now() + milliseconds(child.timeout_ms);
  const pid_t process = spawn(child);
  if (process < 0) return ChildEnd::not_started;
  while (true) {
    int status = 0;
    const pid_t ended = ::waitpid(process, &status, WNOHANG);
    if (ended == process) return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? ChildEnd::succeeded : ChildEnd::failed;
    if (ended < 0 && errno != EINTR) return ChildEnd::failed;
    if (cancelled()) return kill_group(process, ChildEnd::cancelled);
    if (Clock::now() >= end) return kill_group(process, ChildEnd::timed_out);
    std::this_thread::sleep_for(kLookAfter);
  }
}

}  // namespace besa::program
