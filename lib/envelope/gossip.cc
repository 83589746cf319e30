#include "envelope/gossip.h"

#include "base/limits.h"

namespace besa::envelope {

base::Bytes encode_gossip(const Gossip& gossip) {
  base::ByteWriter writer;
  writer.u64(gossip.pair_counter).u64(gossip.voided).u64(gossip.size.value).raw(gossip.root).raw(gossip.log_signature);
  return writer.take();
}

std::optional<Gossip> decode_gossip(base::ByteView bytes) {
  if (bytes.size() != base::limits::kGossipBytes) return std::nullopt;
  base::ByteReader reader(bytes);
  Gossip out;
  out.pair_counter = reader.u64();
  out.voided = reader.u64();
  out.size = base::TreeSize{reader.u64()};
  out.root = reader.id<base::Digest>();
  out.log_signature = reader.id<base::Signature>();
  return out;
}

}  // namespace besa::envelope
