#include "client/proven.h"

#include "core/merkle.h"
#include "crypto/verify/hash.h"
#include "wire/statement.h"

namespace besa::client {

using base::ErrorKind;
using base::fail;

base::Result<ProvenEntry> prove(const wire::LogEntry& log, const core::SignedCheckpoint& shown) {
  const core::Checkpoint& checkpoint = shown.checkpoint;
  BESA_ASSIGN(const core::Origin origin, core::parse_origin(checkpoint.origin));
  BESA_ASSIGN(core::Entry entry, core::decode_entry(log.entry));
  BESA_TRY(core::verify_inclusion(core::leaf_hash(log.entry), entry.sequence.value, checkpoint.size, log.proof,
                                  checkpoint.root));
  return ProvenEntry{std::move(entry), log, checkpoint.size, origin.epoch, shown.signature};
}

base::Result<wire::LostReceipt> lost_receipt(const ProvenEntry& proven, const LogIdentity& identity) {
  core::Checkpoint checkpoint;
  checkpoint.origin = identity.origin(proven.epoch);
  checkpoint.size = proven.tree_size;
  const auto root = core::root_from_inclusion(core::leaf_hash(proven.log.entry), proven.entry.sequence.value,
                                              proven.tree_size, proven.log.proof);
  if (!root) return fail(ErrorKind::damaged, "a stored receipt leads to no root");
  checkpoint.root = *root;
  return wire::LostReceipt{proven.log.entry, proven.log.proof,
                           core::note_from(checkpoint, identity.log_key, proven.log_signature)};
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

base::Bytes encode_proven(const ProvenEntry& proven) {
  base::ByteWriter out;
  out.u64(proven.tree_size.value)
      .u64(proven.epoch)
      .raw(proven.log_signature)
      .sized(proven.log.entry)
      .u32(static_cast<std::uint32_t>(proven.log.proof.size()));
  for (const base::Digest& hash : proven.log.proof) out.raw(hash);
  out.sized(proven.log.body).sized(proven.log.blocks).sized(proven.log.policy);
  out.u32(static_cast<std::uint32_t>(proven.log.rows.size()));
  for (const base::Bytes& row : proven.log.rows) out.sized(row);
  return out.take();
}

base::Result<ProvenEntry> decode_proven(base::ByteView bytes) {
  base::ByteReader in(bytes);
  ProvenEntry out;
  out.tree_size.value = in.u64();
  out.epoch = in.u64();
  out.log_signature = in.id<base::Signature>();
  out.log.entry = base::to_bytes(in.sized());
  for (std::uint32_t i = 0, n = in.u32(); in.ok() && i < n; ++i) out.log.proof.push_back(in.id<base::Digest>());
  out.log.body = base::to_bytes(in.sized());
  out.log.blocks = base::to_bytes(in.sized());
  out.log.policy = base::to_bytes(in.sized());
  for (std::uint32_t i = 0, n = in.u32(); in.ok() && i < n; ++i) out.log.rows.push_back(base::to_bytes(in.sized()));
  if (!in.done()) return fail(ErrorKind::damaged, "a stored entry is damaged");
  BESA_ASSIGN(out.entry, core::decode_entry(out.log.entry));
  return out;
}

}  // namespace besa::client
