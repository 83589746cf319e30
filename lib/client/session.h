// A member's session with one broker. Nothing that the broker says is believed: every reply is checked against the
// checkpoint that the client held before it is handed on.
//
// What is checked, in this order: form of the reply, the log's signature and origin on the checkpoint, consistency from
// the held checkpoint, inclusion of every entry, the statement that an entry is about, body and signatures beside it,
// and that times lie within five minutes of the own clock. The new checkpoint is persisted before anything else is
// used.
//
// A check that fails gives `misbehaviour`; the evidence is kept in the session, which sends nothing more. A broker that
// cannot be reached or is busy is an ordinary error, and the request may be repeated: submitting the same bytes twice
// gives the same receipt.
//
// Thread: one at a time. Cost: a signature check and a few hashes for each reply and entry.
// Source: docs/protocol.md "Requests", "Receipts".
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "client/evidence.h"
#include "client/identity.h"
#include "client/proven.h"
#include "core/checkpoint.h"
#include "core/records.h"
#include "wire/messages.h"

namespace besa::transport {
class Requester;
}

namespace besa::client {

// Sends a frame and gives the reply's frame; errors as transport::Requester::request.
using Exchange = std::function<base::Result<base::Bytes>(base::ByteView frame, std::uint32_t timeout_ms)>;
// `requester` must outlive what is returned.
Exchange exchange_over(transport::Requester& requester);

// Keeps the newest checkpoint (a signed note) where it survives a crash. Called before the checkpoint is used.
using KeepCheckpoint = std::function<base::Status(const std::string& note)>;

struct SessionOptions {
  base::NetworkId network;
  base::MemberId self;  // who the broker must take us for; none: not checked
  Exchange exchange;
  KeepCheckpoint keep;
  std::function<base::Timestamp()> now;  // the own clock
  std::uint32_t timeout_ms = 10'000;     // for one request
};

// What an earlier session left behind; both empty at first contact.
struct SavedLog {
  base::Bytes genesis;  // body
  std::string note;     // newest checkpoint
};

struct Submission {
  wire::StatementParts parts;
  bool repeated = false;                                 // was sent before: its receipt may be old
  std::optional<wire::LostReceipt> lost = std::nullopt;  // offered again after a loss: of all in one request, or none
};

// The answer for one statement: its entry, or why there is none.
struct SubmitAnswer {
  std::optional<ProvenEntry> entry;
  wire::WireError error = wire::WireError::none;
  std::string detail;
};

struct PulledEnvelope {
  ProvenEntry proven;
  std::vector<wire::Chunk> chunks;
};
struct Pulled {
  std::vector<PulledEnvelope> messages;
  std::vector<wire::Notice> notices;  // prove nothing: fetch the entry
  bool more = false;
};

class Session {
 public:
  // Errors: configuration (the saved genesis or note is not of this network), malformed.
  [[nodiscard]] static base::Result<Session> create(SessionOptions options, const SavedLog& saved);

  // Opens the session; at first contact it fetches and checks genesis first. Call it once after each new connection.
  // Errors of this and of all below: misbehaviour (see evidence()), busy (see retry_after_ms()), unavailable, denied,
  // malformed (a reply that is none), and what the broker answered (wire::error_kind_of).
  [[nodiscard]] base::Status hello();
  // 1 to 64 statements in one frame. The answers stand in the order of the statements.
  [[nodiscard]] base::Result<std::vector<SubmitAnswer>> submit(const std::vector<Submission>& statements);
  // True if something lies ready. At most 25,000 ms.
  [[nodiscard]] base::Result<bool> wait(std::uint32_t timeout_ms);
  [[nodiscard]] base::Result<Pulled> pull(std::uint16_t limit, base::Sequence notices_since);
  // One chunk of ciphertext. Only the section's root says whether it is the right one.
  [[nodiscard]] base::Result<base::Bytes> fetch(const base::Reference& message, std::uint16_t section,
                                                std::uint32_t chunk);
  [[nodiscard]] base::Result<ProvenEntry> entry(base::Sequence sequence);
  // At most `count` entries from `first` on, without gaps; for an appointed auditor.
  [[nodiscard]] base::Result<std::vector<ProvenEntry>> entries(base::Sequence first, std::uint32_t count);
  // The newest accepted statement of this member that has a prekey in force.
  [[nodiscard]] base::Result<ProvenEntry> prekeys(const base::MemberId& member);
  // The references that carry the tag of a person's code; none for an unknown one. The broker's word: nothing proves
  // that none is missing. `busy` over 60 an hour, see retry_after_ms().
  [[nodiscard]] base::Result<std::vector<base::Reference>> lookup(const base::LookupTag& tag);

