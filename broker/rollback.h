// A later state of this log, shown by a client with our own signature under it: then the broker was set back, or
// somebody signed a second history with its key. Nothing is appended from then on, also after a restart, until the log
// holds that state again.
#pragma once

#include <mutex>
#include <string>

#include "broker/offer.h"
#include "broker/reading.h"

namespace besa::broker {

// Does this note, signed by our log key, name a tree that we do not have? A note that is not ours says nothing, and
// neither does one of an earlier epoch past what the accepted losses kept.
[[nodiscard]] base::Result<bool> shows_rollback(const Reading& reading, std::string_view note,
                                                const base::PublicKey& log_key);

// The note that showed it, as a file. Any thread.
class RollbackProof {
 public:
  explicit RollbackProof(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  // Keeps the highest that was shown. Gives whether this one says more than what was kept before.
  // Errors: full, io, denied, damaged.
  [[nodiscard]] base::Result<bool> keep(const Reading& reading, std::string_view note) const;
  // Whether a kept note still shows it. One that no longer does is removed: the state that it names is back.
  // Errors: denied, io, damaged.
  [[nodiscard]] base::Result<bool> still_holds(const Reading& reading, const base::PublicKey& log_key) const;

 private:
  std::string path_;
  mutable std::mutex writing_;
};

}  // namespace besa::broker
