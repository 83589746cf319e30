// What all parts of a node share: keys, store, view. One mutex guards it: whoever touches anything but the constants
// holds it. No part waits for the network while it holds it.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "agents/node/config.h"
#include "agents/node/errands.h"
#include "agents/node/keys.h"
#include "agents/node/ledger.h"
#include "agents/node/notifier.h"
#include "agents/node/prekeys.h"
#include "agents/node/records.h"
#include "agents/node/store.h"
#include "client/key_history.h"
#include "client/session.h"
#include "core/view.h"
#include "envelope/random.h"
#include "program/clock.h"
#include "program/log.h"

namespace besa::node {

// What the world hands in. All must outlive the node.
struct Surroundings {
  const program::Clock& clock;
  envelope::RandomSource random;
  const program::Logger& log;
};

class Node {
 public:
  // Opens the store below `config.state` and rebuilds the view from this node's excerpt of the log.
  // Errors: configuration (state of another network), busy, damaged, io.
  [[nodiscard]] static base::Result<std::unique_ptr<Node>> open(const NodeConfig& config, NodeKeys keys,
                                                                Surroundings world);

  // --- Constants: no lock needed ---
  const NodeConfig config;
  const base::MemberId self;
  const base::KeyId signing_id;
  const crypto::SigningKey& signing() const { return keys_.signing; }
  const crypto::TransportSecret& transport() const { return keys_.transport; }
  base::Timestamp now() const { return world_.clock.now(); }
  const envelope::RandomSource& random() const { return world_.random; }
  const program::Logger& log() const { return world_.log; }

  // --- Guard themselves: no lock needed ---
  Errands errands;
  std::mutex deriving;  // held while a key is derived from a person's code: 64 MiB at a time

  // --- Under the lock ---
  std::mutex mutex;
  Store& store() { return *store_; }
  core::MemoryView view;
  client::KeyHistory key_history;  // of the governance in the view
  Ledger ledger;
  PrekeyBox prekeys;

  // Drafts, newest state; kept in memory since queues are short and people look at them often.
  const std::map<std::uint64_t, Draft>& drafts() const { return drafts_; }
  // Errors: not_found.
  [[nodiscard]] base::Result<Draft> draft(std::uint64_t number) const;
  // The numbers that the next drafts will have.
  std::vector<std::uint64_t> next_numbers(std::size_t count) const;
  // Numbers it, stores it, and with it `more`. Durable when it returns.
  [[nodiscard]] base::Result<std::uint64_t> add(Draft draft, Store::Batch more = {});
  // Several at once: all or none.
  [[nodiscard]] base::Result<std::vector<std::uint64_t>> add(std::vector<Draft> drafts, Store::Batch more = {});
  [[nodiscard]] base::Status update(const Draft& draft, Store::Batch more = {});
  const std::map<base::Sequence, InboxMessage>& inbox() const { return inbox_; }
  [[nodiscard]] base::Status put_inbox(const InboxMessage& message, Store::Batch more = {});
  const std::map<std::uint64_t, Alarm>& alarms() const { return alarms_; }

  // max(last + 1, clock in microseconds), on the disk before it is given out.
  [[nodiscard]] base::Result<base::Counter> next_counter();
  // After `counter_ahead`: the clock was wrong and has been mended. What was refused so is not used up, but counters
  // that only grow would be refused until the clock has caught up with the mistake.
  [[nodiscard]] base::Status pull_back_counter();

  // Keeps a proven entry in this node's excerpt of the log and takes its meaning: governance is decided again, the rest
  // goes to the ledger. `statement`: with rows where it is an own one.
  // Errors: misbehaviour, damaged, io, full, unsupported.
  [[nodiscard]] base::Status take(const client::ProvenEntry& proven, const core::ParsedStatement& statement,
                                  Store::Batch more = {});

  // The same of a message that came, with its place in the inbox: all on the disk at once, or nothing.
  [[nodiscard]] base::Status take_message(const client::ProvenEntry& proven, const core::ParsedStatement& statement,
                                          const InboxMessage& message, Store::Batch more);

  // Raises an alarm once for each (kind, key); evidence goes to a file below state/evidence.
  void raise(const std::string& kind, const std::string& key, const std::string& words,
             const std::string& evidence = {});
  void end_alarm(const std::string& kind, const std::string& key);

  // A promise was broken: nothing is sent any more until somebody has looked. Survives a restart, but for the clock.
  void stop_sending(const std::string& words, bool lasting);
  const std::string& stopped() const { return stopped_; }
  [[nodiscard]] base::Status resume();

  // After a loss: the node's stores as `batch` leaves them, under the new checkpoint; everything is read anew.
  [[nodiscard]] base::Status begin_epoch(const std::string& note, base::TreeSize kept, Store::Batch batch);

  // What a session starts from, and where it keeps its checkpoint (from any thread, without the lock).
  [[nodiscard]] base::Result<client::SavedLog> saved_log();
  [[nodiscard]] base::Status keep_checkpoint(const std::string& note);
  [[nodiscard]] base::Status keep_genesis(const base::Bytes& body);

  // Called, under the lock, when something new needs a person; must not wait.
  void set_attention(std::function<void(Attention)> attention) { attention_ = std::move(attention); }

  // How the connection stands, for the status.
  struct Contact {
    bool connected = false;
    base::Timestamp last;     // newest verified reply
    base::TreeSize log_size;  // newest checkpoint
    std::string trouble;      // in words; empty while all is well
  };
  Contact contact;

  base::Sequence notices_since() const { return notices_since_; }
  void set_notices_since(base::Sequence sequence, Store::Batch& batch);

  // Nudges the worker; see worker.h.
  void set_waker(std::function<void()> wake) { wake_ = std::move(wake); }
  void wake() const {
    if (wake_) wake_();
  }

 private:
  Node(const NodeConfig& config, NodeKeys keys, Surroundings world, PrekeyBox box);
  base::Status load();
  base::Status replay();
  void call(Attention attention) const {
    if (attention_) attention_(attention);
  }
  base::Status take_meaning(const client::ProvenEntry& proven, const core::ParsedStatement& statement);
  base::Status apply_governance(base::Sequence at, const std::vector<core::Change>& changes);

  NodeKeys keys_;
  Surroundings world_;
  std::unique_ptr<Store> store_;
  std::map<std::uint64_t, Draft> drafts_;
  std::map<base::Sequence, InboxMessage> inbox_;
  std::map<std::uint64_t, Alarm> alarms_;
  std::uint64_t next_draft_ = 1;
  std::uint64_t next_alarm_ = 1;
  base::Counter last_counter_;
  base::Sequence notices_since_;
  std::string stopped_;
  std::function<void()> wake_;
  std::function<void(Attention)> attention_;
};

using client::decode_proven;
using client::encode_proven;

}  // namespace besa::node
