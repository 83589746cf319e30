#include "broker/rollback.h"

#include <cstdio>
#include <tuple>

#include "base/limits.h"
#include "program/file.h"

namespace besa::broker {

base::Result<bool> shows_rollback(const Reading& reading, std::string_view note, const base::PublicKey& log_key) {
  if (note.empty()) return false;
  BESA_ASSIGN(LogName log, log_name(reading.snapshot.view()));
  log.log_key = log_key;
  const auto shown = read_our_note(note, log);
  if (!shown) return false;
  BESA_ASSIGN(const auto loss, core::read_loss(reading.snapshot.view()));
  if (shown->epoch > core::epoch_of(loss)) return true;
  // What lies past the kept size of an accepted loss is known to be gone.
  const auto kept = core::kept_of(loss, shown->epoch);
  if (kept && shown->checkpoint.size > *kept) return false;
  if (shown->checkpoint.size > reading.published.checkpoint.size) return true;
  BESA_ASSIGN(const base::Digest root, reading.snapshot.log().root(shown->checkpoint.size));
  return root != shown->checkpoint.root;
}

base::Result<bool> RollbackProof::keep(const Reading& reading, std::string_view note) const {
  const std::scoped_lock lock(writing_);
  BESA_ASSIGN(const LogName log, log_name(reading.snapshot.view()));
  const auto shown = read_our_note(note, log);
  if (!shown) return false;
  if (program::exists(path_)) {
    BESA_ASSIGN(const std::string held, program::read_text_file(path_, base::limits::kFrameBytes));
    const auto before = read_our_note(held, log);
    if (before && std::tie(before->epoch, before->checkpoint.size) >= std::tie(shown->epoch, shown->checkpoint.size)) {
      return false;
    }
  }
  BESA_TRY(program::write_file(path_, base::as_bytes(note), 0600));
  return true;
}

base::Result<bool> RollbackProof::still_holds(const Reading& reading, const base::PublicKey& log_key) const {
  if (!program::exists(path_)) return false;
  BESA_ASSIGN(const std::string note, program::read_text_file(path_, base::limits::kFrameBytes));
  BESA_ASSIGN(const bool holds, shows_rollback(reading, note, log_key));
  if (!holds && std::remove(path_.c_str()) != 0) {
    return base::fail(base::ErrorKind::io, "cannot remove " + path_ + ", which no longer says anything: remove it");
  }
  return holds;
}

}  // namespace besa::broker
