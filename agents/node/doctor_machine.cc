// The doctor's look at the machine: clock, disk, permissions.
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include "agents/node/doctor.h"
#include "kv/file_system.h"
#include "program/file.h"

namespace besa::node {
namespace {

using program::ExitCode;

constexpr std::uint64_t kMiB = 1024 * 1024;
constexpr std::uint64_t kLeastFree = 64 * kMiB;  // below it the store may not grow any more
constexpr std::uint64_t kFewFree = 1024 * kMiB;
constexpr unsigned kOthersRead = 077;
constexpr unsigned kOthersWrite = 022;

void look_at_clock(Findings& findings) {
  timex state{};
  const int result = ::adjtimex(&state);  // changes nothing: no mode is set
  if (result >= 0 && (state.status & STA_UNSYNC) == 0) {
    findings.ok("clock", "kept right by a time service");
    return;
  }
  findings.warn("clock", "no time service keeps it right; five minutes off, the node stops",
                "switch one on, such as: timedatectl set-ntp true");
}

// The folder itself, or the nearest one above it that is there.
std::string existing(std::string path) {
  while (!program::exists(path) && path != "/" && path != ".") path = program::folder_of(path);
  return path;
}

void look_at_disk(const std::string& state, Findings& findings) {
  if (const auto fit = kv::file_system_fit(state); !fit) {
    findings.fail("disk", fit.error().message, "put the state folder on ext4 or xfs: 'state' in the configuration",
                  ExitCode::configuration);
    return;
  }
  struct statvfs disk{};
  const std::string at = existing(state);
  if (::statvfs(at.c_str(), &disk) != 0) {
    findings.fail("disk", "cannot look at " + at, "check the path under state in the configuration");
    return;
  }
  const std::uint64_t free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
  const std::string said = std::to_string(free / kMiB) + " MiB are free for " + state;
  if (free < kLeastFree) {
    findings.fail("disk", said, "make room: nothing can be queued or received without it");
  } else if (free < kFewFree) {
    findings.warn("disk", said, "make room before it is full");
  } else {
    findings.ok("disk", said);
  }
}

// Nothing: as it must be, or not there yet.
std::string open_to_others(const std::string& path, unsigned bits, std::string& mend) {
  struct stat about{};
  if (::stat(path.c_str(), &about) != 0) return {};
  if (about.st_uid != ::geteuid()) {
    mend = "run besa-node as the owner of " + path + ", or give it to this user";
    return path + " belongs to another user";
  }
  if ((about.st_mode & bits) == 0) return {};
  mend = std::string("chmod ") + (bits == kOthersRead ? "go= " : "go-w ") + path;
  return "others can get at " + path;
}

void look_at_permissions(const std::string& config_path, const NodeConfig& config, Findings& findings) {
  struct Wanted {
    std::string path;
    unsigned bits;
  };
  for (const Wanted& wanted :
       {Wanted{config.state, kOthersRead}, Wanted{config.keys, kOthersWrite}, Wanted{config_path, kOthersWrite}}) {
    std::string mend;
    const std::string wrong = open_to_others(wanted.path, wanted.bits, mend);
    if (wrong.empty()) continue;
    findings.fail("permissions", wrong, mend, ExitCode::configuration);
    return;
  }
  findings.ok("permissions", "state, keys and configuration are this user's own");
}

}  // namespace

void look_at_machine(const std::string& config_path, const NodeConfig& config, Findings& findings) {
  look_at_clock(findings);
  look_at_disk(config.state, findings);
  look_at_permissions(config_path, config, findings);
}

}  // namespace besa::node
