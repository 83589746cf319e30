#include "agents/node/pair_watch.h"

namespace besa::node {
namespace {

constexpr std::size_t kMostGaps = 1024;

bool is_voided(const envelope::Gossip& gossip, std::uint64_t pair) {
  if (pair >= gossip.pair_counter) return false;
  const std::uint64_t back = gossip.pair_counter - 1 - pair;
  return back < kPairWindow && ((gossip.voided >> back) & 1U) != 0;
}

}  // namespace

void PairWatch::hear(const envelope::Gossip& gossip, base::Sequence sequence) {
  const std::uint64_t pair = gossip.pair_counter;
  gaps_.erase(pair);
  for (auto it = gaps_.begin(); it != gaps_.end();) {
    if (is_voided(gossip, it->first)) {
      it = gaps_.erase(it);
      continue;
    }
    const bool knew_better = pair > it->first && gossip.size.value > it->second.shown_by.value;
    it->second.alarm = it->second.alarm || knew_better;
    ++it;
  }
  if (pair <= highest_) return;
  const std::uint64_t first = pair - highest_ > kMostGaps ? pair - kMostGaps : highest_ + 1;
  for (std::uint64_t missing = first; missing < pair && gaps_.size() < kMostGaps; ++missing) {
    if (!is_voided(gossip, missing)) gaps_[missing] = {sequence, false};
  }
  highest_ = pair;
}

base::Bytes PairWatch::encode() const {
  base::ByteWriter out;
  out.u64(highest_).u32(static_cast<std::uint32_t>(gaps_.size()));
  for (const auto& [pair, gap] : gaps_) out.u64(pair).sequence(gap.shown_by).u8(gap.alarm ? 1 : 0);
  return out.take();
}

base::Result<PairWatch> PairWatch::decode(base::ByteView bytes) {
  base::ByteReader in(bytes);
  PairWatch out;
  out.highest_ = in.u64();
  for (std::uint32_t i = 0, n = in.u32(); in.ok() && i < n; ++i) {
    const std::uint64_t pair = in.u64();
    const base::Sequence shown_by = in.sequence();
    out.gaps_[pair] = {shown_by, in.u8() != 0};
  }
  if (!in.done()) return base::fail(base::ErrorKind::damaged, "stored pair counters are damaged");
  return out;
}

}  // namespace besa::node
