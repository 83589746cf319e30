#include "broker/waiting.h"

namespace besa::broker {

Waiting::Releases Waiting::park(const Parked& parked) {
  if (!quiet_.contains(parked.member)) return {{parked, true}};
  Releases out;
  const auto earlier = parked_.find(parked.member);
  if (earlier != parked_.end()) out.push_back({earlier->second, false});
  parked_[parked.member] = parked;
  return out;
}

Waiting::Releases Waiting::stir(const base::MemberId& member) {
  quiet_.erase(member);
  const auto found = parked_.find(member);
  if (found == parked_.end()) return {};
  Releases out{{found->second, true}};
  parked_.erase(found);
  return out;
}

Waiting::Releases Waiting::stir_all() {
  quiet_.clear();
  Releases out;
  for (const auto& [member, parked] : parked_) out.push_back({parked, true});
  parked_.clear();
  return out;
}

Waiting::Releases Waiting::expire(std::uint64_t now_ms) {
  Releases out;
  for (auto it = parked_.begin(); it != parked_.end();) {
    if (it->second.until_ms <= now_ms) {
      out.push_back({it->second, false});
      it = parked_.erase(it);
    } else {
      ++it;
    }
  }
  return out;
}

Waiting::Releases Waiting::dismiss() {
  Releases out;
  for (const auto& [member, parked] : parked_) out.push_back({parked, false});
  parked_.clear();
  return out;
}

}  // namespace besa::broker
