// An envelope at submission.
//
// The order of the checks is part of the decision: who, admission (both in decide.cc), codes and shape, references,
// loop, rules, consent. Each runs over the header and then over all sections before the next begins.
#include <algorithm>

#include "base/check.h"
#include "base/limits.h"
#include "core/carriage.h"
#include "core/lifecycle.h"
#include "core/step.h"

namespace besa::core {
namespace {

namespace limits = base::limits;

constexpr std::size_t kThreadConsents = 16;

// Everything the checks look at, read once.
struct Letter {
  Reference reference;
  const Envelope* envelope = nullptr;
  MemberRecord sender;
  MemberRecord recipient;
  std::optional<ThreadRecord> thread;  // that it travels in, as it was before
  Reference thread_reference;
  bool from_opener = true;
  std::shared_ptr<const PolicyRecord> policy;
  Reference consent_reference;                   // that its row cites, or zeros
  std::optional<ConsentRecord> cited;            // found, whoever may use it
  PersonClass person_class = PersonClass::none;  // that counts
};

Decision refusal(const Envelope& envelope, const SectionFailure& failure) {
  return refuse_section(failure.reason, failure.rule, failure.section, envelope.sections[failure.section].basis);
}

// --- codes and shape ------------------------------------------------------------------------------------------------

template <class Code>
bool none_or_listed(Code code) {
  return code == Code::none || in_list(code);
}

bool header_codes_known(const Context& context) {
  if (context.suite != kSuite1 || !in_list(context.kind) || !in_list(context.purpose)) return false;
  if (!in_list(context.priority) || !in_list(context.person_class) || !none_or_listed(context.sets)) return false;
  if (!none_or_listed(context.break_glass) || !none_or_listed(context.screening)) return false;
  return std::all_of(context.references.begin(), context.references.end(),
                     [](const ContextReference& reference) { return in_list(reference.type); });
}

// A row whose role no list has; roles of a later version never come this far.
bool row_codes_known(const Step& step) {
  return std::all_of(step.statement.envelope_rows.begin(), step.statement.envelope_rows.end(),
                     [](const EnvelopeRow& row) { return in_list(row.role); });
}

bool section_codes_known(const Section& section) {
  return in_list(section.category) && in_list(section.form) && in_list(section.grant) && in_list(section.basis) &&
         std::all_of(section.handling.begin(), section.handling.end(), [](Handling code) { return in_list(code); });
}

bool sets_fit(Kind kind, Sets sets) {
  switch (sets) {
    case Sets::none: return kind != Kind::answer && kind != Kind::cancel;
    case Sets::closed:
    case Sets::re_referred: return kind == Kind::update;
    case Sets::accepted:
    case Sets::declined:
    case Sets::in_progress:
    case Sets::on_hold:
    case Sets::cancel_confirmed: return kind == Kind::answer;
    case Sets::cancelled:
    case Sets::entered_in_error: return kind == Kind::cancel;
  }
  return false;
}

bool record_twice(const std::vector<Section>& sections) {
  CodeSet<Category> seen;
  for (const Section& section : sections) {
    if (section.form != Form::record) continue;
    if (seen.contains(section.category)) return true;
    seen.insert(section.category);
  }
  return false;
}

bool lengths_fit(const std::vector<Section>& sections) {
  std::uint64_t total = 0;
  for (const Section& section : sections) {
    if (section.padded_length < limits::kSmallestPadding) return false;
    total += section.padded_length;
  }
  return total <= limits::kMessageBytes;
}

bool header_shaped(const Context& context, const Envelope& envelope) {
  if (context.recipient == context.sender || context.recipient.is_none()) return false;
  if (is_opening_kind(context.kind) != context.thread.is_none()) return false;
  if (is_opening_kind(context.kind) && !context.reply_to.is_none()) return false;
  if (!sets_fit(context.kind, context.sets)) return false;
  // Dues, a screening value and a named third member come with kinds that this version does not serve.
  if (!context.due.empty() || context.due_index != 0 || !context.about.is_none()) return false;
  if (context.screening != Screening::none || !envelope.listed.empty()) return false;
  const bool must_carry = context.kind != Kind::answer && context.kind != Kind::cancel && context.sets == Sets::none;
  if (must_carry && envelope.sections.empty()) return false;
  if (context.kind == Kind::update && context.sets != Sets::none && !envelope.sections.empty()) return false;
  return envelope.sections.size() <= limits::kSections;
}

// A consent named that carries no section, or none named for one; what a thread's receiver sends back names none.
bool consent_row_fits(const Step& step, const Envelope& envelope, bool is_receiver) {
  std::size_t rows = 0;
  for (const EnvelopeRow& row : step.statement.envelope_rows) {
    if (row.role != RowRole::consent || row.section != kNoSection || row.reference.is_none()) return false;
    ++rows;
  }
  const bool carries = std::any_of(envelope.sections.begin(), envelope.sections.end(),
                                   [](const Section& section) { return section.basis == Basis::consent; });
  if (rows > 1) return false;
  if (is_receiver) return rows == 0;
  return carries == (rows == 1);
}

std::optional<SectionFailure> find_unknown_section(const Envelope& envelope) {
  for (std::size_t i = 0; i < envelope.sections.size(); ++i) {
    if (!section_codes_known(envelope.sections[i])) return SectionFailure{Reason::unknown_code, 0, i};
  }
  return std::nullopt;
}

Reason check_shape(const Step& step, const Letter& letter) {
  const Envelope& envelope = *letter.envelope;
  const bool is_receiver = letter.thread && letter.thread->receiver == envelope.context.sender;
  if (!header_shaped(envelope.context, envelope)) return Reason::wrong_shape;
  if (record_twice(envelope.sections) || !lengths_fit(envelope.sections)) return Reason::wrong_shape;
  if (!consent_row_fits(step, envelope, is_receiver)) return Reason::wrong_shape;
  return Reason::none;
}

// --- references -----------------------------------------------------------------------------------------------------

Result<Reason> check_references(Step& step, Letter& letter) {
  const Context& context = letter.envelope->context;
  if (is_opening_kind(context.kind)) return Reason::none;
  if (!letter.thread) return Reason::unknown_reference;
  const bool from_opener = letter.thread->opener == context.sender && letter.thread->receiver == context.recipient;
  const bool from_receiver = letter.thread->receiver == context.sender && letter.thread->opener == context.recipient;
  if (!from_opener && !from_receiver) return Reason::unknown_reference;
  letter.from_opener = from_opener;
  if (context.reply_to.is_none()) return Reason::none;
  BESA_ASSIGN(const auto replied, find_message(step.overlay, context.reply_to));
  if (!replied || replied->thread != context.thread) return Reason::unknown_reference;
  return Reason::none;
}

// --- loop -----------------------------------------------------------------------------------------------------------

bool is_strict(PersonClass person) { return person != PersonClass::adult; }

bool is_assessed(const Context& context) {
  return std::any_of(context.references.begin(), context.references.end(),
                     [](const ContextReference& r) { return r.type == ReferenceType::age_assessment; });
}

bool loosens(const Context& context, const ThreadRecord& thread) {
  return is_strict(thread.person_class) && !is_strict(context.person_class) && !is_assessed(context);
}

Reason check_loop(const Letter& letter, std::optional<ThreadState>& next) {
  const Context& context = letter.envelope->context;
  if (is_opening_kind(context.kind)) return Reason::none;
  const ThreadRecord& thread = *letter.thread;
  if (context.purpose != thread.purpose) return Reason::purpose_differs;
  next = next_state(context.kind, context.sets, letter.from_opener ? ThreadParty::opener : ThreadParty::receiver,
                    thread.state, thread.kind, thread.handed_out);
  if (!next) return Reason::illegal_transition;
  return loosens(context, thread) ? Reason::person_class_loosened : Reason::none;
}

Reason check_break_glass(const Envelope& envelope) {
  const bool vital = std::any_of(envelope.sections.begin(), envelope.sections.end(),
                                 [](const Section& section) { return section.basis == Basis::vital_interest; });
  return vital == (envelope.context.break_glass != BreakGlass::none) ? Reason::none : Reason::break_glass_missing;
}

// --- rules and consent

Result<bool> may_cite(const View& view, const Letter& letter) {
  if (!letter.cited) return false;
  const MemberId& sender = letter.envelope->context.sender;
  if (letter.consent_reference.author == sender) return true;
  BESA_ASSIGN(const ConsentParty party, read_party_of(view, sender, letter.sender));
  return relays(*letter.cited, party);
}

// The strictest of message, thread and consents: those used in the thread, and the one cited if the sender may cite it.
// An age assessment loosens.
Result<PersonClass> person_class_that_counts(const View& view, const Letter& letter,
                                             const std::vector<ConsentCandidate>& consents) {
  const Context& context = letter.envelope->context;
  if (is_strict(context.person_class) || is_assessed(context)) return context.person_class;
  if (letter.thread && is_strict(letter.thread->person_class)) return letter.thread->person_class;
  BESA_ASSIGN(const bool citable, may_cite(view, letter));
  for (const ConsentCandidate& candidate : consents) {
    const bool counts = candidate.reference != letter.consent_reference || citable;
    if (counts && is_strict(candidate.consent.person_class)) return candidate.consent.person_class;
  }
  return context.person_class;
}

Passage passage_of(const Letter& letter) {
  const Context& context = letter.envelope->context;
  Passage out;
  out.sender_sector = letter.sender.sector;
  out.recipient_sector = letter.recipient.sector;
  out.from_opener = letter.from_opener;
  out.opener_sector = letter.from_opener ? letter.sender.sector : letter.recipient.sector;
  out.receiver_sector = letter.from_opener ? letter.recipient.sector : letter.sender.sector;
  out.opens_thread = !letter.thread;
  out.opening_kind = letter.thread ? letter.thread->kind : context.kind;
  out.purpose = context.purpose;
  out.priority = context.priority;
  out.person_class = letter.person_class;
  for (const ContextReference& reference : context.references) out.references.push_back(reference.type);
  return out;
}

// Finds the person class that counts on the way.
Result<Carriage> carriage_of(const View& view, Letter& letter, const Moment& now) {
  Carriage out;
  BESA_ASSIGN(out.sender, read_party_of(view, letter.envelope->context.sender, letter.sender));
  BESA_ASSIGN(out.recipient, read_party_of(view, letter.envelope->context.recipient, letter.recipient));
  out.sections = letter.envelope->sections;
  out.returning = !letter.from_opener;
  out.now = now;
  std::vector<Reference> consents = letter.thread ? letter.thread->consents : std::vector<Reference>{};
  const bool is_new = std::find(consents.begin(), consents.end(), letter.consent_reference) == consents.end();
  if (letter.cited && is_new) consents.push_back(letter.consent_reference);
  BESA_ASSIGN(out.candidates, read_candidates(view, consents));
  BESA_ASSIGN(letter.person_class, person_class_that_counts(view, letter, out.candidates));
  out.passage = passage_of(letter);
  return out;
}

// The consent behind each section on that basis (none for the others); empty: not covered. An opener's sections rest
// on the consent that it cites, a receiver's on the oldest of the thread that carries them.
std::optional<std::vector<Reference>> check_consent(const Letter& letter, const Carriage& carriage) {
  if (is_excluded(carriage) || carriage.candidates.size() > kThreadConsents) return std::nullopt;
  std::vector<Reference> out(carriage.sections.size());
  for (std::size_t i = 0; i < carriage.sections.size(); ++i) {
    if (carriage.sections[i].basis != Basis::consent) continue;
    const auto carrying = find_carrying(carriage, carriage.sections[i].category, letter.consent_reference);
    if (!carrying) return std::nullopt;
    out[i] = *carrying;
  }
  return out;
}

// --- acceptance -----------------------------------------------------------------------------------------------------

MessageRecord message_of(const Step& step, const Letter& letter, const std::vector<std::uint16_t>& rules,
                         const std::vector<Reference>& consents) {
  const Context& context = letter.envelope->context;
  MessageRecord out;
  out.id = step.statement.id;
  out.sequence = step.sequence;
  out.recipient = context.recipient;
  out.kind = context.kind;
  out.sets = context.sets;
  out.priority = context.priority;
  out.person_class = letter.person_class;
  out.thread = letter.thread_reference;
  out.expires = context.expires;
  out.state = MessageState::queued;
  for (const ContextReference& reference : context.references) out.references.push_back(reference.type);
  for (std::size_t i = 0; i < letter.envelope->sections.size(); ++i) {
    const Section& section = letter.envelope->sections[i];
    SectionRecord record;
    record.category = section.category;
    record.form = section.form;
    record.grant = section.grant;
    record.basis = section.basis;
    record.rule = rules[i];
    record.granted = section.grant == Grant::now;
    for (const Handling code : section.handling) record.handling.insert(code);
    record.commitment = section.commitment;
    record.ciphertext_root = section.ciphertext_root;
    record.padded_length = section.padded_length;
    record.consent = consents[i];
    out.sections.push_back(std::move(record));
  }
  return out;
}

void remember_consents(ThreadRecord& thread, const std::vector<Reference>& consents) {
  for (const Reference& consent : consents) {
    if (consent.is_none() || thread.consents.size() >= kThreadConsents) continue;
    if (std::find(thread.consents.begin(), thread.consents.end(), consent) == thread.consents.end()) {
      thread.consents.push_back(consent);
    }
  }
}

// A withdrawal finds the message by the consents that its sections rest on.
void remember_under_consents(Step& step, const Reference& message, const std::vector<Reference>& consents) {
  for (const Reference& consent : consents) {
    if (!consent.is_none()) write_consent_message(step.overlay, consent, step.sequence, message);
  }
}

ThreadRecord new_thread(const Step& step, const Letter& letter) {
  const Context& context = letter.envelope->context;
  ThreadRecord out;
  out.id = step.statement.id;
  out.opener = context.sender;
  out.receiver = context.recipient;
  out.kind = context.kind;
  out.purpose = context.purpose;
  out.priority = context.priority;
  out.person_class = context.person_class;
  return out;
}

void start_answer_clock(Step& step, const Letter& letter, ThreadRecord& thread, std::uint16_t rule) {
  thread.answer_due = step.now + time_to_answer(letter.policy->policy, rule, thread.priority);
  step.set_due({thread.answer_due, DueCode::answer, letter.thread_reference, kNoSection});
}

// Sections that were promised for later will never be granted once the referral is declined.
Status purge_declined(Step& step, const Letter& letter) {
  BESA_ASSIGN(auto opening, find_message(step.overlay, letter.thread_reference));
  if (opening) purge_message(step, letter.thread_reference, *opening, true);
  return {};
}

Status put_accepted(Step& step, const Letter& letter, const std::vector<std::uint16_t>& rules,
                    const std::vector<Reference>& consents, std::optional<ThreadState> next) {
  const Envelope& envelope = *letter.envelope;
  const MessageRecord message = message_of(step, letter, rules, consents);
  const Reference& reference = letter.reference;
  write_message(step.overlay, reference.author, reference.counter, message);
  write_queue(step.overlay, message.recipient, step.sequence, reference);
  write_thread_message(step.overlay, letter.thread_reference, step.sequence, reference);
  step.effect(EffectCode::message_state, reference, kNoSection, message.recipient, number_of(MessageState::queued));
  step.set_due({message.expires, DueCode::expiry, reference, kNoSection});
  remember_under_consents(step, reference, consents);
  for (std::size_t i = 0; i < envelope.sections.size(); ++i) {
    if (message.sections[i].granted) {
      step.effect(EffectCode::granted, reference, static_cast<std::uint16_t>(i), message.recipient, 1);
    }
  }
  const bool opening = is_opening_kind(envelope.context.kind);
  ThreadRecord thread = opening ? new_thread(step, letter) : *letter.thread;
  // Only what headers say, which both parties read: neither could follow a class that a consent alone knows.
  if (is_strict(envelope.context.person_class) && !is_strict(thread.person_class)) {
    thread.person_class = envelope.context.person_class;
  }
  if (letter.from_opener) remember_consents(thread, consents);
  thread.standing_sections += static_cast<std::uint32_t>(envelope.sections.size());
  if (opening) start_answer_clock(step, letter, thread, rules.empty() ? std::uint16_t{0} : rules.front());
  const ThreadState to = opening ? ThreadState::queued : *next;
  BESA_TRY(move_thread(step, letter.thread_reference, thread, to, letter.policy->policy));
  if (to == ThreadState::declined) BESA_TRY(purge_declined(step, letter));
  return {};
}

Decision accepted_decision(const Envelope& envelope, const std::vector<std::uint16_t>& rules) {
  Decision out = accept();
  for (std::size_t i = 0; i < envelope.sections.size(); ++i) {
    Item item;
    item.section = static_cast<std::uint16_t>(i);
    item.verdict = Verdict::accepted;
    item.rule = rules[i];
    item.basis = envelope.sections[i].basis;
    out.items.push_back(item);
  }
  return out;
}

// --- putting it together --------------------------------------------------------------------------------------------

Result<Letter> read_letter(Step& step, const Envelope& body) {
  Letter out;
  out.envelope = &body;
  out.reference = reference_of(step.statement);
  BESA_ASSIGN(const auto sender, read_member(step.overlay, body.context.sender));
  BESA_CHECK(sender.has_value());
  out.sender = *sender;
  out.thread_reference = body.context.thread.is_none() ? out.reference : body.context.thread;
  if (!body.context.thread.is_none()) {
    BESA_ASSIGN(out.thread, find_thread(step.overlay, body.context.thread));
  }
  for (const EnvelopeRow& row : step.statement.envelope_rows) {
    if (row.role == RowRole::consent) out.consent_reference = row.reference;
  }
  BESA_ASSIGN(out.cited, find_consent(step.overlay, out.consent_reference));
  return out;
}

// Policy in force, recipient and its prekey.
Result<Reason> check_counterpart(Step& step, Letter& letter) {
  const Context& context = letter.envelope->context;
  BESA_ASSIGN(auto policy, read_policy(step.overlay));
  if (!policy || policy->id != context.policy) return Reason::policy_stale;
  letter.policy = std::move(policy);
  BESA_ASSIGN(const auto recipient, read_member(step.overlay, context.recipient));
  if (!recipient || recipient->standing == Standing::removed) return Reason::recipient_unavailable;
  letter.recipient = *recipient;
  if (step.preview) return Reason::none;  // the prekey is chosen when the message is sealed
  BESA_ASSIGN(const auto prekey, read_prekey(step.overlay, context.recipient, context.prekey));
  const bool in_force = prekey && step.at().within(prekey->from, prekey->until);
  return in_force ? Reason::none : Reason::recipient_unavailable;
}

Result<Reason> check_before_rules(Step& step, Letter& letter, std::optional<ThreadState>& next) {
  if (const Reason reason = check_shape(step, letter); reason != Reason::none) return reason;
  BESA_ASSIGN(const Reason counterpart, check_counterpart(step, letter));
  if (counterpart != Reason::none) return counterpart;
  BESA_ASSIGN(const Reason references, check_references(step, letter));
  if (references != Reason::none) return references;
  if (const Reason loop = check_loop(letter, next); loop != Reason::none) return loop;
  return check_break_glass(*letter.envelope);
}

}  // namespace

Result<Decision> decide_envelope(Step& step, const Envelope& body) {
  if (!header_codes_known(body.context) || !row_codes_known(step)) return refuse(Reason::unknown_code);
  if (const auto failure = find_unknown_section(body)) return refusal(body, *failure);
  BESA_ASSIGN(Letter letter, read_letter(step, body));
  std::optional<ThreadState> next;
  BESA_ASSIGN(const Reason early, check_before_rules(step, letter, next));
  if (early != Reason::none) return refuse(early);
  BESA_ASSIGN(const Carriage carriage, carriage_of(step.overlay, letter, step.at()));
  std::vector<std::uint16_t> rules;
  if (const auto failure = check_rules(letter.policy->policy, carriage, rules)) return refusal(body, *failure);
  const auto consents = check_consent(letter, carriage);
  if (!consents) return refuse(Reason::not_covered);
  BESA_TRY(put_accepted(step, letter, rules, *consents, next));
  return accepted_decision(body, rules);
}

}  // namespace besa::core
