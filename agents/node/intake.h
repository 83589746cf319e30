// What comes in: pulls messages, verifies each in the stated order, stores it encrypted, and owes the broker one
// `received` for up to 64 messages of a sender, or an `unreadable` with the reason. Notices become proven entries.
#pragma once

#include "agents/node/node.h"
#include "client/session.h"
#include "envelope/open.h"

namespace besa::node {

class Intake {
 public:
  explicit Intake(Node& node) : node_(node) {}

  // One pull. True if there may be more. The lock must not be held. Errors: those of the session.
  [[nodiscard]] base::Result<bool> run(client::Session& session);

  // Compares checkpoints that senders saw with the log as it is shown here. At most a few at a time.
  [[nodiscard]] base::Status check_gossip(client::Session& session);

 private:
  struct Arrived;
  base::Result<Arrived> fetch_missing(client::Session& session, client::PulledEnvelope pulled);
  base::Status take_message(const Arrived& arrived);
  base::Status misdelivered(const client::ProvenEntry& proven);
  base::Status store_opened(const Arrived& arrived, InboxMessage message, const envelope::OpenedMessage& opened);
  base::Status store_unreadable(const Arrived& arrived, InboxMessage message, const envelope::Unopened& reason);
  base::Status take_notice(client::Session& session, const wire::Notice& notice);
  base::Status take_notice_entry(const client::ProvenEntry& proven);
  base::Status note_void(const wire::Notice& notice);
  base::Status acknowledge(const std::vector<base::Sequence>& messages);
  base::Status hear_gossip(const InboxMessage& message, const envelope::Gossip& gossip);

  Node& node_;
};

}  // namespace besa::node
