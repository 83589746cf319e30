#include "agents/admin/archive.h"

#include <algorithm>
#include <filesystem>
#include <iomanip>
#include <sstream>

#include "client/epoch.h"
#include "client/governance.h"
#include "program/file.h"

namespace besa::admin {
namespace {

using base::ErrorKind;
using base::fail;
using base::Result;
using base::Sequence;
using base::Status;

constexpr const char* kEntry = ".entry";
constexpr const char* kLost = ".lost";
constexpr std::size_t kFileBytes = std::size_t{1} << 20;

Result<client::ProvenEntry> read(const std::string& path) {
  BESA_ASSIGN(const base::Bytes bytes, program::read_file(path, kFileBytes));
  return client::decode_proven(bytes);
}

Status rename(const std::string& from, const std::string& to) {
  std::error_code error;
  std::filesystem::rename(from, to, error);
  return error ? fail(ErrorKind::io, "cannot rename " + from) : Status{};
}

}  // namespace

std::string Archive::path_of(Sequence sequence) const {
  std::ostringstream out;
  out << folder_ << "/" << std::setw(12) << std::setfill('0') << sequence.value << kEntry;
  return out.str();
}

Result<std::vector<std::string>> Archive::files(const std::string& ending) const {
  std::vector<std::string> out;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() == ending) out.push_back(at->path().string());
  }
  if (error && error != std::errc::no_such_file_or_directory) return fail(ErrorKind::io, "cannot read " + folder_);
  std::sort(out.begin(), out.end());
  return out;
}

Result<core::MemoryView> Archive::replay() const {
  core::MemoryView view;
  BESA_ASSIGN(const auto all, files(kEntry));
  for (const std::string& path : all) {
    BESA_ASSIGN(const client::ProvenEntry proven, read(path));
    const auto changes = client::decide_governance(view, proven);
    if (!changes) {
      return fail(ErrorKind::damaged, path + " does not fit the governance before it (" + changes.error().message +
                                          "): move the files *.entry in " + folder_ + " away, they are fetched again");
    }
    BESA_TRY(view.apply(*changes));
  }
  return view;
}

Result<wire::LogEntry> Archive::genesis() const {
  BESA_ASSIGN(client::ProvenEntry proven, read(path_of(Sequence{0})));
  return std::move(proven.log);
}

Status Archive::follow(client::Session& session) const {
  BESA_TRY(program::make_directory(folder_));
  BESA_ASSIGN(core::MemoryView view, replay());
  BESA_ASSIGN(const std::vector<client::ProvenEntry> missing, client::follow_governance(session, view));
  // Oldest first: one that is there stands for all before it.
  for (const client::ProvenEntry& one : missing) {
    BESA_TRY(program::write_file(path_of(one.entry.sequence), client::encode_proven(one), 0600));
  }
  return {};
}

Status Archive::check(client::Session& fresh, base::TreeSize kept) const {
  BESA_ASSIGN(const auto all, files(kEntry));
  for (const std::string& path : all) {
    BESA_ASSIGN(const client::ProvenEntry proven, read(path));
    if (proven.entry.sequence.value >= kept.value) continue;
    BESA_TRY(fresh.check_holds(proven.entry.sequence, proven.log.entry));
  }
  return {};
}

Status Archive::lose(base::TreeSize kept) const {
  BESA_ASSIGN(const auto all, files(kEntry));
  for (const std::string& path : all) {
    BESA_ASSIGN(const client::ProvenEntry proven, read(path));
    if (proven.entry.sequence.value < kept.value) continue;
    // Losses and the ends of recoveries are the broker's new log's business.
    const bool offered =
        core::is_governance(proven.entry.type) && proven.entry.type != core::StatementType::loss_accepted;
    const std::string epoch = "-" + std::to_string(proven.epoch);
    const std::string stem = path.substr(0, path.size() - std::string_view(kEntry).size()) + epoch;
    BESA_TRY(rename(path, stem + (offered ? kLost : ".gone")));
  }
  return {};
}

Result<std::vector<LostGovernance>> Archive::lost() const {
  BESA_ASSIGN(const auto all, files(kLost));
  std::vector<LostGovernance> out;
  for (const std::string& path : all) {
    BESA_ASSIGN(client::ProvenEntry proven, read(path));
    out.push_back({path, std::move(proven)});
  }
  return out;
}

Status Archive::settle(const LostGovernance& one, bool accepted) {
  return rename(one.path, one.path + (accepted ? "-offered" : "-refused"));
}

}  // namespace besa::admin
