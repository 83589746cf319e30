#include "tests/unit/broker/broker_world.h"

#include "wire/statement.h"

namespace besa::broker {

BrokerWorld::BrokerWorld() {
  options_.salt = [n = std::uint64_t{0}]() mutable {
    base::Salt salt;
    const base::Bytes bytes = base::ByteWriter().u64(0).u64(++n).take();
    std::copy(bytes.begin(), bytes.end(), salt.bytes.begin());
    return salt;
  };
}

BrokerWorld::~BrokerWorld() { close(); }

base::Status BrokerWorld::try_open() {
  close();
  BESA_ASSIGN(journal_, journal::Journal::open(folder_ / "journal", journal_options_));
  BESA_ASSIGN(recovery_, recover(*journal_));
  BESA_ASSIGN(sequencer_, Sequencer::open(*journal_, network_.log_key(), options_, counters_));
  return {};
}

base::Status BrokerWorld::settle() {
  BESA_TRY(journal_->settle());
  BESA_TRY(journal_->finish_purges());
  return {};
}

void BrokerWorld::open() {
  const auto opened = try_open();
  ASSERT_TRUE(opened) << opened.error().message;
}

void BrokerWorld::close() {
  sequencer_.reset();
  journal_.reset();
}

void BrokerWorld::take_genesis() {
  const Signed genesis = network_.genesis();
  auto parsed = wire::parse_statement(genesis.parts.type, genesis.parts.body, genesis.parts.blocks, {}, {});
  ASSERT_TRUE(parsed) << parsed.error().message;
  const auto no_key = [](const core::KeyId&) -> base::Result<std::optional<core::KnownKey>> { return std::nullopt; };
  const auto verified = core::verify(std::move(*parsed), {}, no_key);
  ASSERT_TRUE(verified) << verified.error().message;
  const auto begun = sequencer_->begin(*verified, now_);
  ASSERT_TRUE(begun) << begun.error().message;
}

void BrokerWorld::begin() {
  open();
  take_genesis();
  police_ = &network_.add_agency(core::Sector::border_police);
  shelter_ = &network_.add_agency(core::Sector::shelter);
  iom_ = &network_.add_agency(core::Sector::iom);
  jobs_ = &network_.add_agency(core::Sector::employment_service);
  auditor_ = &network_.add_agency(core::Sector::auditor);
  const std::vector<Agency*> all = {police_, shelter_, iom_, jobs_, auditor_};
  for (Agency* agency : all) accept_governance(network_.enrolment(*agency));
  accept_governance(network_.policy(support::small_policy()));
  for (Agency* agency : all) accept(network_.prekeys(*agency), *agency);
}

Admission BrokerWorld::admission(const Signed& statement, const base::MemberId& submitter) {
  return admit(statement.parts, submitter, snapshot().view());
}

wire::Reply BrokerWorld::ask(std::vector<Admission> statements, base::TreeSize known) {
  std::vector<Job> jobs;
  jobs.push_back({7, known, SubmitJob{std::move(statements)}});
  StepResult result = sequencer_->step(std::move(jobs), now_);
  EXPECT_EQ(result.answers.size(), 1u);
  EXPECT_EQ(result.answers.at(0).ticket, 7u);
  return std::move(result.answers.at(0).reply);
}

wire::Receipt BrokerWorld::submit(const Signed& statement, const base::MemberId& submitter) {
  std::vector<Admission> statements;
  statements.push_back(admission(statement, submitter));
  const wire::Reply reply = ask(std::move(statements));
  if (reply.status != wire::WireError::none) return {reply.status, reply.detail, {}, {}};
  const auto& receipt = std::get<wire::SubmitReply>(reply.body).receipts.at(0);
  if (receipt.status == wire::WireError::none) verify_receipt(receipt, *reply.proofs);
  return receipt;
}

wire::Receipt BrokerWorld::govern(const Signed& statement) {
  return submit(statement, base::id_cast<base::MemberId>(network_.administrators()[0].organisation));
}

void BrokerWorld::accept(const Signed& statement, const Agency& agency) {
  const wire::Receipt receipt = submit(statement, agency);
  ASSERT_EQ(receipt.status, wire::WireError::none) << receipt.detail;
  const core::Decision decision = decision_of(receipt);
  ASSERT_TRUE(decision.accepted()) << core::name_of(decision.reason);
}

void BrokerWorld::accept_governance(const Signed& statement) {
  const wire::Receipt receipt = govern(statement);
  ASSERT_EQ(receipt.status, wire::WireError::none) << receipt.detail;
  const core::Decision decision = decision_of(receipt);
  ASSERT_TRUE(decision.accepted()) << core::name_of(decision.reason);
}

wire::PullReply BrokerWorld::pull(const Agency& agency, std::uint16_t limit, std::uint64_t notices_since) {
  std::vector<Job> jobs;
  jobs.push_back({8, {}, PullJob{agency.id, limit, base::Sequence{notices_since}}});
  StepResult result = sequencer_->step(std::move(jobs), now_);
  EXPECT_EQ(result.answers.size(), 1u);
  const wire::Reply& reply = result.answers.at(0).reply;
  EXPECT_EQ(reply.status, wire::WireError::none) << reply.detail;
  EXPECT_TRUE(wire::encode_reply(reply).has_value());
  if (reply.status != wire::WireError::none) return {};
  return std::get<wire::PullReply>(reply.body);
}

StepResult BrokerWorld::tick() { return sequencer_->step({}, now_); }

core::Entry BrokerWorld::entry_of(const wire::Receipt& receipt) {
  const auto entry = core::decode_entry(receipt.entry);
  EXPECT_TRUE(entry.has_value());
  return entry.value_or(core::Entry{});
}

core::Entry BrokerWorld::entry_at(std::uint64_t sequence) const {
  return core::decode_entry(snapshot().log().entry(base::Sequence{sequence}).value()).value();
}

std::uint64_t BrokerWorld::size() const { return snapshot().log().size().value().value; }

void BrokerWorld::verify_receipt(const wire::Receipt& receipt, const wire::Proofs& proofs) const {
  const auto note = core::verify_checkpoint(proofs.checkpoint, sequencer_->origin(), network_.log_key().public_key());
  ASSERT_TRUE(note) << note.error().message;
  const auto included = core::verify_inclusion(core::leaf_hash(receipt.entry), entry_of(receipt).sequence.value,
                                               note->checkpoint.size, receipt.proof, note->checkpoint.root);
  EXPECT_TRUE(included) << included.error().message;
}

core::MessageState BrokerWorld::state_of(const base::Reference& message) const {
  const auto record = core::find_message(snapshot().view(), message).value();
  return record ? record->state : core::MessageState::none;
}

std::vector<core::ConsentRow> BrokerWorld::rows_for_both(core::CodeSet<Category> allowed) const {
  core::ConsentRow theirs;
  theirs.member = shelter_->id;
  theirs.allow = allowed;
  theirs.purposes = {core::Purpose::protection};
  core::ConsentRow own = theirs;
  own.member = police_->id;
  return {theirs, own};
}

}  // namespace besa::broker
