// The view made again: every entry of the log decided once more from what lies beside it, and compared byte for byte.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "journal/journal.h"

namespace besa::broker {

struct Rebuilt {
  std::uint64_t entries = 0;  // decided again and equal
  // The first entry that another decision comes out for, or whose statement does not hold.
  std::optional<base::Sequence> differs;
  std::string why;
};

// Settles nothing that is recovered: what the database holds is decided again, and on that view `recover` goes on.
// Drops the view and makes it again; `progress` is told how many entries are done. When an entry differs it stops
// there: the view is then unfinished and a broker refuses to start on it. Errors: damaged, full, io. Cost: about 150 us
// an entry.
[[nodiscard]] base::Result<Rebuilt> rebuild(journal::Journal& journal,
                                            const std::function<void(std::uint64_t done, std::uint64_t all)>& progress);

}  // namespace besa::broker
