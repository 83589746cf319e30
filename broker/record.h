// What a decision does to the journal: the entry with what lies beside it, the view, indexes, notices, purges. One code
// path, whether it was decided just now or is recovered after a crash.
#pragma once

#include <vector>

#include "core/decide.h"
#include "journal/journal.h"

namespace besa::broker {

// Gives whom to tell. Errors end the batch.
[[nodiscard]] base::Result<std::vector<journal::Notice>> record(journal::Batch& batch, const core::Decided& decided,
                                                                const core::ParsedStatement& statement,
                                                                const std::vector<journal::Chunk>& ciphertext);

}  // namespace besa::broker
