// besa-node doctor: whether everything is as it must be for this agency to exchange referrals, a line a check, each ok,
// warn or fail with what to do. Changes nothing but that a test referral goes to the echo member and back.
#pragma once

#include <string>
#include <vector>

#include "agents/node/config.h"
#include "agents/node/keys.h"
#include "base/result.h"
#include "core/view.h"
#include "program/exit_code.h"

namespace besa::node {

struct DoctorOptions {
  std::string config;
  std::string echo = "echo";     // the local name of the echo member
  std::string patience = "60s";  // for the test referral
  bool dry_run = false;          // without it
  bool json = false;
};

// Prints and gives the exit code: 0 if nothing failed, 78 if the configuration or keys must be changed, 75 if the
// broker cannot be reached, otherwise 1.
[[nodiscard]] program::ExitCode doctor(const DoctorOptions& options);

enum class Health { ok, warn, fail };
std::string_view name_of(Health health);

struct Finding {
  std::string check;
  Health health = Health::ok;
  std::string said;
  std::string fix;  // what to do; empty when ok
  program::ExitCode code = program::ExitCode::ok;
};

class Findings {
 public:
  void ok(std::string check, std::string said) { all_.push_back({std::move(check), Health::ok, std::move(said), {}}); }
  void warn(std::string check, std::string said, std::string fix) {
    all_.push_back({std::move(check), Health::warn, std::move(said), std::move(fix)});
  }
  void fail(std::string check, std::string said, std::string fix, program::ExitCode code = program::ExitCode::failed) {
    all_.push_back({std::move(check), Health::fail, std::move(said), std::move(fix), code});
  }
  const std::vector<Finding>& all() const { return all_; }
  program::ExitCode exit_code() const;

 private:
  std::vector<Finding> all_;
};

// --- The parts. ---

// What can be seen without the network: clock, disk, permissions.
void look_at_machine(const std::string& config_path, const NodeConfig& config, Findings& findings);
// Reachability, handshake, the log's governance; then what it says of this member. False: the broker was not met.
bool look_at_broker(const NodeConfig& config, const NodeKeys& keys, Findings& findings);
// What a view of all governance says of this member's keys and of the policy.
void look_at_member(const core::View& view, const NodeKeys& keys, base::Timestamp now, Findings& findings);
// The running node: alarms, prekeys; and a test referral there and back.
void look_at_node(const NodeConfig& config, const DoctorOptions& options, Findings& findings);

}  // namespace besa::node
