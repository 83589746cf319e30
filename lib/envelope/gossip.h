// What a sender tells its recipient inside the sealed grant, where a broker cannot filter it.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/ids.h"

namespace besa::envelope {

// 120 bytes: pair counter (8), void bitmap (8), size (8), root (32), log signature (64).
struct Gossip {
  std::uint64_t pair_counter = 1;  // messages of this sender to this recipient, from 1
  // Bit k, least first, speaks of pair_counter - 1 - k: the sender's receipts show it as refused, expired or withheld.
  std::uint64_t voided = 0;
  base::TreeSize size;  // newest checkpoint that the sender holds
  base::Digest root;
  base::Signature log_signature;
  friend bool operator==(const Gossip&, const Gossip&) = default;
};

base::Bytes encode_gossip(const Gossip& gossip);
// None unless it is exactly 120 bytes. Any 120 bytes are gossip: what they say is the recipient's to judge.
std::optional<Gossip> decode_gossip(base::ByteView bytes);

}  // namespace besa::envelope
