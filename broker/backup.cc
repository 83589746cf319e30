#include "broker/backup.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "broker/copying.h"
#include "journal/backup_lock.h"
#include "kv/copy.h"
#include "program/file.h"

namespace besa::broker {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;
using base::Status;

constexpr int kTries = 3;

// Changes whenever the broker starts.
struct Start {
  ino_t file = 0;
  timespec changed{};
  friend bool operator==(const Start& a, const Start& b) {
    return a.file == b.file && a.changed.tv_sec == b.changed.tv_sec && a.changed.tv_nsec == b.changed.tv_nsec;
  }
};

Start last_start(const Config& config) {
  struct stat about{};
  if (::stat(config.endpoint_file().c_str(), &about) != 0) return {};
  return {about.st_ino, about.st_ctim};
}

// Newest first.
base::Result<std::vector<std::string>> segments_of(const std::string& journal) {
  std::error_code failed;
  std::vector<std::string> names;
  for (const auto& file : fs::directory_iterator(journal + "/segments", failed)) {
    names.push_back(file.path().filename().string());
  }
  if (failed) return base::fail(ErrorKind::io, "cannot list the segments: " + failed.message());
  std::sort(names.rbegin(), names.rend());
  return names;
}

class Backup {
 public:
  Backup(const Config& config, std::string folder, const CopyProgress& progress)
      : config_(config), folder_(std::move(folder)), progress_(progress) {}

  base::Result<Manifest> copy(base::Timestamp now) {
    BESA_TRY(program::make_directory(folder_ + "/journal/db"));
    BESA_TRY(program::make_directory(folder_ + "/journal/segments"));
    BESA_TRY(kv::copy_store(config_.journal_folder() + "/db", folder_ + "/journal/db"));
    std::vector<std::string> paths{"journal/db/data.mdb"};
    BESA_TRY(copy_segments(paths));
    if (program::exists(config_.rollback_file())) {
      BESA_TRY(copy_backwards(config_.rollback_file(), folder_ + "/rollback-seen", [](std::uint64_t) {}));
      paths.emplace_back("rollback-seen");
    }
    Manifest manifest{now, {}};
    for (const std::string& path : paths) {
      BESA_ASSIGN(BackupFile file, describe(folder_, path));
      manifest.files.push_back(std::move(file));
    }
    BESA_TRY(write_manifest(folder_, manifest));
    for (const char* below : {"/journal/segments", "/journal/db", "/journal", ""}) {
      BESA_TRY(program::sync_directory(folder_ + below));
    }
    return manifest;
  }

 private:
  Status copy_segments(std::vector<std::string>& paths) {
    BESA_ASSIGN(const std::vector<std::string> names, segments_of(config_.journal_folder()));
    std::uint64_t all = 0;
    std::uint64_t done = 0;
    std::error_code ignored;
    for (const std::string& name : names) all += fs::file_size(config_.journal_folder() + "/segments/" + name, ignored);
    for (const std::string& name : names) {
      const std::string path = "journal/segments/" + name;
      BESA_TRY(copy_backwards(config_.state + "/" + path, folder_ + "/" + path, [&](std::uint64_t bytes) {
        done += bytes;
        progress_(done, all);
      }));
      paths.push_back(path);
    }
    return {};
  }

  const Config& config_;
  const std::string folder_;
  const CopyProgress& progress_;
};

// A folder that a backup began and did not end. Only one with our mark in it is ever removed.
class Unfinished {
 public:
  explicit Unfinished(const std::string& to) : folder_(to + ".unfinished"), mark_(folder_ + kMark) {}

  const std::string& folder() const { return folder_; }
  // Anew, without what an earlier one left.
  Status make() const {
    if (program::exists(folder_) && !program::exists(mark_)) {
      return base::fail(ErrorKind::already_exists, folder_ + " is in the way: move it, or name another folder");
    }
    remove();
    BESA_TRY(program::make_directory(folder_));
    return program::write_new_file(mark_, {});
  }
  Status become(const std::string& to) const {
    if (std::rename(folder_.c_str(), to.c_str()) != 0) {
      auto error = program::file_error(errno, "make", to);
      remove();
      return tl::unexpected(std::move(error));
    }
    std::error_code failed;
    fs::remove(to + kMark, failed);
    if (failed) return tl::unexpected(program::file_error(failed.value(), "finish", to));
    BESA_TRY(program::sync_directory(to));
    return program::sync_directory(program::folder_of(to));
  }
  void remove() const {
    std::error_code ignored;
    if (program::exists(mark_)) fs::remove_all(folder_, ignored);
  }

 private:
  static constexpr const char* kMark = "/backup.unfinished";
  const std::string folder_;
  const std::string mark_;
};

// Without a slash at its end. Errors: malformed (no name), already_exists, configuration (lies inside the state).
base::Result<std::string> target_of(const Config& config, const std::string& to) {
  fs::path target = fs::path(to).lexically_normal();
  if (!target.has_filename()) target = target.parent_path();
  if (target.empty() || target == ".") return base::fail(ErrorKind::malformed, "--to names no folder: name a new one");
  if (program::exists(target)) {
    return base::fail(ErrorKind::already_exists, target.string() + " stands there already: name a new folder");
  }
  // A disk that is not mounted must not become a backup beside the log.
  if (target.has_parent_path() && !program::exists(target.parent_path())) {
    return base::fail(ErrorKind::not_found, "there is no folder " + target.parent_path().string() +
                                                ": is the disk for backups mounted? Otherwise make that folder first");
  }
  std::error_code failed;
  const fs::path inside = fs::weakly_canonical(target, failed).lexically_relative(fs::weakly_canonical(config.state));
  if (failed) return base::fail(ErrorKind::io, "cannot look at " + target.string() + ": " + failed.message());
  if (!inside.empty() && *inside.begin() != "..") {
    return base::fail(ErrorKind::configuration,
                      target.string() + " lies in the state folder and would be lost with it: choose another disk");
  }
  return target.string();
}

}  // namespace

base::Result<Manifest> back_up(const Config& config, const std::string& to, base::Timestamp now,
                               const CopyProgress& progress) {
  if (!program::exists(config.journal_folder())) {
    return base::fail(ErrorKind::configuration, "there is no log in " + config.state + ": is its disk mounted?");
  }
  BESA_ASSIGN(const std::string target, target_of(config, to));
  BESA_ASSIGN(const journal::BackupLock lock, journal::BackupLock::take(config.journal_folder()));
  const Unfinished unfinished(target);
  for (int i = 0; i < kTries; ++i) {
    BESA_TRY(unfinished.make());
    const Start before = last_start(config);
    auto made = Backup(config, unfinished.folder(), progress).copy(now);
    // A start recovers and writes: what was copied meanwhile may not fit together.
    if (!(last_start(config) == before)) continue;
    if (!made) {
      unfinished.remove();
      return made;
    }
    BESA_TRY(unfinished.become(target));
    return made;
  }
  unfinished.remove();
  return base::fail(ErrorKind::busy, "the broker was started again during the backup: try again");
}

}  // namespace besa::broker
