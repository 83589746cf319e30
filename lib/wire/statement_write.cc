// Core types to the bytes of bodies, rows and the parts of an envelope.
// Every offset is made in a statement of its own: the order of arguments is the compiler's, the order of bytes is ours.
#include <type_traits>

#include "base/check.h"
#include "schemas/envelope_generated.h"
#include "schemas/governance_generated.h"
#include "schemas/member_generated.h"
#include "wire/statement.h"
#include "wire/table_view.h"

namespace besa::wire {
namespace {

using base::Bytes;
using flatbuffers::Offset;

struct Common {
  Offset<ByteVector> network;
  Offset<ByteVector> salt;
  Offset<ByteVector> who;  // `replaces`, `author` or `member`
};

Common put_common(Builder& builder, const core::GovernanceHeader& header) {
  Common out;
  out.network = put(builder, header.network);
  out.salt = put(builder, header.salt);
  out.who = put(builder, header.replaces);
  return out;
}

Common put_common(Builder& builder, const core::MemberHeader& header) {
  Common out;
  out.network = put(builder, header.network);
  out.salt = put(builder, header.salt);
  out.who = put(builder, header.author);
  return out;
}

// Adds the fields that every governance body begins with.
template <class TableBuilder>
void add_governance(TableBuilder& table, const Common& common, const core::GovernanceHeader& header) {
  table.add_network(common.network);
  table.add_salt(common.salt);
  table.add_created(header.created.ms);
  table.add_valid_until(header.valid_until.ms);
  table.add_replaces(common.who);
}

// Adds the fields that every member body begins with.
template <class TableBuilder>
void add_member(TableBuilder& table, const Common& common, const core::MemberHeader& header) {
  table.add_network(common.network);
  table.add_salt(common.salt);
  table.add_author(common.who);
  table.add_counter(header.counter.value);
  table.add_created(header.created.ms);
  table.add_expires(header.expires.ms);
}

auto put_administrators(Builder& builder, const std::vector<core::Administrator>& administrators) {
  std::vector<Offset<schema::Administrator>> tables;
  for (const core::Administrator& a : administrators) {
    const auto organisation = put(builder, a.organisation);
    const auto signing = put(builder, a.signing_key);
    const auto transport = put(builder, a.transport_key);
    tables.push_back(schema::CreateAdministrator(builder, organisation, signing, transport));
  }
  return put_tables(builder, tables);
}

struct BodyEncoder {
  Bytes operator()(const core::Genesis& body) const { return encode_genesis(body); }
  Bytes operator()(const core::Enrolment& body) const { return encode_enrolment(body); }
  Bytes operator()(const core::StandingChange& body) const { return encode_standing_change(body); }
  Bytes operator()(const core::PolicyAdoption& body) const { return encode_policy_adoption(body); }
  Bytes operator()(const core::AuditorAppointment& body) const { return encode_auditor_appointment(body); }
  Bytes operator()(const core::Prekeys& body) const { return encode_prekeys(body); }
  Bytes operator()(const core::Consent& body) const { return encode_consent(body); }
  Bytes operator()(const core::Envelope&) const { BESA_CHECK(false); }
  Bytes operator()(const core::Acknowledgement& body) const { return encode_acknowledgement(body); }
  Bytes operator()(const core::UnreadableReport& body) const { return encode_unreadable(body); }
  Bytes operator()(const core::Opened& body) const { return encode_opened(body); }
  Bytes operator()(const core::HandOut& body) const { return encode_hand_out(body); }
  Bytes operator()(const core::Tick& body) const { return encode_tick(body); }
  Bytes operator()(const core::Withdrawal& body) const { return encode_withdrawal(body); }
  Bytes operator()(const core::PersonWithdrawal& body) const { return encode_person_withdrawal(body); }
  Bytes operator()(const core::WithdrawalAnswer& body) const { return encode_withdrawal_answer(body); }
  Bytes operator()(const core::LossAccepted& body) const { return encode_loss_accepted(body); }
  Bytes operator()(const core::ClockConfirmed& body) const { return encode_clock_confirmed(body); }
  Bytes operator()(const core::KeyRotation& body) const { return encode_key_rotation(body); }
  Bytes operator()(const core::AdministratorChange& body) const { return encode_administrator_change(body); }
};

}  // namespace

Bytes encode_genesis(const core::Genesis& body) {
  Builder builder;
  const Common common = put_common(builder, body.header);
  const auto name = put_text(builder, body.name);
  const auto list = put_administrators(builder, body.administrators);
  const auto log_key = put(builder, body.broker_log_key);
  const auto transport_key = put(builder, body.broker_transport_key);
  schema::GenesisBuilder table(builder);
  add_governance(table, common, body.header);
  table.add_name(name);
  table.add_administrators(list);
  table.add_threshold(body.threshold);
  table.add_broker_log_key(log_key);
  table.add_broker_transport_key(transport_key);
  table.add_decision_version(body.decision_version);
  table.add_signature_rule(body.signature_rule);
  return finish(builder, table.Finish());
}

Bytes encode_enrolment(const core::Enrolment& body) {
  Builder builder;
  const Common common = put_common(builder, body.header);
  const auto member = put(builder, body.member);
  const auto organisation = put(builder, body.organisation);
  const auto parent = put(builder, body.parent);
  const auto signing = put(builder, body.signing_key);
  const auto transport = put(builder, body.transport_key);
  const auto witness = put(builder, body.witness_key);
  const auto agreement = put(builder, body.agreement);
  schema::EnrolmentBuilder table(builder);
  add_governance(table, common, body.header);
  table.add_member(member);
  table.add_organisation(organisation);
  table.add_parent(parent);
  table.add_sector(core::number_of(body.sector));
  table.add_country(body.country);
  table.add_signing_key(signing);
  table.add_transport_key(transport);
  table.add_witness_key(witness);
  table.add_from(body.from.ms);
  table.add_until(body.until.ms);
  table.add_agreement(agreement);
  return finish(builder, table.Finish());
}

Bytes encode_administrator_change(const core::AdministratorChange& body) {
  Builder builder;
  const Common common = put_common(builder, body.header);
  const auto list = put_administrators(builder, body.administrators);
  schema::AdministratorChangeBuilder table(builder);
  add_governance(table, common, body.header);
  table.add_administrators(list);
  table.add_threshold(body.threshold);
  return finish(builder, table.Finish());
}

Bytes encode_standing_change(const core::StandingChange& body) {
  Builder builder;
  const Common common = put_common(builder, body.header);
  const auto member = put(builder, body.member);
  schema::StandingChangeBuilder table(builder);
  add_governance(table, common, body.header);
  table.add_member(member);
  return finish(builder, table.Finish());
}

Bytes encode_policy_adoption(const core::PolicyAdoption& body) {
  Builder builder;
  const Common common = put_common(builder, body.header);
  const auto policy = put(builder, body.policy);
  schema::PolicyAdoptionBuilder table(builder);
  add_governance(table, common, body.header);
  table.add_policy(policy);
  table.add_decision_version(body.decision_version);
  return finish(builder, table.Finish());
}

Bytes encode_auditor_appointment(const core::AuditorAppointment& body) {
  Builder builder;
  const Common common = put_common(builder, body.header);
  const auto auditor = put(builder, body.auditor);
  schema::AuditorAppointmentBuilder table(builder);
  add_governance(table, common, body.header);
  table.add_auditor(auditor);
  table.add_from(body.from.ms);
  table.add_until(body.until.ms);
  return finish(builder, table.Finish());
}

Bytes encode_loss_accepted(const core::LossAccepted& body) {
  Builder builder;
  const Common common = put_common(builder, body.header);
  const auto kept_root = put(builder, body.kept_root);
  const auto lost_root = put(builder, body.lost_root);
  const auto lost_signature = put(builder, body.lost_signature);
  schema::LossAcceptedBuilder table(builder);
  add_governance(table, common, body.header);
  table.add_kept_size(body.kept_size.value);
  table.add_kept_root(kept_root);
  table.add_lost_epoch(body.lost_epoch);
  table.add_lost_size(body.lost_size.value);
  table.add_lost_root(lost_root);
  table.add_lost_signature(lost_signature);
  table.add_epoch(body.epoch);
  table.add_until(body.until.ms);
  return finish(builder, table.Finish());
}

Bytes encode_prekeys(const core::Prekeys& body) {
  Builder builder;
  const Common common = put_common(builder, body.header);
  std::vector<Offset<schema::Prekey>> keys;
  for (const core::Prekey& prekey : body.keys) {
    const auto key = put(builder, prekey.key);
    keys.push_back(schema::CreatePrekey(builder, key, prekey.from.ms, prekey.until.ms));
  }
  const auto list = put_tables(builder, keys);
  schema::PrekeysBuilder table(builder);
  add_member(table, common, body.header);
  table.add_keys(list);
  return finish(builder, table.Finish());
}

Bytes encode_key_rotation(const core::KeyRotation& body) {
  Builder builder;
  const Common common = put_common(builder, body.header);
  const auto signing = put(builder, body.signing_key);
  const auto transport = put(builder, body.transport_key);
  const auto witness = put(builder, body.witness_key);
  schema::KeyRotationBuilder table(builder);
  add_member(table, common, body.header);
  table.add_signing_key(signing);
  table.add_transport_key(transport);
  table.add_witness_key(witness);
  table.add_from(body.from.ms);
  table.add_until(body.until.ms);
  table.add_old_signs_until(body.old_signs_until.ms);
  return finish(builder, table.Finish());
}

Bytes encode_consent(const core::Consent& body) {
  Builder builder;
  const Common common = put_common(builder, body.header);
  const auto best_interest = put(builder, body.best_interest);
  const auto sealed_part = put(builder, body.sealed_part);
  const auto code_tag = put(builder, body.code_tag);
  const auto code_key = put(builder, body.code_key);
  const auto rows = put(builder, body.rows_root);
  schema::ConsentBuilder table(builder);
  add_member(table, common, body.header);
  table.add_person_class(core::number_of(body.person_class));
  table.add_given_by(core::number_of(body.given_by));
  table.add_form(core::number_of(body.form));
  table.add_checks(body.checks);
  table.add_child_assent(body.child_assent ? 1 : 0);
  table.add_best_interest(best_interest);
  table.add_guardian_conflict(body.guardian_conflict ? 1 : 0);
  table.add_valid_from(body.valid_from.ms);
  table.add_valid_until(body.valid_until.ms);
  table.add_sealed_part(sealed_part);
  table.add_code_tag(code_tag);
  table.add_code_key(code_key);
  table.add_rows_root(rows);
  return finish(builder, table.Finish());
}

Bytes encode_acknowledgement(const core::Acknowledgement& body) {
  Builder builder;
  const Common common = put_common(builder, body.header);
  const auto messages = put(builder, body.messages);
  schema::AcknowledgementBuilder table(builder);
  add_member(table, common, body.header);
  table.add_messages(messages);
  return finish(builder, table.Finish());
}

Bytes encode_unreadable(const core::UnreadableReport& body) {
  Builder builder;
  const Common common = put_common(builder, body.header);
  const auto message = put(builder, body.message);
  schema::UnreadableReportBuilder table(builder);
  add_member(table, common, body.header);
  table.add_message(message);
  table.add_reason(core::number_of(body.reason));
  return finish(builder, table.Finish());
}

Bytes encode_opened(const core::Opened& body) {
  Builder builder;
  const Common common = put_common(builder, body.header);
  const auto message = put(builder, body.message);
  const auto person = put(builder, body.person);
  schema::OpenedBuilder table(builder);
  add_member(table, common, body.header);
  table.add_message(message);
  table.add_role(core::number_of(body.role));
  table.add_person(person);
  return finish(builder, table.Finish());
}

Bytes encode_withdrawal(const core::Withdrawal& body) {
  Builder builder;
  const Common common = put_common(builder, body.header);
  const auto reference = put(builder, body.narrowing.reference);
  const auto purposes = put_codes(builder, body.narrowing.purposes);
  const auto rows = put(builder, body.narrowing.rows);
  schema::WithdrawalBuilder table(builder);
  add_member(table, common, body.header);
  table.add_reference(reference);
  table.add_purposes(purposes);
  table.add_rows(rows);
  return finish(builder, table.Finish());
}

Bytes encode_person_withdrawal(const core::PersonWithdrawal& body) {
  Builder builder;
  const auto network = put(builder, body.header.network);
  const auto salt = put(builder, body.header.salt);
  const auto bringer = put(builder, body.header.bringer);
  const auto reference = put(builder, body.narrowing.reference);
  const auto purposes = put_codes(builder, body.narrowing.purposes);
  const auto rows = put(builder, body.narrowing.rows);
  schema::PersonWithdrawalBuilder table(builder);
  table.add_network(network);
  table.add_salt(salt);
  table.add_bringer(bringer);
  table.add_created(body.header.created.ms);
  table.add_expires(body.header.expires.ms);
  table.add_reference(reference);
  table.add_purposes(purposes);
  table.add_rows(rows);
  return finish(builder, table.Finish());
}

Bytes encode_withdrawal_answer(const core::WithdrawalAnswer& body) {
  Builder builder;
  const Common common = put_common(builder, body.header);
  const auto message = put(builder, body.message);
  schema::WithdrawalAnswerBuilder table(builder);
  add_member(table, common, body.header);
  table.add_message(message);
  table.add_answer(core::number_of(body.answer));
  table.add_basis(core::number_of(body.basis));
  return finish(builder, table.Finish());
}

Bytes encode_hand_out(const core::HandOut& body) {
  Builder builder;
  const auto network = put(builder, body.network);
  const auto salt = put(builder, body.salt);
  const auto member = put(builder, body.member);
  const auto messages = put(builder, body.messages);
  schema::HandOutBuilder table(builder);
  table.add_network(network);
  table.add_salt(salt);
  table.add_member(member);
  table.add_messages(messages);
  return finish(builder, table.Finish());
}

Bytes encode_tick(const core::Tick& body) {
  Builder builder;
  const auto network = put(builder, body.network);
  const auto salt = put(builder, body.salt);
  schema::TickBuilder table(builder);
  table.add_network(network);
  table.add_salt(salt);
  return finish(builder, table.Finish());
}

Bytes encode_clock_confirmed(const core::ClockConfirmed& body) {
  Builder builder;
  const auto network = put(builder, body.network);
  const auto salt = put(builder, body.salt);
  schema::ClockConfirmedBuilder table(builder);
  table.add_network(network);
  table.add_salt(salt);
  table.add_clock(body.clock.ms);
  return finish(builder, table.Finish());
}

Bytes encode_body(const core::Body& body) { return std::visit(BodyEncoder{}, body); }

Bytes encode_envelope_row(const core::EnvelopeRow& row, const base::Salt& salt) {
  Builder builder;
  const auto salted = put(builder, salt);
  const auto reference = put(builder, row.reference);
  const auto tag = put(builder, row.tag);
  const auto key = put(builder, row.key);
  schema::EnvelopeRowBuilder table(builder);
  table.add_salt(salted);
  table.add_role(core::number_of(row.role));
  table.add_section(row.section);
  table.add_reference(reference);
  table.add_reference_section(row.reference_section);
  table.add_tag(tag);
  table.add_key(key);
  return finish(builder, table.Finish());
}

Bytes encode_consent_row(const core::ConsentRow& row, const base::Salt& salt) {
  Builder builder;
  const auto salted = put(builder, salt);
  const auto member = put(builder, row.member);
  const auto organisation = put(builder, row.organisation);
  const auto allow = put_codes(builder, row.allow);
  const auto withhold = put_codes(builder, row.withhold);
  const auto purposes = put_codes(builder, row.purposes);
  schema::ConsentRowBuilder table(builder);
  table.add_salt(salted);
  table.add_member(member);
  table.add_organisation(organisation);
  table.add_sector(core::number_of(row.sector));
  table.add_allow(allow);
  table.add_withhold(withhold);
  table.add_purposes(purposes);
  table.add_relay(row.relay ? 1 : 0);
  table.add_excluded(row.excluded ? 1 : 0);
  table.add_not_told(row.not_told ? 1 : 0);
  return finish(builder, table.Finish());
}

}  // namespace besa::wire
