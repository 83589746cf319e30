#include "tests/support/process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>
#include <utility>

#include "base/check.h"

extern char** environ;

namespace besa::support {
namespace {

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

pid_t spawn(const std::string& program, const std::vector<std::string>& arguments, int output,
            std::vector<std::string> environment = {}) {
  std::vector<std::string> all = {program};
  all.insert(all.end(), arguments.begin(), arguments.end());
  for (char** own = environ; *own != nullptr; ++own) environment.emplace_back(*own);
  posix_spawn_file_actions_t actions;
  BESA_CHECK(posix_spawn_file_actions_init(&actions) == 0);
  BESA_CHECK(posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO) == 0);
  BESA_CHECK(posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO) == 0);
  pid_t child = -1;
  BESA_CHECK(posix_spawn(&child, program.c_str(), &actions, nullptr, pointers_to(all).data(),
                         pointers_to(environment).data()) == 0);
  posix_spawn_file_actions_destroy(&actions);
  return child;
}

int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status); }

int wait_for(pid_t child) {
  int status = 0;
  BESA_CHECK(::waitpid(child, &status, 0) == child);
  return code_of(status);
}

}  // namespace

Finished run_program(const std::string& program, const std::vector<std::string>& arguments) {
  int ends[2];
  BESA_CHECK(::pipe2(ends, O_CLOEXEC) == 0);
  const pid_t child = spawn(program, arguments, ends[1]);
  ::close(ends[1]);
  Finished out;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
    out.output.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  out.code = wait_for(child);
  return out;
}

RunningProgram::~RunningProgram() {
  if (started()) end(SIGKILL);
}

void RunningProgram::start(const std::string& program, const std::vector<std::string>& arguments,
                           const std::filesystem::path& log, const std::vector<std::string>& environment) {
  BESA_CHECK(!started());
  const int output = ::open(log.c_str(), O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0600);
  BESA_CHECK(output >= 0);
  process_ = spawn(program, arguments, output, environment);
  ::close(output);
}

bool RunningProgram::has_ended() const {
  BESA_CHECK(started());
  siginfo_t seen{};
  BESA_CHECK(::waitid(P_PID, static_cast<id_t>(process_), &seen, WEXITED | WNOHANG | WNOWAIT) == 0);
  return seen.si_pid != 0;
}

int RunningProgram::end(int signal) {
  BESA_CHECK(started());
  if (signal != 0) ::kill(process_, signal);
  return wait_for(std::exchange(process_, -1));
}

std::optional<int> RunningProgram::ended(int milliseconds) {
  using namespace std::chrono_literals;
  BESA_CHECK(started());
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
  while (true) {
    int status = 0;
    const pid_t found = ::waitpid(process_, &status, WNOHANG);
    BESA_CHECK(found >= 0);
    if (found == process_) {
      process_ = -1;
      return code_of(status);
    }
    if (std::chrono::steady_clock::now() >= end) return std::nullopt;
    std::this_thread::sleep_for(5ms);
  }
}

std::string first_line(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string await_line(const std::filesystem::path& path) {
  using namespace std::chrono_literals;
  for (int i = 0; i < 1'000 && first_line(path).empty(); ++i) std::this_thread::sleep_for(20ms);
  return first_line(path);
}

}  // namespace besa::support
