#include "client/proven.h"

#include "core/merkle.h"
#include "crypto/verify/hash.h"
#include "wire/statement.h"

namespace besa::client {

using base::ErrorKind;
using base::fail;

base::Result<ProvenEntry> prove(const wire::LogEntry& log, const core::Checkpoint& checkpoint) {
  BESA_ASSIGN(core::Entry entry, core::decode_entry(log.entry));
  BESA_TRY(core::verify_inclusion(core::leaf_hash(log.entry), entry.sequence.value, checkpoint.size, log.proof,
                                  checkpoint.root));
  return ProvenEntry{std::move(entry), log, checkpoint.size};
}

base::Status check_beside(const ProvenEntry& proven) {
  const wire::LogEntry& log = proven.log;
  if (log.body.empty()) return {};
  if (core::statement_id(proven.entry.type, log.body) != proven.entry.id) {
    return fail(ErrorKind::bad_signature, "the body beside an entry is another one");
  }
  const base::Digest blocks = log.blocks.empty() ? base::Digest{} : crypto::sha256(log.blocks);
  if (blocks != proven.entry.blocks_hash) {
    return fail(ErrorKind::bad_signature, "the signatures beside an entry are other ones");
  }
  if (!log.rows.empty() && wire::rows_root(log.rows) != proven.entry.rows_root) {
    return fail(ErrorKind::bad_signature, "the rows beside an entry are other ones");
  }
  return {};
}

base::Result<core::ParsedStatement> parse(const ProvenEntry& proven) {
  if (proven.log.body.empty()) return fail(ErrorKind::not_found, "the entry came without its body");
  return wire::parse_shown(core::media_type(proven.entry.type), proven.log.body, proven.log.blocks, proven.log.policy);
}

}  // namespace besa::client
