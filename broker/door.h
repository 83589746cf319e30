// The one place that bounds what is inside the broker: requests, their bytes, and each peer's share of requests and of
// statements that have no answer yet. Every queue behind it is sized from it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>

#include "base/check.h"
#include "base/ids.h"
#include "base/limits.h"

namespace besa::broker {

inline constexpr std::uint32_t kBusyRetryMs = 200;  // what a busy answer asks for
inline constexpr std::size_t kRequestsInside = 1'024;
inline constexpr std::size_t kBytesInside = std::size_t{64} << 20;
inline constexpr std::size_t kRequestsOfOnePeer = 64;
static_assert(kRequestsOfOnePeer < kRequestsInside, "one peer cannot fill the broker");
static_assert(base::limits::kStatementsPerSubmit <= base::limits::kUnansweredPerMember, "one request always fits");

// Any thread.
class Door {
 public:
  // False: answer busy. True: `leave` follows with the same arguments, once.
  bool enter(const base::TransportKey& peer, std::size_t bytes) {
    const std::scoped_lock lock(mutex_);
    Share& of_peer = by_peer_[peer];
    const bool room =
        requests_ < kRequestsInside && bytes_ + bytes <= kBytesInside && of_peer.requests < kRequestsOfOnePeer;
    if (!room) {
      if (of_peer.requests == 0) by_peer_.erase(peer);
      return false;
    }
    ++requests_;
    ++of_peer.requests;
    bytes_ += bytes;
    return true;
  }

  // The statements of a request that is inside. False: answer busy, they are not counted. True: `leave` gives them
  // back.
  bool hold(const base::TransportKey& peer, std::size_t statements) {
    const std::scoped_lock lock(mutex_);
    const auto found = by_peer_.find(peer);
    BESA_CHECK(found != by_peer_.end());
    if (found->second.statements + statements > base::limits::kUnansweredPerMember) return false;
    found->second.statements += statements;
    return true;
  }

  void leave(const base::TransportKey& peer, std::size_t bytes, std::size_t statements = 0) {
    const std::scoped_lock lock(mutex_);
    const auto found = by_peer_.find(peer);
    BESA_CHECK(found != by_peer_.end() && found->second.statements >= statements);
    --requests_;
    bytes_ -= bytes;
    found->second.statements -= statements;
    if (--found->second.requests == 0) by_peer_.erase(found);
  }

  std::size_t requests() const {
    const std::scoped_lock lock(mutex_);
    return requests_;
  }

 private:
  struct Share {
    std::size_t requests = 0;
    std::size_t statements = 0;
  };
  mutable std::mutex mutex_;
  std::size_t requests_ = 0;
  std::size_t bytes_ = 0;
  std::map<base::TransportKey, Share> by_peer_;
};

}  // namespace besa::broker
