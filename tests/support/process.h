// Programs as a user starts them: run to their end, or left running until they are ended by their process id.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace besa::support {

struct Finished {
  int code = -1;       // the exit code, or minus the signal
  std::string output;  // stdout and stderr
};

// Runs the program to its end.
Finished run_program(const std::string& program, const std::vector<std::string>& arguments);

// A program that runs beside the test and is killed with this object, if it still runs.
class RunningProgram {
 public:
  RunningProgram() = default;
  ~RunningProgram();
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  // stdout and stderr go to the end of `log`. Not while one runs (a contract). `environment`: "NAME=value", besides the
  // test's own.
  void start(const std::string& program, const std::vector<std::string>& arguments, const std::filesystem::path& log,
             const std::vector<std::string>& environment = {});
  bool started() const { return process_ > 0; }
  pid_t id() const { return process_; }
  // It ended by itself; `end` tells how.
  bool has_ended() const;
  // Sends the signal (0: none) and waits for the end: the exit code, or minus the signal.
  int end(int signal);
  // The same if it ends by itself within this time; empty if it still runs.
  std::optional<int> ended(int milliseconds);

 private:
  pid_t process_ = -1;
};

// The first line of a file; empty if there is none.
std::string first_line(const std::filesystem::path& path);
// The same, waiting up to 20 s for it.
std::string await_line(const std::filesystem::path& path);

}  // namespace besa::support