  // Is a checkpoint that somebody else was shown a beginning of the log as we are shown it? `not_found`: the broker has
  // not proved it so far. `misbehaviour`: two histories, evidence() has both notes. `loss`: the last that was accepted;
  // what lies past the kept size in an earlier epoch is known to be gone.
  [[nodiscard]] base::Status check_other(const core::SignedCheckpoint& other,
                                         const std::optional<core::LossRecord>& loss = std::nullopt);

  // --- After a loss. A session that held a checkpoint of an earlier epoch goes no further; a new one without a
  // checkpoint looks at the log as if for the first time (see client/epoch.h).
  // The broker has shown a later epoch, signed by the log's key, than this session may follow by itself.
  std::optional<std::uint64_t> newer_epoch() const { return newer_epoch_; }
  std::uint64_t epoch() const { return epoch_; }
  // The note of the earlier epoch, to stand in the evidence if the new one does not hold.
  void remember_earlier(const std::string& note) { earlier_note_ = note; }
  // Is the tree of this size and root a beginning of the log? Errors besides those above: misbehaviour.
  [[nodiscard]] base::Status check_beginning(base::TreeSize size, const base::Digest& root);
  // Does the log hold just this entry at its place? Needs no right to read it. Errors besides: misbehaviour.
  [[nodiscard]] base::Status check_holds(base::Sequence sequence, base::ByteView entry);

  // For what only a reader of entries can see: who signed them, whether the rules allow them, whether one was left out.
  // Keeps `shown` as evidence, stops the session as any broken promise does, and gives the error.
  tl::unexpected<base::Error> accuse(std::string what, const ProvenEntry* shown = nullptr);

  const std::optional<LogIdentity>& identity() const { return identity_; }
  const base::Bytes& genesis() const { return genesis_; }
  const std::optional<core::SignedCheckpoint>& held() const { return held_; }
  const std::string& held_note() const { return note_; }
  // Last accepted governance entry: as replies say, and as entries show even if replies do not say so.
  base::Sequence governance() const { return governance_; }
  // After `busy`: when to try again.
  std::uint32_t retry_after_ms() const { return retry_after_ms_; }
  // Set once a check has failed; from then on every call is `misbehaviour`.
  const std::optional<Evidence>& evidence() const { return evidence_; }

 private:
  explicit Session(SessionOptions options) : options_(std::move(options)) {}

  struct Checked;
  base::Result<Checked> ask(wire::RequestBody body, std::uint32_t timeout_ms);
  base::Result<wire::Reply> exchange(const wire::Request& request, std::uint32_t timeout_ms, base::Bytes& frame);
  base::Result<core::SignedCheckpoint> check_note(const wire::Reply& reply, const base::Bytes& frame);
  base::Status advance(const core::SignedCheckpoint& next, const wire::Reply& reply, const base::Bytes& frame);
  base::Status meet();
  base::Result<ProvenEntry> checked_entry(const wire::LogEntry& log, const Checked& checked);
  base::Result<SubmitAnswer> checked_receipt(const Submission& submission, const wire::Receipt& receipt,
                                             const Checked& checked, base::Timestamp sent);
  tl::unexpected<base::Error> breach(Breach breach, std::string what, const std::string& shown,
                                     const base::Bytes& frame);

  SessionOptions options_;
  std::optional<LogIdentity> identity_;
  base::Bytes genesis_;
  std::optional<core::SignedCheckpoint> held_;
  std::string note_;
  std::string earlier_note_;
  std::uint64_t epoch_ = 0;  // of the held checkpoint
  std::optional<std::uint64_t> newer_epoch_;
  base::Sequence governance_;
  base::Bytes last_frame_;  // newest reply
  std::uint32_t retry_after_ms_ = 0;
  std::optional<Evidence> evidence_;
};

}  // namespace besa::client
