#include "broker/appender.h"

#include <algorithm>
#include <set>

#include "base/check.h"
#include "broker/record.h"
#include "wire/statement.h"

namespace besa::broker {
namespace {

using base::Bytes;
using base::ErrorKind;
using base::fail;
using base::MemberId;
using base::Reference;
using base::Result;
using base::Status;
using core::StatementType;

}  // namespace

Result<base::NetworkId> Appender::network() const {
  BESA_ASSIGN(const auto record, core::read_network(batch_.view()));
  if (!record) return fail(ErrorKind::not_found, "the log has no genesis yet: run 'besa-broker init'");
  return record->id;
}

void Appender::count(const core::Decided& decided) {
  const core::Entry& entry = decided.entry;
  tally_.emplace_back(entry.type, entry.decision.accepted() ? core::Reason::none : entry.decision.reason);
  std::set<base::Reference> answers;  // opener and receiver are both told of one
  for (const core::Effect& effect : decided.effects) {
    const bool told = effect.code == core::EffectCode::notice;
    if (told && effect.value == core::number_of(core::NoticeCode::answer_overdue)) answers.insert(effect.reference);
    if (effect.code == core::EffectCode::debt && effect.value == core::number_of(core::Debt::overdue)) ++debts_overdue_;
  }
  answers_overdue_ += answers.size();
}

void Appender::count_committed() const {
  counters_.entries.count(tally_);
  counters_.answers_overdue += answers_overdue_;
  counters_.withdrawal_answers_overdue += debts_overdue_;
}

void Appender::stir(const core::Decided& decided, const core::ParsedStatement& statement,
                    const std::vector<journal::Notice>& notices) {
  for (const journal::Notice& notice : notices) stirred_.push_back(notice.member);
  if (!decided.entry.decision.accepted()) return;
  if (const auto* envelope = std::get_if<core::Envelope>(&statement.body)) {
    stirred_.push_back(envelope->context.recipient);
  }
  if (core::counts_as_governance(statement.type)) stirred_all_ = true;
}

Status Appender::append(const core::Decided& decided, const core::ParsedStatement& statement,
                        const std::vector<journal::Chunk>& ciphertext) {
  BESA_ASSIGN(const auto notices, record(batch_, decided, statement, ciphertext));
  ++entries_;
  count(decided);
  stir(decided, statement, notices);
  return {};
}

Result<core::Outcome> Appender::decide_own(StatementType type, const core::Body& body, core::ParsedStatement& parsed) {
  const Bytes bytes = wire::encode_body(body);
  BESA_ASSIGN(parsed, wire::parse_statement(core::media_type(type), bytes, {}, {}, {}));
  BESA_ASSIGN(const core::Verified verified, core::verify(parsed, {}, core::key_lookup(batch_.view())));
  return core::decide(batch_.view(), verified, now_);
}

Result<bool> Appender::write_own(StatementType type, const core::Body& body) {
  core::ParsedStatement parsed;
  BESA_ASSIGN(const core::Outcome outcome, decide_own(type, body, parsed));
  const auto* decided = std::get_if<core::Decided>(&outcome);
  BESA_CHECK(decided != nullptr);
  BESA_TRY(append(*decided, parsed, {}));
  return decided->entry.decision.accepted();
}

Status Appender::tick_if_owed() {
  BESA_ASSIGN(const bool owed, core::tick_owed(batch_.view(), now_));
  if (!owed) return {};
  BESA_ASSIGN(const base::NetworkId id, network());
  BESA_TRY(write_own(StatementType::tick, core::Tick{salt_(), id}));
  return {};
}

Status Appender::tick_while_due(std::size_t most) {
  for (std::size_t i = 0; i < most && !batch_.is_large(); ++i) {
    BESA_ASSIGN(const auto head, core::read_head(batch_.view()));
    if (!head || !head->due || *head->due > now_) return {};
    BESA_ASSIGN(const base::NetworkId id, network());
    BESA_TRY(write_own(StatementType::tick, core::Tick{salt_(), id}));
  }
  return {};
}

Result<bool> Appender::pulled(StatementType type, const MemberId& member, std::vector<Reference> messages) {
  BESA_TRY(tick_if_owed());
  BESA_ASSIGN(const base::NetworkId id, network());
  return write_own(type, core::HandOut{salt_(), id, member, std::move(messages)});
}

Result<Appender::Placed> Appender::find_below_window(const core::ParsedStatement& statement) const {
  const Reference reference = core::reference_of(statement);
  BESA_ASSIGN(const auto found, batch_.log().sequence_of(reference.author, reference.counter));
  if (found) {
    BESA_ASSIGN(const Bytes bytes, batch_.log().entry(*found));
    BESA_ASSIGN(const core::Entry entry, core::decode_entry(bytes));
    if (entry.id == statement.id) {
      ++counters_.repeated;
      return Placed{*found};
    }
  }
  return Placed{Refusal(wire::WireError::counter_too_old, "the counter lies below those that the log remembers")};
}

// Who answers for a refusal: the author, or the member that brought a person's statement.
std::optional<base::MemberId> Appender::answerable(const core::ParsedStatement& statement) {
  if (const auto author = core::author_header(statement)) return author->author;
  if (const core::PersonHeader* person = core::person_header(statement.body)) return person->bringer;
  return std::nullopt;
}

// Refusals of a member that is not in force have a limit: a stolen laptop must not fill the log.
Result<bool> Appender::is_over_limit(const core::Decided& decided, const core::ParsedStatement& statement) {
  const core::Decision& decision = decided.entry.decision;
  if (decision.accepted() || decision.reason != core::Reason::unknown_sender) return false;
  const auto member = answerable(statement);
  if (!member || limiter_.allow(*member, now_)) return false;
  ++counters_.not_logged;
  return true;
}

Result<Appender::Placed> Appender::submit(const Submitted& input) {
  const core::ParsedStatement& statement = input.statement.statement();
  BESA_TRY(tick_if_owed());
  BESA_ASSIGN(const core::Outcome outcome, core::decide(batch_.view(), input.statement, now_));
  if (const auto* earlier = std::get_if<core::AlreadyDecided>(&outcome)) {
    ++counters_.repeated;
    return Placed{earlier->sequence};
  }
  if (std::holds_alternative<core::BelowWindow>(outcome)) return find_below_window(statement);
  const auto& decided = std::get<core::Decided>(outcome);
  BESA_ASSIGN(const bool over, is_over_limit(decided, statement));
  if (over) return Placed{Refusal(wire::WireError::not_member, "this member is not in force")};
  BESA_TRY(append(decided, statement, input.ciphertext));
  return Placed{decided.entry.sequence};
}

Result<Appender::Placed> Appender::submit_again(const Offered& offer) {
  auto verified = core::verify(offer.statement, offer.submitter, core::key_lookup(batch_.view()));
  if (!verified) return Placed{Refusal(verified.error())};
  return submit({std::move(*verified), offer.ciphertext});
}

Result<std::optional<Appender::Placed>> Appender::find_decided(const core::ParsedStatement& statement) const {
  BESA_ASSIGN(const auto earlier, core::find_earlier(batch_.view(), statement));
  if (!earlier) return std::nullopt;
  if (const auto* decided = std::get_if<core::AlreadyDecided>(&*earlier)) return Placed{decided->sequence};
  BESA_ASSIGN(Placed placed, find_below_window(statement));
  return placed;
}

Result<bool> Appender::recovering() const {
  BESA_ASSIGN(const auto head, core::read_head(batch_.view()));
  return head && head->recovering;
}

Status Appender::end_recovery() {
  BESA_ASSIGN(const base::NetworkId id, network());
  BESA_ASSIGN(const bool ended, write_own(StatementType::tick, core::Tick{salt_(), id}));
  if (!ended) return fail(ErrorKind::damaged, "the recovery does not end when its time has come: rebuild the view");
  stirred_all_ = true;
  return {};
}

Status Appender::confirm_clock(base::Timestamp clock) {
  BESA_ASSIGN(const base::NetworkId id, network());
  BESA_ASSIGN(const bool confirmed,
              write_own(StatementType::clock_confirmed, core::ClockConfirmed{salt_(), id, clock}));
  if (!confirmed) return fail(ErrorKind::damaged, "the clock's confirmation was refused: rebuild the view");
  return {};
}

Status Appender::begin(const core::Verified& genesis) {
  BESA_ASSIGN(const core::Outcome outcome, core::decide(batch_.view(), genesis, now_));
  const auto* decided = std::get_if<core::Decided>(&outcome);
  if (decided == nullptr) return fail(ErrorKind::already_exists, "this log has its genesis already");
  const core::Decision& decision = decided->entry.decision;
  if (!decision.accepted()) {
    return fail(ErrorKind::denied, "genesis is refused: " + std::string(core::name_of(decision.reason)));
  }
  return append(*decided, genesis.statement(), {});
}

}  // namespace besa::broker
