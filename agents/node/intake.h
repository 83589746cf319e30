// What comes in: pulls messages, verifies each in the stated order, stores it encrypted, and owes the broker one
// `received` for up to 64 messages of a sender, or an `unreadable` with the reason. Notices become proven entries.
#pragma once

#include "agents/node/node.h"
#include "agents/node/pair_watch.h"
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
  bool governance_is_behind(const client::Session& session) const;
  std::optional<base::Sequence> number_here(const Arrived& arrived) const;
  base::Status watch_parts(const Arrived& arrived);
  base::Status take_message(client::Session& session, const Arrived& arrived);
  base::Status misdelivered(const client::ProvenEntry& proven);
  base::Status store_opened(client::Session& session, const Arrived& arrived, const InboxMessage& message,
                            const envelope::OpenedMessage& opened);
  base::Status store_unreadable(client::Session& session, const Arrived& arrived, InboxMessage message,
                                const envelope::Unopened& reason);
  base::Status store(client::Session& session, const Arrived& arrived, const InboxMessage& message,
                     const std::optional<envelope::Gossip>& gossip, Store::Batch more);
  base::Status take_notice(client::Session& session, const wire::Notice& notice);
  base::Status take_notice_entry(client::Session& session, const client::ProvenEntry& proven);
  Store::Batch voided_by(const core::ParsedStatement& withhold) const;
  base::Status void_expired();
  base::Status acknowledge(const std::vector<base::Sequence>& messages);
  base::Result<PairWatch> watch_of(const base::MemberId& sender) const;
  void raise_gaps(const base::MemberId& sender, const PairWatch& before, const PairWatch& after);

  Node& node_;
  std::map<base::StatementId, base::Timestamp> incomplete_;  // since when a message is handed out without all its parts
};

}  // namespace besa::node
