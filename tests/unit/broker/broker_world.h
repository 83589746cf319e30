// A sequencer over a real journal in a folder of its own, a network with real keys, and shorts for what tests do most.
#pragma once

#include <gtest/gtest.h>

#include "broker/reading.h"
#include "broker/recovery.h"
#include "broker/sequencer.h"
#include "tests/support/network.h"
#include "tests/support/temporary_folder.h"

namespace besa::broker {

using core::Basis;
using core::Category;
using core::Reason;
using support::Agency;
using support::MessageSpec;
using support::SectionSpec;
using support::Signed;

class BrokerWorld : public testing::Test {
 protected:
  BrokerWorld();
  ~BrokerWorld() override;

  // Opens journal and sequencer (again), as after a crash: what the database does not hold is recovered. Never the
  // genesis.
  base::Status try_open();
  void open();
  void close();
  // What the housekeeper does: to the database, then purged ciphertext becomes zeros.
  base::Status settle();
  // Genesis, police, shelter, iom, jobs and auditor enrolled, the small policy adopted, prekeys for all.
  void begin();
  void take_genesis();

  // What the pool does: parse, check, verify. As whom the connection says it is.
  Admission admission(const Signed& signed_statement, const base::MemberId& submitter);
  wire::Reply ask(std::vector<Admission> statements, base::TreeSize known = {});
  // One statement, by its author or an administrator.
  wire::Receipt submit(const Signed& statement, const base::MemberId& submitter);
  wire::Receipt submit(const Signed& statement, const Agency& agency) { return submit(statement, agency.id); }
  wire::Receipt govern(const Signed& statement);
  // The same, and it must be accepted.
  void accept(const Signed& statement, const Agency& agency);
  void accept_governance(const Signed& statement);
  wire::PullReply pull(const Agency& agency, std::uint16_t limit = 64, std::uint64_t notices_since = 0);
  StepResult tick();  // a step without jobs

  static core::Entry entry_of(const wire::Receipt& receipt);
  static core::Decision decision_of(const wire::Receipt& receipt) { return entry_of(receipt).decision; }
  core::Entry entry_at(std::uint64_t sequence) const;
  std::uint64_t size() const;
  journal::Snapshot snapshot() const { return std::move(journal_->snapshot()).value(); }
  std::string dump() const { return core::dump(snapshot().view()).value(); }
  // Does it verify under the reply's checkpoint, signed by the log key?
  void verify_receipt(const wire::Receipt& receipt, const wire::Proofs& proofs) const;
  core::MessageState state_of(const base::Reference& message) const;

  support::TemporaryFolder folder_;
  support::Network network_;
  Counters counters_;
  Recovery recovery_;  // of the last opening
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<Sequencer> sequencer_;
  SequencerOptions options_;
  journal::Options journal_options_{.segment_bytes = std::size_t{1} << 20};  // small
  base::Timestamp now_ = support::kNetworkStart;                             // the broker's clock

  Agency* police_ = nullptr;
  Agency* shelter_ = nullptr;
  Agency* iom_ = nullptr;
  Agency* jobs_ = nullptr;
  Agency* auditor_ = nullptr;

  // Rows that let police and shelter see these categories for protection.
  std::vector<core::ConsentRow> rows_for_both(core::CodeSet<Category> allowed) const;
  // From police to shelter, one section on a basis of law.
  Signed referral() { return network_.message(*police_, *shelter_, {{Category::summary, Basis::legal_obligation}}); }
};

}  // namespace besa::broker
