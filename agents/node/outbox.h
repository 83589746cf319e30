// From drafts to entries: seals and signs when it submits, in order, and sends what was signed again until its receipt
// is known. The signed bytes are on the disk before they leave, so that a crash between sending and receipt ends with
// the same receipt and one entry.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "agents/node/node.h"
#include "client/session.h"
#include "core/decide.h"
#include "envelope/gossip.h"
#include "program/seldom.h"

namespace besa::node {

// How long signed statements are kept, to be offered again to a broker that was restored from a backup.
inline constexpr base::Duration kStatementsKept = base::days(90);
inline constexpr base::Duration kTidyEvery = base::hours(1);
inline constexpr base::Duration kPrekeysAgain = base::hours(1);  // after prekeys that were not accepted
inline constexpr base::Duration kOfferEvery{10'000};  // while the broker collects: it may have been started again
inline constexpr unsigned kMostSealings = 5;          // of one draft, when what was sealed was refused as stale

class Outbox {
 public:
  explicit Outbox(Node& node) : node_(node) {}

  // Submits what can go now. True if something was decided or kept (so that more may go). The lock must not be held.
  // Errors: those of the session; misbehaviour has been dealt with by the caller.
  [[nodiscard]] base::Result<bool> run(client::Session& session);
  // Only what takes consent back, which waits for nothing else. As `run`.
  [[nodiscard]] base::Result<bool> take_back(client::Session& session);

  // Lays out a draft of prekeys when less than kPrekeyReserve is covered. Under the lock.
  [[nodiscard]] base::Status keep_prekeys();

  // After a loss: sequences of the earlier epoch name other entries now.
  void forget_places() { own_keys_ = {}; }

  // Deletes what is past its time: private prekeys, signed bytes. Needs no broker. Under the lock.
  [[nodiscard]] base::Status tidy();

 private:
  base::Status forget_old();
  base::Status fetch_prekeys(client::Session& session);
  // In this order: what takes back, by a frame of its own; what lay in a lost part of the log, which the protocol wants
  // by itself; the rest.
  enum class Choice { takes_back, lost, ordinary };
  struct Frame {
    std::vector<std::uint64_t> numbers;  // of the drafts
    std::vector<client::Submission> submissions;
  };
  struct Sent {
    bool any = false;
    bool more = false;  // another frame may go at once
  };
  base::Result<Sent> submit(client::Session& session, Choice choice);
  base::Result<Frame> fill(const client::Session& session, Choice choice);
  Choice choice_of(const Draft& draft) const;
  bool names_lost(const Draft& draft) const;
  bool is_due(const Draft& draft, Choice choice) const;
  std::vector<std::uint64_t> due(Choice choice) const;
  base::Result<std::vector<std::uint64_t>> prepare(const client::Session& session, Choice choice);
  base::Result<std::optional<wire::LostReceipt>> receipt_of(const Draft& draft, const client::Session& session);
  base::Status end_loss();
  base::Status sign(Draft& draft, const client::Session& session);
  base::Status take_undecided(Draft draft, wire::WireError error);
  base::Status take_answer(std::uint64_t number, const wire::StatementParts& parts, const client::SubmitAnswer& answer);
  base::Status take_entry(Draft& draft, const wire::StatementParts& parts, const client::ProvenEntry& proven);
  base::Status watch_own_keys(client::Session& session, base::Sequence keys);
  base::Status fail(Draft draft, const std::string& words);
  base::Status wait(Draft draft, const std::string& words);

  Node& node_;
  std::map<base::MemberId, base::Timestamp> asked_;  // when prekeys were last asked for
  std::set<base::MemberId> stale_;                   // whose prekeys must be asked for again
  // When the broker last did not decide it yet: what was lost, and what takes back. Without what the broker has got,
  // there is room in the frame for what it has not.
  std::map<std::uint64_t, base::Timestamp> undecided_;
  std::optional<base::Timestamp> held_;  // when a recovering broker last turned the rest away
  bool recovers_ = false;
  std::map<wire::WireError, program::Seldom> said_;
  std::optional<base::Timestamp> tidied_;
  base::Sequence own_keys_;  // the newest keys in this member's name that were looked at
};

}  // namespace besa::node
