#include <cstdio>
#include <filesystem>

#include "broker/backup.h"
#include "broker/copying.h"
#include "broker/open_log.h"
#include "broker/rebuild.h"
#include "core/checkpoint.h"
#include "core/view.h"
#include "program/file.h"

namespace besa::broker {
namespace {

using base::ErrorKind;
using base::Status;

base::Result<std::string> view_of(const journal::Journal& journal) {
  BESA_ASSIGN(const journal::Snapshot snapshot, journal.snapshot());
  return core::dump(snapshot.view());
}

Status copy_all(const std::string& from, const std::string& to, const Manifest& manifest,
                const CopyProgress& progress) {
  std::uint64_t all = 0;
  std::uint64_t done = 0;
  for (const BackupFile& file : manifest.files) all += file.size;
  for (const BackupFile& file : manifest.files) {
    const std::string target = to + "/" + file.path;
    BESA_TRY(program::make_directory(program::folder_of(target)));
    BESA_TRY(copy_backwards(from + "/" + file.path, target, [&](std::uint64_t bytes) {
      done += bytes;
      progress(done, all);
    }));
    BESA_TRY(program::sync_directory(program::folder_of(target)));
  }
  return check_files(to, manifest);
}

// Decides the whole log once more; the view that comes out must be the one that was there.
Status verify_log(journal::Journal& journal, const CopyProgress& progress) {
  BESA_ASSIGN(const std::string before, view_of(journal));
  BESA_ASSIGN(const Rebuilt rebuilt, rebuild(journal, progress));
  if (rebuilt.differs) {
    return base::fail(ErrorKind::damaged, "entry " + std::to_string(rebuilt.differs->value) +
                                              " of the backup differs: " + rebuilt.why + "; nothing was restored");
  }
  BESA_ASSIGN(const std::string after, view_of(journal));
  if (before == after) return {};
  return base::fail(ErrorKind::damaged,
                    "the view of the backup is not the one that its log leads to; nothing was "
                    "restored");
}

base::Result<core::Checkpoint> look_at(const Config& aside, bool verify, const CopyProgress& progress) {
  const auto opened = open_log(aside);
  if (!opened) {
    return base::fail(opened.error().kind, "nothing was restored, the backup does not open: take another one (" +
                                               opened.error().message + ")");
  }
  if (verify) BESA_TRY(verify_log(*opened->journal, progress));
  BESA_TRY(opened->journal->save_checkpoint());
  BESA_ASSIGN(const journal::Snapshot snapshot, opened->journal->snapshot());
  core::Checkpoint out;
  BESA_ASSIGN(out.size, snapshot.log().size());
  BESA_ASSIGN(out.root, snapshot.log().root(out.size));
  return out;
}

Status put_in_place(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) return tl::unexpected(program::file_error(errno, "make", to));
  return program::sync_directory(program::folder_of(to));
}

}  // namespace

base::Result<Restored> restore(const Config& config, const std::string& from, bool verify,
                               const CopyProgress& progress) {
  if (program::exists(config.journal_folder())) {
    return base::fail(ErrorKind::already_exists, "there is a log in " + config.state +
                                                     ": a backup never goes over one. Stop the broker and move " +
                                                     config.journal_folder() + " away first");
  }
  BESA_ASSIGN(const Manifest manifest, read_manifest(from));
  BESA_TRY(check_files(from, manifest));
  BESA_TRY(program::make_directory(config.state));
  Config aside = config;
  aside.state = config.state + "/restoring";
  std::error_code ignored;
  std::filesystem::remove_all(aside.state, ignored);  // of an earlier one that was ended
  const auto restored = [&]() -> base::Result<Restored> {
    BESA_TRY(copy_all(from, aside.state, manifest, progress));
    BESA_ASSIGN(const core::Checkpoint log, look_at(aside, verify, progress));
    // A proof that stands here is newer than the backup's.
    if (program::exists(aside.rollback_file()) && !program::exists(config.rollback_file())) {
      BESA_TRY(put_in_place(aside.rollback_file(), config.rollback_file()));
    }
    BESA_TRY(put_in_place(aside.journal_folder(), config.journal_folder()));
    return Restored{log.size, log.root, verify};
  }();
  std::filesystem::remove_all(aside.state, ignored);
  return restored;
}

}  // namespace besa::broker
