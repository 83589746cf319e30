// Backups of the state folder, also while the broker runs, and their way back.
//
// What is copied is a state as a crash leaves it: first the database, as of one moment, then the segments, which by
// then go further. Each segment is copied from its end to its beginning, the newest first, so that whatever is in the
// copy, everything before it is, too. Recovery makes a whole log of it. Keys and configuration are not in a backup.
#pragma once

#include <functional>
#include <string>

#include "broker/config.h"
#include "broker/manifest.h"

namespace besa::broker {

using CopyProgress = std::function<void(std::uint64_t done, std::uint64_t all)>;

// Makes the folder `to`. Everything that was acknowledged before the call is in it.
// Errors: already_exists (`to` stands there), configuration (no log), busy (another backup; or the broker was started
// again all the time), full, io.
[[nodiscard]] base::Result<Manifest> back_up(const Config& config, const std::string& to, base::Timestamp now,
                                             const CopyProgress& progress);

struct Restored {
  base::TreeSize size;  // size and root of its log: what a statement on the loss names as kept
  base::Digest root;
  bool verified = false;  // decided again, every one
};

// Puts a backup in the place of a log that is not there any more. Nothing is in that place before all of it holds: the
// files are those that were written, the log is whole, and with `verify` every entry is decided again and the view that
// comes out is the one that was there.
// Errors: already_exists (there is a log), not_found, malformed, damaged, full, io.
[[nodiscard]] base::Result<Restored> restore(const Config& config, const std::string& from, bool verify,
                                             const CopyProgress& progress);

}  // namespace besa::broker
