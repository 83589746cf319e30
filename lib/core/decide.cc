#include "core/decide.h"

#include <algorithm>

#include "base/check.h"
#include "base/limits.h"
#include "core/step.h"

namespace besa::core {
namespace {

using base::ErrorKind;
using base::fail;
namespace limits = base::limits;

constexpr std::uint64_t kMicrosecondsPerMs = 1000;

bool uses_counter(const Decision& decision) {
  return decision.accepted() ||
         (decision.reason != Reason::unknown_sender && decision.reason != Reason::bad_signature_key &&
          decision.reason != Reason::counter_ahead && decision.reason != Reason::counter_reused);
}

// The block that speaks for the author (`verify` lets through just one): others prove possession of new keys.
const KeyId& author_key(const Step& step) {
  const auto found =
      std::find_if(step.signers.begin(), step.signers.end(), [](const Signer& signer) { return !signer.introduced; });
  BESA_CHECK(found != step.signers.end());
  return found->key;
}

// Who: the author is a member in force and signed with a key in force.
Result<Reason> check_author(Step& step, const MemberHeader& header) {
  BESA_ASSIGN(const auto member, read_member(step.overlay, header.author));
  if (!member) return Reason::unknown_sender;
  step.keys_previous = member->keys;
  if (!member->in_force(step.at())) return Reason::unknown_sender;
  if (step.preview) return Reason::none;
  const KeyId& signed_with = author_key(step);
  BESA_ASSIGN(const auto key, read_key(step.overlay, signed_with));
  const bool in_force = key && step.at().within(key->from, key->until);
  if (!in_force) return Reason::bad_signature_key;
  if (const auto* envelope = std::get_if<Envelope>(&step.statement.body)) {
    if (envelope->context.sender_key != signed_with) return Reason::bad_signature_key;
  }
  // A key that was replaced replaces no more: of two rotations the first counts, and a stolen old key gets no new one.
  const bool rotates = step.statement.type == StatementType::key_rotation;
  if (rotates && signed_with != member->signing_key) return Reason::bad_signature_key;
  return Reason::none;
}

// Over that time, in microseconds. Past the last time that a counter can say, none is.
bool is_ahead(Counter counter, Timestamp latest) {
  return latest.ms < UINT64_MAX / kMicrosecondsPerMs && counter.value > latest.ms * kMicrosecondsPerMs;
}

// Admission: counter, then times.
Result<Reason> check_admission(Step& step, const MemberHeader& header) {
  if (!step.preview) {
    BESA_ASSIGN(const auto used, read_counter(step.overlay, header.author, header.counter));
    if (used) return Reason::counter_reused;
    if (is_ahead(header.counter, step.now + limits::kClockAhead)) return Reason::counter_ahead;
  }
  BESA_ASSIGN(const auto policy, read_policy(step.overlay));
  Duration life = limits::kStatementLife;
  if (policy && policy->policy.life_hours != 0) life = std::min(life, base::hours(policy->policy.life_hours));
  return check_times(header.created, header.expires, step.at(), life);
}

Result<Decision> decide_member_body(Step& step) {
  const Body& body = step.statement.body;
  if (const auto* prekeys = std::get_if<Prekeys>(&body)) return decide_prekeys(step, *prekeys);
  if (const auto* consent = std::get_if<Consent>(&body)) return decide_consent(step, *consent);
  if (const auto* envelope = std::get_if<Envelope>(&body)) return decide_envelope(step, *envelope);
  if (const auto* acknowledgement = std::get_if<Acknowledgement>(&body)) {
    return decide_acknowledgement(step, *acknowledgement);
  }
  if (const auto* report = std::get_if<UnreadableReport>(&body)) return decide_unreadable(step, *report);
  if (const auto* withdrawal = std::get_if<Withdrawal>(&body)) return decide_withdrawal(step, *withdrawal);
  if (const auto* answer = std::get_if<WithdrawalAnswer>(&body)) return decide_withdrawal_answer(step, *answer);
  if (const auto* rotation = std::get_if<KeyRotation>(&body)) return decide_rotation(step, *rotation);
  const auto* opened = std::get_if<Opened>(&body);
  BESA_CHECK(opened != nullptr);
  return decide_opened(step, *opened);
}

Result<Decision> decide_member(Step& step, const MemberHeader& header) {
  BESA_ASSIGN(const Reason who, check_author(step, header));
  if (who != Reason::none) return refuse(who);
  BESA_ASSIGN(const Reason admission, check_admission(step, header));
  if (admission != Reason::none) return refuse(admission);
  return decide_member_body(step);
}

Result<Decision> decide_broker(Step& step) {
  if (const auto* hand_out = std::get_if<HandOut>(&step.statement.body)) {
    BESA_ASSIGN(const auto member, read_member(step.overlay, hand_out->member));
    if (member) step.keys_previous = member->keys;
    return step.statement.type == StatementType::hand_out ? decide_hand_out(step, *hand_out)
                                                          : decide_withhold(step, *hand_out);
  }
  if (const auto* clock = std::get_if<ClockConfirmed>(&step.statement.body)) return decide_confirmed(step, *clock);
  return decide_tick(step);
}

Result<Decision> decide_any(Step& step) {
  if (const auto header = author_header(step.statement)) return decide_member(step, *header);
  if (is_governance(step.statement.type)) return decide_governance(step);
  if (const PersonHeader* header = person_header(step.statement.body)) return decide_person(step, *header);
  return decide_broker(step);
}

Bytes governance_key(const StatementId& id) { return base::to_bytes(id.view()); }

// Without a counter, a statement is known again by its id.
bool is_known_by_id(StatementType type) { return is_governance(type) || is_person(type); }

bool lacks_signatures(Reason reason) {
  return reason == Reason::below_threshold || reason == Reason::one_organisation || reason == Reason::not_possessed;
}

// What every decided statement leaves behind, whatever the verdict.
Status remember(Step& step, const Decision& decision) {
  const ParsedStatement& statement = step.statement;
  if (const auto header = author_header(statement)) {
    if (!uses_counter(decision)) return {};
    return use_counter(step.overlay, header->author, header->counter, {statement.id, step.sequence});
  }
  if (is_known_by_id(statement.type)) {
    base::ByteWriter row;
    row.sequence(step.sequence).u8(lacks_signatures(decision.reason) ? 1 : 0).raw(statement.blocks_hash);
    step.overlay.put(Table::governance, governance_key(statement.id), row.take());
  }
  return {};
}

bool changes_governance(const Step& step, const Decision& decision) {
  return decision.accepted() && (counts_as_governance(step.statement.type) || step.governs);
}

Result<Decided> compose(Step& step, Decision decision, const Head& head, const Verified& input) {
  const ParsedStatement& statement = input.statement();
  std::sort(step.effects.begin(), step.effects.end());  // as their bytes sort
  Decided out;
  out.entry.sequence = step.sequence;
  out.entry.now = step.now;
  out.entry.type = statement.type;
  out.entry.id = statement.id;
  out.entry.blocks_hash = statement.blocks_hash;
  out.entry.rows_root = statement.rows_root;
  out.entry.submitter = input.submitter();
  out.entry.effects_chain = chain_effects(head.effects_chain, step.effects);
  out.entry.governance_previous = head.governance;
  out.entry.keys_previous = step.keys_previous;
  Head next;
  next.next = Sequence{step.sequence.value + 1};
  next.now = step.now;
  next.effects_chain = out.entry.effects_chain;
  next.governance = changes_governance(step, decision) ? step.sequence : head.governance;
  // The tick that ends a recovery takes nothing: what is due by then still is.
  next.ticked = statement.type == StatementType::tick && !step.recovering;
  next.recovering = step.recovering && !(decision.accepted() && step.governs);
  if (decision.accepted() && statement.type == StatementType::loss_accepted) next.recovering = true;
  BESA_ASSIGN(next.due, due_after(step.overlay, head.due));
  write_head(step.overlay, next);
  out.entry.decision = std::move(decision);
  out.effects = std::move(step.effects);
  out.changes = step.overlay.changes();
  return out;
}

}  // namespace

void Step::set_due(const DueItem& item) {
  write_due(overlay, item);
  MemberId code;
  code.bytes[14] = static_cast<std::uint8_t>(number_of(item.code) >> 8);
  code.bytes[15] = static_cast<std::uint8_t>(number_of(item.code));
  effect(EffectCode::due_set, item.reference, item.section, code, item.at.ms);
}

void Step::clear_due(const DueItem& item) {
  erase_due(overlay, item);
  MemberId code;
  code.bytes[14] = static_cast<std::uint8_t>(number_of(item.code) >> 8);
  code.bytes[15] = static_cast<std::uint8_t>(number_of(item.code));
  effect(EffectCode::due_cleared, item.reference, item.section, code, item.at.ms);
}

Decision refuse_section(Reason reason, std::uint16_t rule, std::size_t section, Basis basis) {
  Decision out = refuse(reason, rule);
  Item item;
  item.section = static_cast<std::uint16_t>(section);
  item.verdict = Verdict::refused;
  item.reason = number_of(reason);
  item.rule = rule;
  item.basis = basis;
  out.items.push_back(item);
  return out;
}

Reason check_times(Timestamp created, Timestamp expires, const Moment& at, Duration life) {
  if (created > at.now + limits::kClockAhead) return Reason::created_ahead;
  if (expires <= at.ends) return Reason::expired;
  if (expires > created + life) return Reason::expires_too_late;
  return Reason::none;
}

Result<bool> tick_owed(const View& view, Timestamp now) {
  BESA_ASSIGN(const auto head, read_head(view));
  if (!head || head->ticked || head->recovering) return false;
  return head->due && *head->due <= std::max(now, head->now);
}

Result<std::optional<Outcome>> find_earlier(const View& view, const ParsedStatement& statement) {
  if (const auto header = author_header(statement)) {
    BESA_ASSIGN(const auto used, read_counter(view, header->author, header->counter));
    if (used && used->id == statement.id) return Outcome{AlreadyDecided{used->sequence}};
    if (used) return std::nullopt;
    BESA_ASSIGN(const auto floor, window_floor(view, header->author));
    if (floor && header->counter < *floor) return Outcome{BelowWindow{}};
    return std::nullopt;
  }
  if (!is_known_by_id(statement.type)) return std::nullopt;
  BESA_ASSIGN(const auto row, view.get(Table::governance, governance_key(statement.id)));
  if (!row) return std::nullopt;
  base::ByteReader reader(*row);
  const Sequence sequence = reader.sequence();
  const bool lacked_signatures = reader.u8() != 0;
  const auto blocks_hash = reader.id<Digest>();
  if (!reader.done()) return fail(ErrorKind::damaged, "the view holds a broken governance row: rebuild the view");
  // What was refused for want of signatures may come again with more of them.
  if (lacked_signatures && blocks_hash != statement.blocks_hash) return std::nullopt;
  return Outcome{AlreadyDecided{sequence}};
}

Result<Outcome> decide(const View& view, const Verified& input, Timestamp now) {
  const ParsedStatement& statement = input.statement();
  BESA_ASSIGN(const auto stored_head, read_head(view));
  const bool is_genesis = statement.type == StatementType::genesis;
  if (!stored_head && !is_genesis) return fail(ErrorKind::not_found, "the log has no genesis yet: begin with one");
  const Head head = stored_head.value_or(Head{});
  const Timestamp at = std::max(now, head.now);
  BESA_ASSIGN(auto earlier, find_earlier(view, statement));
  if (earlier) return std::move(*earlier);
  // A clock is confirmed before anything else is written under it.
  if (statement.type != StatementType::tick && statement.type != StatementType::clock_confirmed) {
    BESA_ASSIGN(const bool owed, tick_owed(view, at));
    if (owed) return fail(ErrorKind::busy, "tick_missing: something is due, a tick comes first");
  }
  Step step(view, statement, input.signers(), at, head.next);
  if (head.recovering) {
    BESA_ASSIGN(const auto loss, read_loss(view));
    if (!loss) return fail(ErrorKind::damaged, "the view recovers from a loss that it does not hold: rebuild the view");
    step.recovering = true;
    step.ends = loss->kept_now;
  }
  BESA_ASSIGN(Decision decision, decide_any(step));
  if (!decision.accepted()) {
    step.overlay.discard();
    step.effects.clear();
  }
  BESA_TRY(remember(step, decision));
  BESA_ASSIGN(Decided decided, compose(step, std::move(decision), head, input));
  return Outcome{std::move(decided)};
}

Result<Preview> preview(const View& view, const ParsedStatement& statement, Timestamp now) {
  BESA_ASSIGN(const auto head, read_head(view));
  if (!head) return fail(ErrorKind::not_found, "no policy is known yet: let the node reach its broker once");
  Step step(view, statement, {}, std::max(now, head->now), head->next);
  step.preview = true;
  BESA_ASSIGN(Decision decision, decide_any(step));
  return Preview{std::move(decision)};
}

Status check_submitter(const View& view, const Verified& input) {
  return check_submitter(view, input.statement(), input.submitter());
}

Status check_submitter(const View& view, const ParsedStatement& statement, const MemberId& submitter) {
  BESA_ASSIGN(const auto network, read_network(view));
  if (statement.type == StatementType::genesis) {
    if (network) return fail(ErrorKind::already_exists, "this log has its genesis already");
    return {};
  }
  if (!network) return fail(ErrorKind::not_found, "the log has no genesis yet: begin with one");
  if (network_of(statement.body) != network->id) {
    return fail(ErrorKind::malformed, "wrong_network: the statement names another network");
  }
  const tl::unexpected<base::Error> wrong =
      fail(ErrorKind::denied, "wrong_submitter: the connection belongs to somebody else than the statement's author");
  if (const auto header = author_header(statement)) {
    if (header->author == submitter) return {};
    BESA_ASSIGN(const auto member, read_member(view, header->author));
    if (member && !member->parent.is_none() && member->parent == submitter) return {};
    return wrong;
  }
  if (const PersonHeader* header = person_header(statement.body)) {
    if (header->bringer == submitter) return {};
    return wrong;
  }
  if (is_broker(statement.type)) {
    if (submitter.is_none()) return {};
    return wrong;
  }
  BESA_ASSIGN(const auto administrators, read_administrators(view));
  for (const AdministratorRecord& administrator : administrators) {
    if (base::id_cast<MemberId>(administrator.organisation) == submitter) return {};
  }
  return wrong;
}

KeyLookup key_lookup(const View& view) {
  return [&view](const KeyId& key) { return read_key(view, key); };
}

}  // namespace besa::core
