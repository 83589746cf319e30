// What a member gets when it pulls: the oldest messages of its queue, each with its standing checked again, as far as
// one frame takes them. Writes hand_out and withhold entries where a verdict changed, one a sender.
#pragma once

#include <vector>

#include "broker/appender.h"

namespace besa::broker {

struct PickedMessage {
  base::Sequence sequence;  // of its entry
  base::Reference reference;
};

struct Picked {
  std::vector<PickedMessage> messages;  // oldest first
  bool more = false;                    // the queue may hold more that could be handed out
  base::Sequence next;                  // where the next pull of this member begins: nothing before it may go now
};

// Room in one reply frame, kept for the checkpoint, the proofs and the notices.
inline constexpr std::size_t kReplyOverheadBytes = 128 * 1024;
// Rows of the queue that one pull looks at. If none of so many may go, the next pull looks at those behind them.
inline constexpr std::size_t kQueueRowsPerPull = 4'096;

// The part inside a batch, from the row `from` of the queue on, `rows` of it at most. `limit` messages at most, at
// least one if one of the rows looked at may go. Errors end the batch.
[[nodiscard]] base::Result<Picked> pick(Appender& appender, const base::MemberId& member, std::size_t limit,
                                        base::Sequence from = {}, std::size_t rows = kQueueRowsPerPull);

// The part after the commit: the messages with entries, proofs and what ciphertext fits, and the notices since.
[[nodiscard]] base::Result<wire::PullReply> show(const journal::Snapshot& snapshot, const Picked& picked,
                                                 const PullJob& job, base::TreeSize size);

}  // namespace besa::broker
