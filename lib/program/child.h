// Another program, started for a moment: no shell, no open file of ours, its own process group, and an environment that
// holds nothing of ours but what is named.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace besa::program {

struct ChildCommand {
  std::vector<std::string> command;      // the program's whole path, and its arguments
  std::vector<std::string> environment;  // "NAME=value"; PATH and LANG are added
  std::uint32_t timeout_ms = 30'000;     // then it and all that it started in its group are killed
};

enum class ChildEnd { succeeded, failed, timed_out, not_started, cancelled };
std::string_view to_string(ChildEnd end);

// Waits for its end. `cancelled` is asked all the time; when it says yes, the child is killed.
ChildEnd run_child(const ChildCommand& child, const std::function<bool()>& cancelled);

}  // namespace besa::program
