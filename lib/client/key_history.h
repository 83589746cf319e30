// Which key signed when, at each place of the log. A view knows only the newest word on a key: whoever is shown an
// older entry, or one that was decided while the log recovered from a loss, has to judge it by what held there.
#pragma once

#include <map>
#include <span>
#include <utility>
#include <vector>

#include "core/entry.h"
#include "core/records.h"

namespace besa::client {

class KeyHistory {
 public:
  // What the governance entry at this place changed; `view` is as it is since. In the order of the log.
  // Errors: damaged.
  [[nodiscard]] base::Status follow(const core::View& view, base::Sequence at, std::span<const core::Change> changes);
  // The key as the decision on this entry knew it; none: it was not in force. All governance up to the entry must have
  // been followed.
  std::optional<core::KnownKey> in_force(const base::KeyId& key, const core::Entry& entry) const;

 private:
  core::Moment moment_of(const core::Entry& entry) const;

  std::map<base::KeyId, std::vector<std::pair<base::Sequence, core::KnownKey>>> keys_;
  // Since when ends of validity are compared with the time before a loss, and since when with the present again (none).
  std::vector<std::pair<base::Sequence, std::optional<base::Timestamp>>> recoveries_;
};

}  // namespace besa::client
