#include "broker/proofs.h"

namespace besa::broker {

Answered<wire::Proofs> make_proofs(const journal::LogReader& log, const Published& published, base::TreeSize known) {
  if (known > published.checkpoint.size) {
    return refuse(wire::WireError::rollback_seen, "the request names a larger log than this one: show its signed note");
  }
  wire::Proofs out;
  out.checkpoint = published.note;
  out.governance = published.governance;
  out.now = published.now;
  BESA_ASSIGN(out.consistency, log.consistency_proof(known, published.checkpoint.size));
  return out;
}

wire::Reply reply_with(wire::RequestKind kind, Answered<wire::ReplyBody> body, Answered<wire::Proofs> proofs) {
  if (!proofs) return wire::error_reply(kind, proofs.error().error, proofs.error().detail);
  wire::Reply out;
  if (!body) out = wire::error_reply(kind, body.error().error, body.error().detail);
  out.kind = kind;
  if (body) out.body = std::move(*body);
  out.proofs = std::move(*proofs);
  return out;
}

}  // namespace besa::broker
