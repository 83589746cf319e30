#include "broker/appender.h"

#include <algorithm>

#include "base/check.h"
#include "wire/statement.h"

namespace besa::broker {
namespace {

using base::Bytes;
using base::ErrorKind;
using base::fail;
using base::MemberId;
using base::Reference;
using base::Result;
using base::Sequence;
using base::Status;
using core::EffectCode;
using core::StatementType;

bool used_its_counter(const core::Decided& decided) {
  return std::any_of(decided.changes.begin(), decided.changes.end(),
                     [](const core::Change& change) { return change.table == core::Table::counter && change.value; });
}

// Whom an effect is worth telling. Members know what they did themselves from their receipts.
std::vector<journal::Notice> notices_of(const core::Decided& decided, const core::ParsedStatement& statement) {
  const auto author = core::author_header(statement);
  std::vector<journal::Notice> out;
  for (const core::Effect& effect : decided.effects) {
    journal::Notice notice{effect.member, static_cast<std::uint16_t>(effect.value), effect.reference};
    if (effect.code == EffectCode::message_state) {
      notice = {effect.reference.author, core::number_of(core::NoticeCode::message_moved), effect.reference};
    } else if (effect.code != EffectCode::notice) {
      continue;
    }
    if (notice.member.is_none() || (author && author->author == notice.member)) continue;
    out.push_back(notice);
  }
  return out;
}

}  // namespace

Result<base::NetworkId> Appender::network() const {
  BESA_ASSIGN(const auto record, core::read_network(batch_.view()));
  if (!record) return fail(ErrorKind::not_found, "the log has no genesis yet: run 'besa-broker init'");
  return record->id;
}

void Appender::count(const core::Decided& decided) {
  const StatementType type = decided.entry.type;
  if (type == StatementType::tick) {
    ++counters_.ticks;
  } else if (type == StatementType::hand_out) {
    ++counters_.hand_outs;
  } else if (type == StatementType::withhold) {
    ++counters_.withholds;
  } else if (decided.entry.decision.accepted()) {
    ++counters_.accepted;
  } else {
    ++counters_.refused;
  }
}

void Appender::stir(const core::Decided& decided, const core::ParsedStatement& statement,
                    const std::vector<journal::Notice>& notices) {
  for (const journal::Notice& notice : notices) stirred_.push_back(notice.member);
  if (!decided.entry.decision.accepted()) return;
  if (const auto* envelope = std::get_if<core::Envelope>(&statement.body)) {
    stirred_.push_back(envelope->context.recipient);
  }
  if (core::is_governance(statement.type)) stirred_all_ = true;
}

Status Appender::append(const core::Decided& decided, const core::ParsedStatement& statement,
                        const std::vector<journal::Chunk>& ciphertext) {
  BESA_TRY(batch_.view().apply(decided.changes));
  journal::Append append;
  append.entry = core::encode_entry(decided.entry);
  append.beside = core::encode_beside(core::beside_of(statement));
  if (used_its_counter(decided)) append.author = core::reference_of(statement);
  if (core::is_governance(statement.type)) append.id = statement.id;
  if (decided.entry.decision.accepted()) append.ciphertext = ciphertext;
  append.notices = notices_of(decided, statement);
  BESA_ASSIGN(const Sequence sequence, batch_.append(append));
  if (sequence != decided.entry.sequence) return fail(ErrorKind::damaged, "log and view disagree: rebuild the view");
  for (const core::Effect& effect : decided.effects) {
    if (effect.code == EffectCode::purge) BESA_TRY(batch_.purge(effect.reference, effect.section));
  }
  ++entries_;
  count(decided);
  stir(decided, statement, append.notices);
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
  for (std::size_t i = 0; i < most; ++i) {
    BESA_ASSIGN(const auto due, core::next_due(batch_.view()));
    if (!due || *due > now_) return {};
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
