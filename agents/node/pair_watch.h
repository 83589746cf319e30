// Watches the pair counters of one sender: which of its messages came, which it said never will, which are missing.
//
// A missing number is only a line in the status while the sender may not have known better. It is an alarm once a
// message leaves it open although its sender had seen the log past the message that showed the gap.
// Source: docs/protocol.md "Grant".
#pragma once

#include <cstdint>
#include <map>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "envelope/gossip.h"

namespace besa::node {

inline constexpr std::uint64_t kPairWindow = 64;  // numbers that a void bitmap can speak of

class PairWatch {
 public:
  // `sequence`: of the message's entry.
  void hear(const envelope::Gossip& gossip, base::Sequence sequence);

  struct Gap {
    base::Sequence shown_by;  // entry of the message that showed it
    bool alarm = false;
  };
  // Missing numbers. A number leaves when its message comes after all or a later one voids it.
  const std::map<std::uint64_t, Gap>& gaps() const { return gaps_; }
  std::uint64_t highest() const { return highest_; }

  base::Bytes encode() const;
  // Errors: damaged.
  [[nodiscard]] static base::Result<PairWatch> decode(base::ByteView bytes);

 private:
  std::uint64_t highest_ = 0;
  std::map<std::uint64_t, Gap> gaps_;
};

}  // namespace besa::node
