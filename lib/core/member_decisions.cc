// What a member signs beside envelopes: prekeys, consents, and what it says about messages that it got.
#include <algorithm>

#include "base/limits.h"
#include "core/consent.h"
#include "core/lifecycle.h"
#include "core/step.h"

namespace besa::core {
namespace {

namespace limits = base::limits;

constexpr std::size_t kPrekeysKept = 64;

// Prekeys that can open nothing any more make room.
Status drop_old_prekeys(Step& step, const MemberId& member) {
  BESA_ASSIGN(const auto rows, step.overlay.scan(Table::prekey, member.view(), {}, 4 * kPrekeysKept));
  for (const ViewRow& row : rows) {
    KeyId key;
    if (!KeyId::read(base::ByteView(row.key).subspan(MemberId::kSize), key)) continue;
    BESA_ASSIGN(const auto prekey, read_prekey(step.overlay, member, key));
    if (prekey && prekey->until + limits::kStatementLife < step.ends) step.overlay.erase(Table::prekey, row.key);
  }
  return {};
}

bool prekey_shaped(const Prekey& prekey, Timestamp ends) {
  return !prekey.key.is_none() && prekey.from < prekey.until && ends < prekey.until;
}

Result<std::optional<MessageRecord>> message_for(Step& step, const MemberId& author, const Reference& reference) {
  BESA_ASSIGN(auto message, find_message(step.overlay, reference));
  if (!message || message->recipient != author) return std::nullopt;
  return message;
}

bool is_pending(MessageState state) {
  return state == MessageState::queued || state == MessageState::handed_out || state == MessageState::withheld;
}

// Moves one message on what its recipient says. False: not legal from where it stands.
Result<bool> apply_report(Step& step, const Reference& reference, MessageRecord message, MessageEvent event) {
  // Its hand-out went with the lost log.
  const bool is_report = event == MessageEvent::received || event == MessageEvent::unreadable;
  if (step.recovering && is_report && message.state == MessageState::queued) {
    BESA_TRY(note_hand_out(step, message.thread));
    message.handed_out = true;
    message.state = MessageState::handed_out;
  }
  const auto next = next_message_state(event, message.state, message.handed_out);
  if (!next) return false;
  if (*next == message.state) return true;  // legal, recorded, changes nothing
  if (is_pending(message.state) && !is_pending(*next)) leave_queue(step, reference, message);
  BESA_TRY(move_message(step, reference, message, *next));
  if (event == MessageEvent::unreadable) {
    step.effect(EffectCode::notice, reference, kNoSection, reference.author, number_of(NoticeCode::message_unreadable));
  }
  return true;
}

Item named_item(const Reference& reference) {
  Item item;
  item.reference = reference;
  item.verdict = Verdict::accepted;
  return item;
}

// The references of one statement: some, each once, all of one sender.
bool references_shaped(const std::vector<Reference>& references) {
  if (references.empty() || references.size() > limits::kReferencesPerStatement) return false;
  for (std::size_t i = 0; i < references.size(); ++i) {
    if (references[i].author != references[0].author) return false;
    if (std::find(references.begin(), references.begin() + static_cast<std::ptrdiff_t>(i), references[i]) !=
        references.begin() + static_cast<std::ptrdiff_t>(i)) {
      return false;
    }
  }
  return true;
}

}  // namespace

Result<Decision> decide_prekeys(Step& step, const Prekeys& body) {
  if (body.keys.empty() || body.keys.size() > limits::kPrekeysPerStatement) return refuse(Reason::wrong_shape);
  for (const Prekey& prekey : body.keys) {
    if (!prekey_shaped(prekey, step.ends)) return refuse(Reason::wrong_shape);
    const KeyId key = prekey_id(body.header.author, prekey.key);
    BESA_ASSIGN(const auto known, read_prekey(step.overlay, body.header.author, key));
    if (known) return refuse(Reason::already_used);
    write_prekey(step.overlay, body.header.author, key, {prekey.key, prekey.from, prekey.until});
  }
  BESA_TRY(drop_old_prekeys(step, body.header.author));
  BESA_ASSIGN(const auto kept, step.overlay.scan(Table::prekey, body.header.author.view(), {}, kPrekeysKept + 1));
  if (kept.size() > kPrekeysKept) return refuse(Reason::wrong_shape);
  BESA_ASSIGN(auto member, read_member(step.overlay, body.header.author));
  member->keys = step.sequence;
  write_member(step.overlay, body.header.author, *member);
  return accept();
}

Result<Decision> decide_consent(Step& step, const Consent& body) {
  BESA_ASSIGN(const auto policy, read_policy(step.overlay));
  const std::uint16_t required = policy ? policy->policy.required_checks : std::uint16_t{0};
  const Reason reason = check_recordable(body, step.statement.consent_rows, required, step.at());
  if (reason != Reason::none) return refuse(reason);
  if (!body.code_key.is_none()) {
    BESA_ASSIGN(const bool free, take_key(step, body.code_key.view(), number_of(KeyRole::person), {}));
    if (!free) return refuse(Reason::already_used);
    write_key(step.overlay, person_key_id(body.code_key),
              {KeyRole::person, {}, body.code_key, {}, Timestamp{UINT64_MAX}});
    write_coded(step.overlay, body.code_tag, step.sequence, reference_of(step.statement));
  }
  ConsentRecord record;
  if (!body.code_key.is_none()) record.code_key = person_key_id(body.code_key);
  record.id = step.statement.id;
  record.sequence = step.sequence;
  record.person_class = body.person_class;
  record.given_by = body.given_by;
  record.guardian_conflict = body.guardian_conflict;
  record.valid_from = body.valid_from;
  record.valid_until = body.valid_until;
  for (std::size_t i = 0; i < step.statement.consent_rows.size(); ++i) {
    const ConsentRow& row = step.statement.consent_rows[i];
    if (!row.is_empty()) record.rows.push_back({row, step.statement.row_hashes[i]});
  }
  write_consent(step.overlay, body.header.author, body.header.counter, record);
  return accept();
}

Result<Decision> decide_acknowledgement(Step& step, const Acknowledgement& body) {
  if (!references_shaped(body.messages)) return refuse(Reason::wrong_shape);
  const MessageEvent event =
      step.statement.type == StatementType::received ? MessageEvent::received : MessageEvent::erased;
  Decision decision = accept();
  std::vector<std::pair<Reference, MessageRecord>> messages;
  for (const Reference& reference : body.messages) {
    BESA_ASSIGN(auto message, message_for(step, body.header.author, reference));
    if (!message) return refuse(Reason::unknown_reference);
    messages.emplace_back(reference, std::move(*message));
  }
  for (auto& [reference, message] : messages) {
    BESA_ASSIGN(const bool legal, apply_report(step, reference, message, event));
    if (!legal) return refuse(Reason::illegal_transition);
    decision.items.push_back(named_item(reference));
  }
  return decision;
}

Result<Decision> decide_unreadable(Step& step, const UnreadableReport& body) {
  if (!in_list(body.reason)) return refuse(Reason::unknown_code);
  BESA_ASSIGN(const auto message, message_for(step, body.header.author, body.message));
  if (!message) return refuse(Reason::unknown_reference);
  BESA_ASSIGN(const bool legal, apply_report(step, body.message, *message, MessageEvent::unreadable));
  if (!legal) return refuse(Reason::illegal_transition);
  Decision decision = accept();
  decision.items.push_back(named_item(body.message));
  return decision;
}

Result<Decision> decide_opened(Step& step, const Opened& body) {
  if (!in_list(body.role)) return refuse(Reason::unknown_code);
  if (body.person.is_none()) return refuse(Reason::wrong_shape);
  BESA_ASSIGN(const auto message, message_for(step, body.header.author, body.message));
  if (!message) return refuse(Reason::unknown_reference);
  BESA_ASSIGN(const bool legal, apply_report(step, body.message, *message, MessageEvent::opened));
  if (!legal) return refuse(Reason::illegal_transition);
  Decision decision = accept();
  decision.items.push_back(named_item(body.message));
  return decision;
}

}  // namespace besa::core
