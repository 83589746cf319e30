#include "broker/recovery.h"

#include "broker/decide_again.h"
#include "broker/record.h"

namespace besa::broker {
namespace {

using base::Result;
using base::Status;

Status recover_one(journal::Batch& batch, const journal::Recovered& recorded) {
  BESA_ASSIGN(const Verdict verdict, decide_again(batch.view(), recorded.entry, recorded.beside));
  if (const auto* why = std::get_if<std::string>(&verdict)) {
    return base::fail(base::ErrorKind::damaged,
                      "entry " + std::to_string(recorded.sequence.value) + " cannot be recovered: " + *why +
                          "; run 'besa-broker rebuild', and if that does not help restore a backup");
  }
  const auto& again = std::get<DecidedAgain>(verdict);
  BESA_TRY(record(batch, again.decided, again.statement, {}));
  return {};
}

// Whole batches, as many as the database takes at once.
Result<std::uint64_t> recover_some(journal::Journal& journal) {
  BESA_ASSIGN(journal::Batch batch, journal.begin());
  std::uint64_t entries = 0;
  for (const journal::Recovered& recorded : journal.recovered()) {
    BESA_TRY(recover_one(batch, recorded));
    ++entries;
    if (recorded.ends_batch && batch.is_large()) break;
  }
  BESA_TRY(batch.commit());
  BESA_TRY(journal.settle());
  return entries;
}

}  // namespace

Result<Recovery> recover(journal::Journal& journal) {
  Recovery out;
  out.dropped = journal.dropped_unfinished();
  while (!journal.recovered().empty()) {
    BESA_ASSIGN(const std::uint64_t entries, recover_some(journal));
    out.entries += entries;
  }
  BESA_TRY(journal.finish_purges());
  return out;
}

}  // namespace besa::broker
