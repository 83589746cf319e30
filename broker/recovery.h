// After a crash the segments hold entries that the database does not: they are decided again, with every effect, before
// anything is served or appended.
#pragma once

#include "journal/journal.h"

namespace besa::broker {

struct Recovery {
  std::uint64_t entries = 0;
  bool dropped = false;  // what was left of a batch that nobody was told of
};

// Each entry at its recorded time; the recorded bytes must come out. Settled when it returns.
// Errors: damaged (another decision comes out; names the entry), full, io.
[[nodiscard]] base::Result<Recovery> recover(journal::Journal& journal);

}  // namespace besa::broker
