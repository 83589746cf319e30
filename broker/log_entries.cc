#include "broker/log_entries.h"

#include "core/entry.h"

namespace besa::broker {

base::Result<wire::LogEntry> show_entry(const journal::LogReader& log, base::Sequence sequence, base::TreeSize size,
                                        Shown shown) {
  wire::LogEntry out;
  BESA_ASSIGN(out.entry, log.entry(sequence));
  BESA_ASSIGN(out.proof, log.inclusion_proof(sequence, size));
  BESA_ASSIGN(const base::Bytes bytes, log.beside(sequence));
  BESA_ASSIGN(core::Beside beside, core::decode_beside(bytes));
  out.body = std::move(beside.body);
  out.blocks = std::move(beside.blocks);
  out.policy = std::move(beside.policy);
  if (shown == Shown::with_rows) out.rows = std::move(beside.rows);
  return out;
}

}  // namespace besa::broker
