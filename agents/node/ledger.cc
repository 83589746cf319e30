#include "agents/node/ledger.h"

#include <algorithm>

#include "core/consent.h"
#include "core/lifecycle.h"

namespace besa::node {
namespace {

using base::Reference;
using base::Result;
using base::Status;
using core::MessageState;
using core::ThreadState;

constexpr std::size_t kMessagesUnderConsent = 4096;  // far more than one person's case ever has

// How far a message is on its way; a state never goes back.
int rank(MessageState state) {
  switch (state) {
    case MessageState::none: return 0;
    case MessageState::queued: return 1;
    case MessageState::handed_out: return 2;
    case MessageState::withheld:
    case MessageState::expired: return 3;
    case MessageState::received:
    case MessageState::unreadable: return 4;
    case MessageState::opened: return 5;
    case MessageState::erased: return 6;
  }
  return 0;
}

// The state that an accepted message asked for, where the view does not know enough to follow the table.
ThreadState asked_state(core::Sets sets, ThreadState from) {
  switch (sets) {
    case core::Sets::none: return from;
    case core::Sets::closed: return ThreadState::closed;
    case core::Sets::re_referred: return ThreadState::re_referred;
    case core::Sets::accepted: return ThreadState::accepted;
    case core::Sets::declined: return ThreadState::declined;
    case core::Sets::in_progress: return ThreadState::in_progress;
    case core::Sets::on_hold: return ThreadState::on_hold;
    case core::Sets::cancel_confirmed: return ThreadState::cancel_confirmed;
    case core::Sets::cancelled: return ThreadState::cancelled;
    case core::Sets::entered_in_error: return ThreadState::entered_in_error;
  }
  return from;
}

core::MessageRecord message_record(const core::Entry& entry, const core::Envelope& envelope, const Reference& thread,
                                   const Reference& consent) {
  const core::Context& context = envelope.context;
  core::MessageRecord out;
  out.id = entry.id;
  out.sequence = entry.sequence;
  out.recipient = context.recipient;
  out.kind = context.kind;
  out.sets = context.sets;
  out.priority = context.priority;
  out.person_class = context.person_class;
  out.thread = thread;
  out.expires = context.expires;
  out.state = MessageState::queued;
  for (std::size_t i = 0; i < envelope.sections.size(); ++i) {
    const core::Section& section = envelope.sections[i];
    core::SectionRecord record;
    record.category = section.category;
    record.form = section.form;
    record.grant = section.grant;
    record.basis = section.basis;
    record.rule = i < entry.decision.items.size() ? entry.decision.items[i].rule : std::uint16_t{0};
    record.granted = section.grant == core::Grant::now;
    record.commitment = section.commitment;
    record.ciphertext_root = section.ciphertext_root;
    record.padded_length = section.padded_length;
    if (section.basis == core::Basis::consent) record.consent = consent;
    out.sections.push_back(std::move(record));
  }
  return out;
}

core::ThreadRecord thread_record(const core::Entry& entry, const core::Context& context) {
  core::ThreadRecord out;
  out.id = entry.id;
  out.opener = context.sender;
  out.receiver = context.recipient;
  out.kind = context.kind;
  out.purpose = context.purpose;
  out.priority = context.priority;
  out.person_class = context.person_class;
  out.state = ThreadState::queued;
  return out;
}

Reference consent_of(const core::ParsedStatement& statement) {
  for (const core::EnvelopeRow& row : statement.envelope_rows) {
    if (row.role == core::RowRole::consent) return row.reference;
  }
  return {};
}

// The state that an event gives its message.
MessageState state_after(core::StatementType what) {
  if (what == core::StatementType::hand_out) return MessageState::handed_out;
  if (what == core::StatementType::withhold) return MessageState::withheld;
  if (what == core::StatementType::unreadable) return MessageState::unreadable;
  if (what == core::StatementType::opened) return MessageState::opened;
  return what == core::StatementType::received ? MessageState::received : MessageState::erased;
}

tl::unexpected<base::Error> against_the_rules(const char* words) {
  return base::fail(base::ErrorKind::misbehaviour, words);
}

bool is_party(const core::ThreadRecord& thread, const core::Context& context) {
  return (thread.opener == context.sender && thread.receiver == context.recipient) ||
         (thread.opener == context.recipient && thread.receiver == context.sender);
}

void move_thread(core::ThreadRecord& thread, const core::Context& context) {
  const auto by = thread.opener == context.sender ? core::ThreadParty::opener : core::ThreadParty::receiver;
  const auto next = core::next_state(context.kind, context.sets, by, thread.state, thread.kind, thread.handed_out);
  thread.state = next.value_or(asked_state(context.sets, thread.state));
}

}  // namespace

Status Ledger::put_envelope(const core::Entry& entry, const core::ParsedStatement& statement,
                            const core::Envelope& envelope) {
  const core::Context& context = envelope.context;
  const Reference reference = core::reference_of(statement);
  BESA_ASSIGN(const auto known, core::find_message(view_, reference));
  if (known) return {};
  const bool opening = core::is_opening_kind(context.kind);
  const Reference thread_reference = opening ? reference : context.thread;
  core::Overlay changes(view_);
  const Reference consent = consent_of(statement);
  core::write_message(changes, reference.author, reference.counter,
                      message_record(entry, envelope, thread_reference, consent));
  if (!consent.is_none()) core::write_consent_message(changes, consent, entry.sequence, reference);
  core::write_thread_message(changes, thread_reference, entry.sequence, reference);
  core::ThreadRecord thread = thread_record(entry, context);
  if (!opening) {
    BESA_ASSIGN(const auto stored, core::find_thread(view_, thread_reference));
    if (!stored) {
      BESA_TRY(view_.apply(changes.changes()));
      return catch_up(reference, message_record(entry, envelope, thread_reference, consent));
    }
    thread = *stored;
    if (!is_party(thread, context)) {
      return against_the_rules("the broker accepted a message of an agency that is no party of its thread");
    }
    move_thread(thread, context);
  }
  if (!consent.is_none() &&
      std::find(thread.consents.begin(), thread.consents.end(), consent) == thread.consents.end()) {
    thread.consents.push_back(consent);
  }
  core::write_thread(changes, thread_reference.author, thread_reference.counter, thread);
  BESA_TRY(view_.apply(changes.changes()));
  return catch_up(reference, message_record(entry, envelope, thread_reference, consent));
}

// What was reported of a message before its own entry was seen here: its receipt was lost and came later.
Status Ledger::catch_up(const Reference& reference, const core::MessageRecord& message) {
  for (const Event& event : events(reference)) {
    if (event.recipient != message.recipient) {
      return against_the_rules("the broker accepted a report on a message by an agency that it was not for");
    }
    BESA_TRY(move(reference, state_after(event.what)));
  }
  return {};
}

Status Ledger::put_prekeys(const core::Prekeys& body) {
  core::Overlay changes(view_);
  for (const core::Prekey& prekey : body.keys) {
    core::write_prekey(changes, body.header.author, core::prekey_id(body.header.author, prekey.key),
                       {prekey.key, prekey.from, prekey.until});
  }
  return view_.apply(changes.changes());
}

Status Ledger::put_consent(const core::Entry& entry, const core::ParsedStatement& statement,
                           const core::Consent& body) {
  core::ConsentRecord record;
  record.id = entry.id;
  record.sequence = entry.sequence;
  record.person_class = body.person_class;
  record.given_by = body.given_by;
  record.guardian_conflict = body.guardian_conflict;
  record.valid_from = body.valid_from;
  record.valid_until = body.valid_until;
  for (std::size_t i = 0; i < statement.consent_rows.size(); ++i) {
    if (!statement.consent_rows[i].is_empty())
      record.rows.push_back({statement.consent_rows[i], statement.row_hashes[i]});
  }
  core::Overlay changes(view_);
  if (!body.code_key.is_none()) {
    record.code_key = core::person_key_id(body.code_key);
    core::write_key(changes, record.code_key,
                    {core::KeyRole::person, {}, body.code_key, {}, base::Timestamp{UINT64_MAX}});
  }
  core::write_consent(changes, body.header.author, body.header.counter, record);
  return view_.apply(changes.changes());
}

// Moves a message forward, and its thread with it while the thread only mirrors its opening message.
Status Ledger::move(const Reference& reference, MessageState to) {
  BESA_ASSIGN(auto message, core::find_message(view_, reference));
  if (!message) return {};
  core::Overlay changes(view_);
  BESA_ASSIGN(auto thread, core::find_thread(view_, message->thread));
  if (to == MessageState::handed_out) {
    message->handed_out = true;
    if (thread) thread->handed_out = true;
  }
  const bool overtaken = message->state == MessageState::withheld || message->state == MessageState::expired;
  const bool let_go =
      message->state == MessageState::withheld && (to == MessageState::handed_out || to == MessageState::expired);
  if (let_go || (rank(to) > rank(message->state) && !overtaken)) {
    message->state = to;
    const auto mirrored =
        thread && message->thread == reference ? core::mirrored_state(thread->state, to) : std::nullopt;
    if (mirrored) thread->state = *mirrored;
  }
  if (thread) core::write_thread(changes, message->thread.author, message->thread.counter, *thread);
  core::write_message(changes, reference.author, reference.counter, *message);
  return view_.apply(changes.changes());
}

Status Ledger::note(const core::Entry& entry, const std::vector<Reference>& messages, MessageState to, Event event) {
  for (const Reference& message : messages) {
    BESA_ASSIGN(const auto known, core::find_message(view_, message));
    if (known && known->recipient != event.recipient) {
      return against_the_rules("the broker accepted a report on a message by an agency that it was not for");
    }
  }
  for (const Reference& message : messages) {
    BESA_TRY(move(message, to));
    remember(message, entry, event);
  }
  return {};
}

void Ledger::remember(const Reference& message, const core::Entry& entry, Event event) {
  event.what = entry.type;
  event.sequence = entry.sequence;
  event.at = entry.now;
  std::vector<Event>& known = events_[message];
  const bool seen =
      std::any_of(known.begin(), known.end(), [&](const Event& e) { return e.sequence == entry.sequence; });
  if (seen) return;
  known.push_back(event);
  std::sort(known.begin(), known.end(), [](const Event& a, const Event& b) { return a.sequence < b.sequence; });
}

// One message that rested on the consent: which sections lost it, and whether its thread has anything left.
Status Ledger::withdraw_from(const core::Entry& entry, const core::ConsentRecord& consent, const Reference& reference,
                             const Event& event) {
  BESA_ASSIGN(auto message, core::find_message(view_, reference));
  if (!message) return {};
  BESA_ASSIGN(const auto recipient, core::read_member(view_, message->recipient));
  BESA_ASSIGN(auto thread, core::find_thread(view_, message->thread));
  if (!recipient || !thread) return {};
  BESA_ASSIGN(const core::ConsentParty party, core::read_party_of(view_, message->recipient, *recipient));
  bool lost = false;
  bool something_left = false;
  for (core::SectionRecord& section : message->sections) {
    if (!section.consent.is_none() && !core::still_carries(consent, party, section.category, thread->purpose)) {
      lost = lost || !section.withdrawn;
      section.withdrawn = true;
    }
    something_left = something_left || !section.withdrawn;
  }
  if (!lost) return {};
  remember(reference, entry, event);
  if (message->handed_out && !core::is_not_told(consent, party)) message->debt = core::Debt::owed;
  // What had not been received is kept back whole and for good.
  if (message->state == MessageState::queued || message->state == MessageState::handed_out) {
    message->state = MessageState::withheld;
  }
  core::Overlay changes(view_);
  core::write_message(changes, reference.author, reference.counter, *message);
  if (message->thread == reference && !something_left && core::is_live(thread->state)) {
    thread->state = ThreadState::consent_withdrawn;
    core::write_thread(changes, reference.author, reference.counter, *thread);
  }
  return view_.apply(changes.changes());
}

// The last answer that is owed in a thread in which nothing is left ends it.
Status Ledger::settle(const Reference& reference, const base::MemberId& by) {
  BESA_ASSIGN(auto message, core::find_message(view_, reference));
  if (!message) return {};
  if (message->recipient != by) {
    return against_the_rules("the broker accepted an answer to a withdrawal by an agency that it was not for");
  }
  message->debt = core::Debt::answered;
  core::Overlay changes(view_);
  core::write_message(changes, reference.author, reference.counter, *message);
  BESA_ASSIGN(auto thread, core::find_thread(view_, message->thread));
  BESA_ASSIGN(const auto others, core::read_thread_messages(changes, message->thread, {}, kMessagesUnderConsent));
  bool owed = false;
  for (const Reference& other : others) {
    BESA_ASSIGN(const auto found, core::find_message(changes, other));
    owed = owed || (found && found->debt == core::Debt::owed);
  }
  if (thread && !owed && thread->state == ThreadState::consent_withdrawn) {
    thread->state = ThreadState::withdrawal_answered;
    core::write_thread(changes, message->thread.author, message->thread.counter, *thread);
  }
  return view_.apply(changes.changes());
}

Status Ledger::put_withdrawal(const core::Entry& entry, const core::Narrowing& narrowing, Event event) {
  BESA_ASSIGN(const auto reference, core::consent_behind(view_, narrowing.reference));
  if (!reference) return {};
  BESA_ASSIGN(auto consent, core::find_consent(view_, *reference));
  if (!consent || !core::narrow(*consent, narrowing)) return {};
  core::Overlay changes(view_);
  core::write_consent(changes, reference->author, reference->counter, *consent);
  BESA_TRY(view_.apply(changes.changes()));
  BESA_ASSIGN(const auto messages, core::read_consent_messages(view_, *reference, {}, kMessagesUnderConsent));
  for (const core::QueuedMessage& message : messages) {
    BESA_TRY(withdraw_from(entry, *consent, message.reference, event));
  }
  return {};
}

Status Ledger::apply(const core::Entry& entry, const core::ParsedStatement& statement) {
  if (!entry.decision.accepted()) return {};
  if (const auto* envelope = std::get_if<core::Envelope>(&statement.body)) {
    return put_envelope(entry, statement, *envelope);
  }
  if (const auto* prekeys = std::get_if<core::Prekeys>(&statement.body)) return put_prekeys(*prekeys);
  if (const auto* consent = std::get_if<core::Consent>(&statement.body)) return put_consent(entry, statement, *consent);
  Event event;
  if (const auto header = core::author_header(statement)) event.by = event.recipient = header->author;
  if (const auto* hand_out = std::get_if<core::HandOut>(&statement.body)) {
    event.recipient = hand_out->member;
    const bool handed = entry.type == core::StatementType::hand_out;
    return note(entry, hand_out->messages, handed ? MessageState::handed_out : MessageState::withheld, event);
  }
  if (const auto* report = std::get_if<core::UnreadableReport>(&statement.body)) {
    event.reason = report->reason;
    return note(entry, {report->message}, MessageState::unreadable, event);
  }
  if (const auto* withdrawal = std::get_if<core::Withdrawal>(&statement.body)) {
    return put_withdrawal(entry, withdrawal->narrowing, event);
  }
  if (const auto* by_code = std::get_if<core::PersonWithdrawal>(&statement.body)) {
    event.by = by_code->header.bringer;
    return put_withdrawal(entry, by_code->narrowing, event);
  }
  if (const auto* answer = std::get_if<core::WithdrawalAnswer>(&statement.body)) {
    event.answer = answer->answer;
    BESA_TRY(settle(answer->message, event.by));
    remember(answer->message, entry, event);
    return {};
  }
  if (const auto* opened = std::get_if<core::Opened>(&statement.body)) {
    event.role = opened->role;
    return note(entry, {opened->message}, MessageState::opened, event);
  }
  if (const auto* acknowledgement = std::get_if<core::Acknowledgement>(&statement.body)) {
    const bool received = entry.type == core::StatementType::received;
    return note(entry, acknowledgement->messages, received ? MessageState::received : MessageState::erased, event);
  }
  return {};
}

const std::vector<Event>& Ledger::events(const Reference& message) const {
  static const std::vector<Event> kNone;
  const auto found = events_.find(message);
  return found == events_.end() ? kNone : found->second;
}

}  // namespace besa::node
