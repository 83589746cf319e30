// Entries as they are shown to members: with their proof under one tree size, and what lies beside as far as the reader
// may see it.
#pragma once

#include "journal/journal.h"
#include "wire/messages.h"

namespace besa::broker {

enum class Shown { without_rows, with_rows };

// Errors: not_found (past `size`), damaged. Cost: O(log size) reads.
[[nodiscard]] base::Result<wire::LogEntry> show_entry(const journal::LogReader& log, base::Sequence sequence,
                                                      base::TreeSize size, Shown shown);

}  // namespace besa::broker
