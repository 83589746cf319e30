// A broker in memory that answers frames: the pure core, a list of entries, a key. Honest unless a test bends a reply
// on its way. For tests of clients and nodes; no socket, no disk, no thread.
//
// A test adds tests/support/fake_broker.cc and network.cc to its sources and links besa_client.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <vector>

#include "client/session.h"
#include "core/decide.h"
#include "core/merkle.h"
#include "tests/support/network.h"
#include "wire/messages.h"

namespace besa::support {

class FakeBroker {
 public:
  explicit FakeBroker(Network& network) : network_(network) {}

  // Appends a statement as if its author (or an administrator) had submitted it. Gives its entry.
  core::Entry append(const Signed& statement, const base::MemberId& submitter);
  core::Entry govern(const Signed& statement);
  // Appends it as accepted whatever the rules say: the entry lies in the log, and its decision is a lie.
  core::Entry forge(const Signed& statement, const base::MemberId& submitter);
  // Genesis, the agencies, a policy.
  void begin(const std::vector<Agency*>& agencies, const core::Policy& policy);

  base::Bytes answer(base::ByteView frame, const base::MemberId& client);
  // What a client of this member is given. With `lost`, the broker takes the request and its reply never comes.
  client::Exchange exchange(const base::MemberId& client);

  // --- Bending ---
  std::function<void(const wire::Request&, wire::Reply&)> bend;  // every reply, before it is encoded
  std::function<bool(const wire::Request&)> lose_request;        // true: it never arrives
  std::function<bool(const wire::Request&)> lose_reply;          // true: decided, but the reply is lost
  std::function<void(std::vector<wire::PulledMessage>&)> bend_pull;
  std::function<bool(const wire::StatementParts&)> recovers;  // true: answered `recovering`, and not decided
  // Messages that are shown to this member although they are for others.
  std::map<base::MemberId, std::vector<base::Sequence>> misdeliver;
  // Messages that are never handed out.
  std::set<base::Sequence> swallow;

  // --- Looking ---
  std::size_t size() const { return entries_.size(); }
  const core::Entry& entry(std::size_t sequence) const { return entries_[sequence].entry; }
  std::size_t count(core::StatementType type) const;
  std::size_t requests(wire::RequestKind kind) const;
  core::Checkpoint checkpoint() const;
  std::string note(const core::Checkpoint& checkpoint) const;
  const core::View& view() const { return view_; }
  wire::LogEntry log_entry(base::Sequence sequence) const;
  core::Proof consistency(base::TreeSize from) const;
  const std::vector<wire::Chunk>& chunks(base::Sequence sequence) const { return entries_[sequence.value].chunks; }

 private:
  struct Kept {
    core::Entry entry;
    base::Bytes bytes;
    core::Beside beside;
    core::ParsedStatement statement;
    std::vector<wire::Chunk> chunks;
    std::vector<core::Effect> effects;
  };
  base::Result<base::Sequence> decide(core::ParsedStatement statement, const base::MemberId& submitter,
                                      std::vector<wire::Chunk> chunks);
  void tick();
  base::Result<base::Sequence> take(const wire::StatementParts& parts, const base::MemberId& submitter);
  wire::Reply reply_to(const wire::Request& request, const base::MemberId& client);
  wire::SubmitReply submit(const wire::SubmitRequest& request, const base::MemberId& client);
  wire::PullReply pull(const wire::PullRequest& request, const base::MemberId& client);
  void hand_out(const base::MemberId& client, const std::vector<base::Reference>& messages);
  std::vector<wire::Notice> notices(const base::MemberId& client, base::Sequence since) const;
  wire::PulledMessage pulled(base::Sequence sequence) const;

  Network& network_;
  core::MemoryView view_;
  std::vector<Kept> entries_;
  std::vector<base::Digest> leaves_;
  std::map<wire::RequestKind, std::size_t> requests_;
};

}  // namespace besa::support
