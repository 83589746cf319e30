// The one place that bounds what is inside the broker: requests, their bytes, and each peer's share. Every queue behind
// it is sized from it.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>

#include "base/ids.h"

namespace besa::broker {

inline constexpr std::size_t kRequestsInside = 1'024;
inline constexpr std::size_t kBytesInside = std::size_t{64} << 20;
inline constexpr std::size_t kRequestsOfOnePeer = 64;
static_assert(kRequestsOfOnePeer < kRequestsInside, "one peer cannot fill the broker");

// Any thread.
class Door {
 public:
  // False: answer busy. True: `leave` follows with the same arguments, once.
  bool enter(const base::TransportKey& peer, std::size_t bytes) {
    const std::scoped_lock lock(mutex_);
    std::size_t& of_peer = by_peer_[peer];
    const bool room = requests_ < kRequestsInside && bytes_ + bytes <= kBytesInside && of_peer < kRequestsOfOnePeer;
    if (!room) {
      if (of_peer == 0) by_peer_.erase(peer);
      return false;
    }
    ++requests_;
    ++of_peer;
    bytes_ += bytes;
    return true;
  }

  void leave(const base::TransportKey& peer, std::size_t bytes) {
    const std::scoped_lock lock(mutex_);
    --requests_;
    bytes_ -= bytes;
    const auto found = by_peer_.find(peer);
    if (found != by_peer_.end() && --found->second == 0) by_peer_.erase(found);
  }

  std::size_t requests() const {
    const std::scoped_lock lock(mutex_);
    return requests_;
  }

 private:
  mutable std::mutex mutex_;
  std::size_t requests_ = 0;
  std::size_t bytes_ = 0;
  std::map<base::TransportKey, std::size_t> by_peer_;
};

}  // namespace besa::broker
