// An entry that was shown to be in the log, with what lies beside it.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "client/identity.h"
#include "core/checkpoint.h"
#include "core/entry.h"
#include "wire/messages.h"

namespace besa::client {

// Only made from what was verified: the entry is in the tree of a checkpoint that the log signed; body and blocks,
// where they are shown, are those that the entry binds. Who signed them is for the reader to check, with the keys of
// the log.
struct ProvenEntry {
  core::Entry entry;
  wire::LogEntry log;
  base::TreeSize tree_size;       // of the checkpoint that the proof leads to
  std::uint64_t epoch = 0;        // of that checkpoint
  base::Signature log_signature;  // of that checkpoint
};

// Does the entry lie in the tree? Errors: malformed (no entry), bad_signature (the proof).
[[nodiscard]] base::Result<ProvenEntry> prove(const wire::LogEntry& log, const core::SignedCheckpoint& checkpoint);
// The receipt as it is shown after a loss: the note that the proof leads to is written again. Errors: damaged.
[[nodiscard]] base::Result<wire::LostReceipt> lost_receipt(const ProvenEntry& proven, const LogIdentity& identity);
// Is what lies beside it the entry's? Errors: bad_signature.
[[nodiscard]] base::Status check_beside(const ProvenEntry& proven);
// The statement beside it, as a reader without rows is shown it. Errors: malformed, unsupported; not_found (no body).
[[nodiscard]] base::Result<core::ParsedStatement> parse(const ProvenEntry& proven);

// An entry as it is stored: tree size, epoch and signature of the checkpoint, entry bytes, proof, body, blocks, policy,
// rows. Errors: damaged.
base::Bytes encode_proven(const ProvenEntry& proven);
[[nodiscard]] base::Result<ProvenEntry> decode_proven(base::ByteView bytes);

}  // namespace besa::client
