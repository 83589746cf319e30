// An envelope at submission, and the standing checks that are made again when it is handed out.
//
// The order of the checks is part of the decision: who, admission (both in decide.cc), codes and shape, references,
// loop, rules, consent. Each runs over the header and then over all sections before the next begins.
#include <algorithm>

#include "base/check.h"
#include "base/limits.h"
#include "core/consent.h"
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
  PolicyRecord policy;
  Reference consent_reference;             // that its row cites, or zeros
  std::optional<ConsentRecord> cited;      // found, whoever may use it
};

struct SectionFailure {
  Reason reason = Reason::none;
  std::uint16_t rule = 0;
  std::size_t section = 0;
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

bool loosens(const Context& context, const ThreadRecord& thread) {
  if (!is_strict(thread.person_class) || is_strict(context.person_class)) return false;
  return std::none_of(context.references.begin(), context.references.end(),
                      [](const ContextReference& r) { return r.type == ReferenceType::age_assessment; });
}

Result<bool> ever_handed_out(const View& view, const Reference& thread) {
  BESA_ASSIGN(const auto opening, find_message(view, thread));
  return opening && opening->handed_out;
}

Result<Reason> check_loop(Step& step, const Letter& letter, std::optional<ThreadState>& next) {
  const Context& context = letter.envelope->context;
  if (is_opening_kind(context.kind)) return Reason::none;
  const ThreadRecord& thread = *letter.thread;
  if (context.purpose != thread.purpose) return Reason::purpose_differs;
  BESA_ASSIGN(const bool handed_out, ever_handed_out(step.overlay, letter.thread_reference));
  next = next_state(context.kind, context.sets, letter.from_opener ? ThreadParty::opener : ThreadParty::receiver,
                    thread.state, thread.kind, handed_out);
  if (!next) return Reason::illegal_transition;
  return loosens(context, thread) ? Reason::person_class_loosened : Reason::none;
}

Reason check_break_glass(const Envelope& envelope) {
  const bool vital = std::any_of(envelope.sections.begin(), envelope.sections.end(),
                                 [](const Section& section) { return section.basis == Basis::vital_interest; });
  return vital == (envelope.context.break_glass != BreakGlass::none) ? Reason::none : Reason::break_glass_missing;
}

// --- rules and consent: at submission and again at hand-out ---------------------------------------------------------

// What rules and consent look at, from a fresh envelope or from an accepted message alike.
struct Carriage {
  Passage passage;
  MemberId sender;
  MemberId recipient;
  MemberRecord sender_record;
  MemberRecord recipient_record;
  OrganisationId recipient_parent_organisation;
  std::vector<Section> sections;
  bool returning = false;                                        // from the thread's receiver to its opener
  std::vector<std::pair<Reference, ConsentRecord>> candidates;   // oldest first
  Timestamp now;
};

std::optional<SectionFailure> check_rules(const Policy& policy, const Carriage& carriage,
                                          std::vector<std::uint16_t>& rules) {
  for (std::size_t i = 0; i < carriage.sections.size(); ++i) {
    const RuleVerdict verdict = check_denied(policy, carriage.passage, carriage.sections[i]);
    if (!verdict.allowed()) return SectionFailure{verdict.reason, verdict.rule, i};
  }
  for (std::size_t i = 0; i < carriage.sections.size(); ++i) {
    const RuleVerdict verdict = check_allowed(policy, carriage.passage, carriage.sections[i]);
    if (!verdict.allowed()) return SectionFailure{verdict.reason, verdict.rule, i};
    rules.push_back(verdict.rule);
  }
  return std::nullopt;
}

ConsentParty party_of(const MemberId& member, const MemberRecord& record, const OrganisationId& parent_organisation) {
  return {member, record.organisation, record.parent, parent_organisation, record.sector};
}

// The consent that carries each section on that basis; empty if one is not carried or a consent excludes the recipient.
std::optional<std::vector<Reference>> check_consent(const Carriage& carriage) {
  const ConsentParty recipient =
      party_of(carriage.recipient, carriage.recipient_record, carriage.recipient_parent_organisation);
  const ConsentParty sender = party_of(carriage.sender, carriage.sender_record, {});
  for (const auto& [reference, consent] : carriage.candidates) {
    if (reference.author != carriage.recipient && excludes(consent, recipient)) return std::nullopt;
  }
  std::vector<Reference> carried(carriage.sections.size());
  for (std::size_t i = 0; i < carriage.sections.size(); ++i) {
    if (carriage.sections[i].basis != Basis::consent) continue;
    const auto found = std::find_if(carriage.candidates.begin(), carriage.candidates.end(), [&](const auto& candidate) {
      return covers(candidate.second, candidate.first.author, sender, recipient, carriage.sections[i].category,
                    carriage.passage.purpose, carriage.now, carriage.returning);
    });
    if (found == carriage.candidates.end()) return std::nullopt;
    carried[i] = found->first;
  }
  return carried;
}

Result<OrganisationId> organisation_of_parent(const View& view, const MemberRecord& member) {
  if (member.parent.is_none()) return OrganisationId{};
  BESA_ASSIGN(const auto parent, read_member(view, member.parent));
  return parent ? parent->organisation : OrganisationId{};
}

Result<std::vector<std::pair<Reference, ConsentRecord>>> read_consents(const View& view,
                                                                       const std::vector<Reference>& references) {
  std::vector<std::pair<Reference, ConsentRecord>> out;
  for (const Reference& reference : references) {
    BESA_ASSIGN(auto consent, find_consent(view, reference));
    if (consent) out.emplace_back(reference, std::move(*consent));
  }
  return out;
}

bool may_cite(const Letter& letter) {
  if (!letter.cited) return false;
  if (letter.consent_reference.author == letter.envelope->context.sender) return true;
  return relays(*letter.cited, party_of(letter.envelope->context.sender, letter.sender, {}));
}

// The strictest of message, thread and the consent that the sender may cite; an age assessment loosens.
PersonClass person_class_that_counts(const Letter& letter) {
  const Context& context = letter.envelope->context;
  const bool assessed = std::any_of(context.references.begin(), context.references.end(), [](const auto& reference) {
    return reference.type == ReferenceType::age_assessment;
  });
  if (is_strict(context.person_class) || assessed) return context.person_class;
  if (letter.thread && is_strict(letter.thread->person_class)) return letter.thread->person_class;
  if (may_cite(letter) && is_strict(letter.cited->person_class)) return letter.cited->person_class;
  return context.person_class;
}

Result<Carriage> carriage_of(const View& view, const Letter& letter, Timestamp now) {
  const Context& context = letter.envelope->context;
  Carriage out;
  const bool opening = is_opening_kind(context.kind);
  out.passage.sender_sector = letter.sender.sector;
  out.passage.recipient_sector = letter.recipient.sector;
  out.passage.from_opener = letter.from_opener;
  out.passage.opener_sector = letter.from_opener ? letter.sender.sector : letter.recipient.sector;
  out.passage.receiver_sector = letter.from_opener ? letter.recipient.sector : letter.sender.sector;
  out.passage.opening_kind = opening ? context.kind : letter.thread->kind;
  out.passage.purpose = context.purpose;
  out.passage.priority = context.priority;
  out.passage.person_class = person_class_that_counts(letter);
  for (const ContextReference& reference : context.references) out.passage.references.push_back(reference.type);
  out.sender = context.sender;
  out.recipient = context.recipient;
  out.sender_record = letter.sender;
  out.recipient_record = letter.recipient;
  BESA_ASSIGN(out.recipient_parent_organisation, organisation_of_parent(view, letter.recipient));
  out.sections = letter.envelope->sections;
  out.returning = !letter.from_opener;
  out.now = now;
  std::vector<Reference> consents = letter.thread ? letter.thread->consents : std::vector<Reference>{};
  // The opener cites one consent; what it used earlier in the thread still counts for exclusions, but not to cover.
  if (letter.cited && std::find(consents.begin(), consents.end(), letter.consent_reference) == consents.end()) {
    consents.push_back(letter.consent_reference);
  }
  BESA_ASSIGN(out.candidates, read_consents(view, consents));
  return out;
}

// An opener's section is covered by the consent it cites and by no other.
std::optional<std::vector<Reference>> check_cited_consent(const Letter& letter, const Carriage& carriage) {
  if (carriage.returning) return check_consent(carriage);
  auto carried = check_consent(carriage);
  if (!carried) return std::nullopt;
  for (std::size_t i = 0; i < carried->size(); ++i) {
    if (carriage.sections[i].basis != Basis::consent) continue;
    const ConsentParty recipient =
        party_of(carriage.recipient, carriage.recipient_record, carriage.recipient_parent_organisation);
    const ConsentParty sender = party_of(carriage.sender, carriage.sender_record, {});
    if (!letter.cited || !covers(*letter.cited, letter.consent_reference.author, sender, recipient,
                                 carriage.sections[i].category, carriage.passage.purpose, carriage.now, false)) {
      return std::nullopt;
    }
    (*carried)[i] = letter.consent_reference;
  }
  return carried;
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
  out.person_class = person_class_that_counts(letter);
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

ThreadRecord new_thread(const Step& step, const Letter& letter) {
  const Context& context = letter.envelope->context;
  ThreadRecord out;
  out.id = step.statement.id;
  out.opener = context.sender;
  out.receiver = context.recipient;
  out.kind = context.kind;
  out.purpose = context.purpose;
  out.priority = context.priority;
  out.person_class = person_class_that_counts(letter);
  return out;
}

void start_answer_clock(Step& step, const Letter& letter, ThreadRecord& thread, std::uint16_t rule) {
  thread.answer_due = step.now + time_to_answer(letter.policy.policy, rule, thread.priority);
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
  for (std::size_t i = 0; i < envelope.sections.size(); ++i) {
    if (message.sections[i].granted) {
      step.effect(EffectCode::granted, reference, static_cast<std::uint16_t>(i), message.recipient, 1);
    }
  }
  const bool opening = is_opening_kind(envelope.context.kind);
  ThreadRecord thread = opening ? new_thread(step, letter) : *letter.thread;
  if (letter.from_opener) remember_consents(thread, consents);
  if (opening) start_answer_clock(step, letter, thread, rules.empty() ? std::uint16_t{0} : rules.front());
  const ThreadState to = opening ? ThreadState::queued : *next;
  BESA_TRY(move_thread(step, letter.thread_reference, thread, to, letter.policy.policy));
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
  letter.policy = std::move(*policy);
  BESA_ASSIGN(const auto recipient, read_member(step.overlay, context.recipient));
  if (!recipient || recipient->standing == Standing::removed) return Reason::recipient_unavailable;
  letter.recipient = *recipient;
  if (step.preview) return Reason::none;  // the prekey is chosen when the message is sealed
  BESA_ASSIGN(const auto prekey, read_prekey(step.overlay, context.recipient, context.prekey));
  const bool in_force = prekey && prekey->from <= step.now && step.now < prekey->until;
  return in_force ? Reason::none : Reason::recipient_unavailable;
}

Result<Reason> check_before_rules(Step& step, Letter& letter, std::optional<ThreadState>& next) {
  if (const Reason reason = check_shape(step, letter); reason != Reason::none) return reason;
  BESA_ASSIGN(const Reason counterpart, check_counterpart(step, letter));
  if (counterpart != Reason::none) return counterpart;
  BESA_ASSIGN(const Reason references, check_references(step, letter));
  if (references != Reason::none) return references;
  BESA_ASSIGN(const Reason loop, check_loop(step, letter, next));
  if (loop != Reason::none) return loop;
  return check_break_glass(*letter.envelope);
}

}  // namespace

Result<Decision> decide_envelope(Step& step, const Envelope& body) {
  if (!header_codes_known(body.context)) return refuse(Reason::unknown_code);
  if (const auto failure = find_unknown_section(body)) return refusal(body, *failure);
  BESA_ASSIGN(Letter letter, read_letter(step, body));
  std::optional<ThreadState> next;
  BESA_ASSIGN(const Reason early, check_before_rules(step, letter, next));
  if (early != Reason::none) return refuse(early);
  BESA_ASSIGN(const Carriage carriage, carriage_of(step.overlay, letter, step.now));
  std::vector<std::uint16_t> rules;
  if (const auto failure = check_rules(letter.policy.policy, carriage, rules)) return refusal(body, *failure);
  const auto consents = check_cited_consent(letter, carriage);
  if (!consents) return refuse(Reason::not_covered);
  BESA_TRY(put_accepted(step, letter, rules, *consents, next));
  return accepted_decision(body, rules);
}

namespace {

// A thread in which nothing more may travel, except the cancellation itself where something was handed out before.
Result<bool> thread_open_for(const View& view, const MessageRecord& message, const ThreadRecord& thread) {
  switch (thread.state) {
    case ThreadState::cancelled:
    case ThreadState::entered_in_error: {
      if (message.kind != Kind::cancel) return false;
      return ever_handed_out(view, message.thread);
    }
    case ThreadState::consent_withdrawn:
    case ThreadState::expired: return false;
    case ThreadState::none:
    case ThreadState::queued:
    case ThreadState::handed_out:
    case ThreadState::received:
    case ThreadState::opened:
    case ThreadState::needs_info:
    case ThreadState::info_sent:
    case ThreadState::accepted:
    case ThreadState::in_progress:
    case ThreadState::on_hold:
    case ThreadState::completed:
    case ThreadState::closed:
    case ThreadState::declined:
    case ThreadState::undeliverable:
    case ThreadState::cancel_confirmed:
    case ThreadState::withdrawal_answered:
    case ThreadState::re_referred: return true;
  }
  return false;
}

Carriage stored_carriage(const Reference& reference, const MessageRecord& message, const ThreadRecord& thread,
                         const MemberRecord& sender, const MemberRecord& recipient, Timestamp now) {
  Carriage out;
  out.passage.sender_sector = sender.sector;
  out.passage.recipient_sector = recipient.sector;
  out.passage.from_opener = thread.opener == reference.author;
  out.passage.opener_sector = out.passage.from_opener ? sender.sector : recipient.sector;
  out.passage.receiver_sector = out.passage.from_opener ? recipient.sector : sender.sector;
  out.passage.opening_kind = thread.kind;
  out.passage.purpose = thread.purpose;
  out.passage.priority = message.priority;
  out.passage.person_class = message.person_class;
  out.passage.references = message.references;
  out.sender = reference.author;
  out.recipient = message.recipient;
  out.sender_record = sender;
  out.recipient_record = recipient;
  out.returning = !out.passage.from_opener;
  out.now = now;
  for (const SectionRecord& record : message.sections) {
    Section section;
    section.category = record.category;
    section.form = record.form;
    section.grant = record.grant;
    section.basis = record.basis;
    out.sections.push_back(std::move(section));
  }
  return out;
}

// Each section rests on the consent that carried it at submission: that one must still carry it.
bool consents_still_carry(const MessageRecord& message, const Carriage& carriage) {
  const ConsentParty recipient =
      party_of(carriage.recipient, carriage.recipient_record, carriage.recipient_parent_organisation);
  const ConsentParty sender = party_of(carriage.sender, carriage.sender_record, {});
  for (const auto& [reference, consent] : carriage.candidates) {
    if (reference.author != carriage.recipient && excludes(consent, recipient)) return false;
  }
  for (const SectionRecord& section : message.sections) {
    if (section.basis != Basis::consent) continue;
    const auto found = std::find_if(carriage.candidates.begin(), carriage.candidates.end(),
                                    [&](const auto& candidate) { return candidate.first == section.consent; });
    if (found == carriage.candidates.end()) return false;
    if (!covers(found->second, found->first.author, sender, recipient, section.category, carriage.passage.purpose,
                carriage.now, carriage.returning)) {
      return false;
    }
  }
  return true;
}

}  // namespace

Result<StandingVerdict> check_standing(const View& view, const Reference& reference, Timestamp now) {
  BESA_ASSIGN(const auto message, find_message(view, reference));
  if (!message) return StandingVerdict{Reason::unknown_reference, 0};
  BESA_ASSIGN(const auto sender, read_member(view, reference.author));
  BESA_ASSIGN(const auto recipient, read_member(view, message->recipient));
  BESA_ASSIGN(const auto thread, find_thread(view, message->thread));
  BESA_ASSIGN(const auto policy, read_policy(view));
  if (!sender || !recipient || !thread || !policy) return StandingVerdict{Reason::unknown_reference, 0};
  if (!sender->in_force(now)) return StandingVerdict{Reason::unknown_sender, 0};
  if (message->expires <= now) return StandingVerdict{Reason::expired, 0};
  BESA_ASSIGN(const bool open, thread_open_for(view, *message, *thread));
  if (!open || message->purged) return StandingVerdict{Reason::illegal_transition, 0};
  Carriage carriage = stored_carriage(reference, *message, *thread, *sender, *recipient, now);
  BESA_ASSIGN(carriage.recipient_parent_organisation, organisation_of_parent(view, *recipient));
  BESA_ASSIGN(carriage.candidates, read_consents(view, thread->consents));
  std::vector<std::uint16_t> rules;
  if (const auto failure = check_rules(policy->policy, carriage, rules)) {
    return StandingVerdict{failure->reason, failure->rule};
  }
  if (!consents_still_carry(*message, carriage)) return StandingVerdict{Reason::not_covered, 0};
  return StandingVerdict{};
}

}  // namespace besa::core
