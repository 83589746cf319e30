// Gossip: exactly 120 bytes, and what is read is written back.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "base/limits.h"
#include "envelope/gossip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const besa::base::ByteView input(data, size);
  const auto gossip = besa::envelope::decode_gossip(input);
  BESA_CHECK(gossip.has_value() == (size == besa::base::limits::kGossipBytes));
  if (gossip) BESA_CHECK(besa::base::equal(besa::envelope::encode_gossip(*gossip), input));
  return 0;
}
