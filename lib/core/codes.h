// Every closed list of codes: the numbers that are signed and hashed, and the names that people see.
//
// A list is written once, in its order; numbers count from 1 and 0 is "none". Lists only grow at their end: a number
// is frozen with the first log that holds it (docs/protocol.md, "Codes").
//
// Shapes: `name_of(code)` gives the snake_case name ("none" for 0, "unknown" for a number outside the list);
// `parse_code<Kind>("referral")` is the reverse, empty for an unknown name; `in_list(code)` says whether the number is
// in the list (0 is not).
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

namespace besa::core {

// clang-format off: one list a block; the tool does not come to rest on these.
#define BESA_KIND_LIST(X)                                                                                         \
  X(referral) X(update) X(answer) X(release) X(info_request) X(info_reply) X(interim) X(outcome) X(cancel)        \
  X(handover_offer) X(handover_accept) X(handover_confirm) X(follow_up_plan) X(follow_up_report)                  \
  X(interpreter_request) X(interpreter_offer) X(interpreter_confirm) X(screening_result) X(decision)              \
  X(justification) X(permission) X(statistics) X(access_request) X(correction) X(erasure_request) X(objection)    \
  X(reseal_request) X(reseal) X(disclosure) X(test)

#define BESA_PURPOSE_LIST(X)                                                                                      \
  X(service_referral) X(protection) X(identification) X(prosecution) X(return_reintegration) X(family_tracing)    \
  X(readmission) X(reception) X(asylum) X(labour_migration) X(employment) X(interpretation) X(statistics)         \
  X(data_subject_request) X(oversight)

#define BESA_SECTOR_LIST(X)                                                                                       \
  X(police) X(border_police) X(prosecutor) X(social_services) X(child_protection) X(guardian) X(shelter) X(iom)   \
  X(migration_counter) X(employment_service) X(vocational_training) X(labour_inspectorate)                        \
  X(labour_office_abroad) X(health) X(interpreter_pool) X(asylum_directorate) X(reception_centre) X(consulate)    \
  X(border_authority_abroad) X(legal_aid) X(advocate) X(helpline) X(school) X(civil_registry) X(expert) X(ngo)    \
  X(responsible_authority) X(national_coordinator) X(auditor)

#define BESA_CATEGORY_LIST(X)                                                                                     \
  X(summary) X(identity) X(contact) X(meeting) X(location) X(family) X(migration) X(asylum) X(needs) X(skills)    \
  X(health) X(emergency_care) X(sexual_violence) X(status) X(exploitation) X(incident) X(criminal_justice)        \
  X(biometric) X(opinion) X(financial) X(response) X(counts)

#define BESA_PRIORITY_LIST(X) X(immediate_1h) X(emergency_24h) X(urgent_72h) X(normal_2weeks)
#define BESA_PERSON_CLASS_LIST(X) X(adult) X(minor) X(unknown)
#define BESA_BASIS_LIST(X)                                                                                        \
  X(consent) X(vital_interest) X(legal_obligation) X(public_task) X(mandatory_report) X(best_interests)           \
  X(legitimate_interest_humanitarian) X(not_personal) X(in_thread)
#define BESA_HANDLING_LIST(X)                                                                                     \
  X(no_onward) X(no_court_use) X(no_immigration_use) X(ask_before_onward) X(ask_before_contact)                   \
  X(do_not_inform_family) X(named_person_only)
#define BESA_REFERENCE_TYPE_LIST(X)                                                                               \
  X(legal_ground) X(court_order) X(best_interest) X(balancing_test) X(age_assessment) X(decision) X(agreement)
#define BESA_SCREENING_LIST(X) X(none_found) X(blocked)
#define BESA_FORM_LIST(X) X(record) X(attachment)
#define BESA_GRANT_LIST(X) X(now) X(later)
#define BESA_BREAK_GLASS_LIST(X) X(danger_to_life) X(medical_emergency) X(missing_person) X(child_at_risk)
#define BESA_ROW_ROLE_LIST(X)                                                                                     \
  X(consent) X(origin) X(matter) X(screening) X(joint) X(break_glass) X(permission) X(person_request) X(corrects) \
  X(re_referred_to) X(person)

#define BESA_SETS_LIST(X)                                                                                         \
  X(closed) X(re_referred) X(accepted) X(declined) X(in_progress) X(on_hold) X(cancel_confirmed) X(cancelled)     \
  X(entered_in_error)

#define BESA_MESSAGE_STATE_LIST(X)                                                                                \
  X(queued) X(handed_out) X(received) X(unreadable) X(opened) X(erased) X(withheld) X(expired)

#define BESA_THREAD_STATE_LIST(X)                                                                                 \
  X(queued) X(handed_out) X(received) X(opened) X(needs_info) X(info_sent) X(accepted) X(in_progress) X(on_hold)  \
  X(completed) X(closed) X(declined) X(expired) X(undeliverable) X(cancel_confirmed) X(withdrawal_answered)       \
  X(re_referred) X(cancelled) X(entered_in_error) X(consent_withdrawn)

#define BESA_GIVEN_BY_LIST(X)                                                                                     \
  X(self) X(parent) X(legal_guardian) X(temporary_guardian) X(court) X(best_interest_panel)
#define BESA_CONSENT_FORM_LIST(X) X(written) X(verbal_witnessed) X(remote_recorded) X(thumbprint)
#define BESA_READER_ROLE_LIST(X) X(caseworker) X(officer) X(medical) X(legal) X(interpreter) X(manager) X(system)

#define BESA_UNREADABLE_LIST(X)                                                                                   \
  X(malformed) X(wrong_network) X(bad_signature) X(not_recipient) X(unknown_prekey) X(chunk_root) X(grant)        \
  X(commitment) X(ciphertext) X(padding) X(content) X(category) X(missing_chunk)

#define BESA_REASON_LIST(X)                                                                                       \
  X(unknown_sender) X(bad_signature_key) X(counter_reused) X(counter_ahead) X(created_ahead) X(expired)           \
  X(expires_too_late) X(unknown_code) X(wrong_shape) X(policy_stale) X(recipient_unavailable)                     \
  X(unknown_reference) X(purpose_differs) X(illegal_transition) X(not_due) X(person_class_loosened)               \
  X(already_granted) X(break_glass_missing) X(denied) X(no_rule) X(class_not_allowed) X(priority_not_allowed)     \
  X(reference_missing) X(later_required) X(matter_not_fresh) X(not_responsible) X(link_missing)                   \
  X(screening_blocks) X(link_used) X(handling_forbids) X(handling_dropped) X(permission_missing) X(not_covered)   \
  X(consent_incomplete) X(not_entitled) X(governance_stale) X(below_threshold) X(one_organisation)                \
  X(already_used) X(not_possessed)

#define BESA_DUE_LIST(X)                                                                                          \
  X(expiry) X(answer) X(unopened) X(release) X(handover) X(report) X(review) X(withdrawal_answer) X(purge)        \
  X(retention)

#define BESA_EFFECT_LIST(X)                                                                                       \
  X(message_state) X(thread_state) X(granted) X(debt) X(due_set) X(due_cleared) X(review_owed) X(responsible)     \
  X(consent_narrowed) X(member_standing) X(governance_in_force) X(notice) X(purge) X(left_view)

#define BESA_NOTICE_LIST(X)                                                                                       \
  X(message_moved) X(message_expired) X(answer_overdue) X(message_withheld) X(message_unreadable)                 \
  X(consent_withdrawn) X(withdrawal_answered) X(withdrawal_overdue)

#define BESA_DEBT_LIST(X) X(owed) X(answered) X(overdue)
#define BESA_DEBT_ANSWER_LIST(X) X(erased) X(kept)

#define BESA_STANDING_LIST(X) X(in_force) X(suspended) X(removed)
#define BESA_VERDICT_LIST(X) X(accepted) X(refused)
#define BESA_KEY_ROLE_LIST(X) X(member) X(administrator) X(broker_log) X(person) X(witness) X(prekey)

// The media type of a statement is "application/vnd.besa.NAME.v1". These numbers are not signed: the name is.
#define BESA_STATEMENT_LIST(X)                                                                                    \
  X(genesis) X(enrolment) X(suspension) X(reinstatement) X(removal) X(policy_adoption) X(code_list_adoption)      \
  X(administrator_change) X(broker_key_change) X(auditor_appointment) X(loss_accepted) X(prekeys)                 \
  X(key_rotation) X(profile) X(consent) X(withdrawal) X(withdrawal_answer) X(envelope) X(received) X(unreadable)  \
  X(opened) X(erased) X(incident) X(break_glass_review) X(person_withdrawal) X(person_request) X(tick)            \
  X(hand_out) X(withhold) X(clock_confirmed)

// clang-format on

#define BESA_ENUMERATOR(name) name,
#define BESA_CODE_ENUM(Type, Width, LIST)                      \
  enum class Type : Width { none = 0, LIST(BESA_ENUMERATOR) }; \
  std::span<const std::string_view> names_of(Type);            \
  inline Width number_of(Type code) { return static_cast<Width>(code); }

BESA_CODE_ENUM(Kind, std::uint16_t, BESA_KIND_LIST)
BESA_CODE_ENUM(Purpose, std::uint16_t, BESA_PURPOSE_LIST)
BESA_CODE_ENUM(Sector, std::uint16_t, BESA_SECTOR_LIST)
BESA_CODE_ENUM(Category, std::uint16_t, BESA_CATEGORY_LIST)
BESA_CODE_ENUM(Priority, std::uint8_t, BESA_PRIORITY_LIST)
BESA_CODE_ENUM(PersonClass, std::uint16_t, BESA_PERSON_CLASS_LIST)
BESA_CODE_ENUM(Basis, std::uint8_t, BESA_BASIS_LIST)
BESA_CODE_ENUM(Handling, std::uint16_t, BESA_HANDLING_LIST)
BESA_CODE_ENUM(ReferenceType, std::uint16_t, BESA_REFERENCE_TYPE_LIST)
BESA_CODE_ENUM(Screening, std::uint16_t, BESA_SCREENING_LIST)
BESA_CODE_ENUM(Form, std::uint16_t, BESA_FORM_LIST)
BESA_CODE_ENUM(Grant, std::uint16_t, BESA_GRANT_LIST)
BESA_CODE_ENUM(BreakGlass, std::uint16_t, BESA_BREAK_GLASS_LIST)
BESA_CODE_ENUM(RowRole, std::uint8_t, BESA_ROW_ROLE_LIST)
BESA_CODE_ENUM(Sets, std::uint16_t, BESA_SETS_LIST)
BESA_CODE_ENUM(MessageState, std::uint16_t, BESA_MESSAGE_STATE_LIST)
BESA_CODE_ENUM(ThreadState, std::uint16_t, BESA_THREAD_STATE_LIST)
BESA_CODE_ENUM(GivenBy, std::uint16_t, BESA_GIVEN_BY_LIST)
BESA_CODE_ENUM(ConsentForm, std::uint16_t, BESA_CONSENT_FORM_LIST)
BESA_CODE_ENUM(ReaderRole, std::uint8_t, BESA_READER_ROLE_LIST)
BESA_CODE_ENUM(Unreadable, std::uint16_t, BESA_UNREADABLE_LIST)
BESA_CODE_ENUM(Reason, std::uint16_t, BESA_REASON_LIST)
BESA_CODE_ENUM(DueCode, std::uint16_t, BESA_DUE_LIST)
BESA_CODE_ENUM(EffectCode, std::uint16_t, BESA_EFFECT_LIST)
BESA_CODE_ENUM(NoticeCode, std::uint16_t, BESA_NOTICE_LIST)
BESA_CODE_ENUM(Debt, std::uint16_t, BESA_DEBT_LIST)
BESA_CODE_ENUM(DebtAnswer, std::uint16_t, BESA_DEBT_ANSWER_LIST)
BESA_CODE_ENUM(Standing, std::uint16_t, BESA_STANDING_LIST)
BESA_CODE_ENUM(Verdict, std::uint8_t, BESA_VERDICT_LIST)
BESA_CODE_ENUM(KeyRole, std::uint8_t, BESA_KEY_ROLE_LIST)
BESA_CODE_ENUM(StatementType, std::uint16_t, BESA_STATEMENT_LIST)

#undef BESA_CODE_ENUM
#undef BESA_ENUMERATOR

template <class Code>
bool in_list(Code code) {
  return code != Code::none && static_cast<std::size_t>(code) <= names_of(Code{}).size();
}

template <class Code>
std::string_view name_of(Code code) {
  if (code == Code::none) return "none";
  return in_list(code) ? names_of(Code{})[static_cast<std::size_t>(code) - 1] : std::string_view("unknown");
}

template <class Code>
std::optional<Code> parse_code(std::string_view name) {
  const auto names = names_of(Code{});
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<Code>(i + 1);
  }
  return std::nullopt;
}

// A set of codes of one list (at most 63 codes).
template <class Code>
class CodeSet {
 public:
  constexpr CodeSet() = default;
  constexpr CodeSet(std::initializer_list<Code> codes) {
    for (const Code code : codes) insert(code);
  }
  static constexpr CodeSet from_bits(std::uint64_t bits) {
    CodeSet out;
    out.bits_ = bits;
    return out;
  }
  constexpr void insert(Code code) { bits_ |= bit(code); }
  constexpr void merge(CodeSet other) { bits_ |= other.bits_; }
  constexpr bool contains(Code code) const { return (bits_ & bit(code)) != 0; }
  constexpr bool contains_all(CodeSet other) const { return (other.bits_ & ~bits_) == 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr std::uint64_t bits() const { return bits_; }
  friend constexpr bool operator==(const CodeSet&, const CodeSet&) = default;

 private:
  static constexpr std::uint64_t bit(Code code) {
    const auto number = static_cast<std::uint64_t>(code);
    return number < 64 ? std::uint64_t{1} << number : 0;
  }
  std::uint64_t bits_ = 0;
};

}  // namespace besa::core
