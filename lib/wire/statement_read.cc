// The bytes of bodies to core types. Each function reads a table that check() has passed.
#include "wire/statement_read.h"

#include "base/check.h"
#include "schemas/governance_generated.h"
#include "schemas/member_generated.h"
#include "wire/statement.h"
#include "wire/table_view.h"

namespace besa::wire {
namespace {

using base::ErrorKind;
using base::fail;
using base::Result;
using base::Timestamp;

template <class Table>
core::GovernanceHeader governance_header(const Table& table) {
  core::GovernanceHeader out;
  out.network = fixed<base::NetworkId>(table.network());
  out.salt = fixed<base::Salt>(table.salt());
  out.created = Timestamp{table.created()};
  out.valid_until = Timestamp{table.valid_until()};
  out.replaces = fixed<base::StatementId>(table.replaces());
  return out;
}

template <class Table>
core::MemberHeader member_header(const Table& table) {
  core::MemberHeader out;
  out.network = fixed<base::NetworkId>(table.network());
  out.salt = fixed<base::Salt>(table.salt());
  out.author = fixed<base::MemberId>(table.author());
  out.counter = base::Counter{table.counter()};
  out.created = Timestamp{table.created()};
  out.expires = Timestamp{table.expires()};
  return out;
}

template <class Tables>
std::vector<core::Administrator> administrators_in(const Tables& tables) {
  std::vector<core::Administrator> out;
  for (const auto* a : tables) {
    out.push_back({fixed<base::OrganisationId>(a->organisation()), fixed<base::PublicKey>(a->signing_key()),
                   fixed<base::TransportKey>(a->transport_key())});
  }
  return out;
}

Result<core::Body> read(const schema::Genesis& table) {
  core::Genesis out;
  out.header = governance_header(table);
  if (!out.header.network.is_none() || !out.header.replaces.is_none()) {
    return fail(ErrorKind::malformed, "genesis names a network or replaces something");
  }
  out.name = text_of(table.name());
  if (out.name.empty()) return fail(ErrorKind::malformed, "/name: is missing");
  out.administrators = administrators_in(*table.administrators());
  out.threshold = table.threshold();
  out.broker_log_key = fixed<base::PublicKey>(table.broker_log_key());
  out.broker_transport_key = fixed<base::TransportKey>(table.broker_transport_key());
  out.decision_version = table.decision_version();
  out.signature_rule = table.signature_rule();
  return out;
}

bool is_country(std::uint16_t country) {
  const auto is_capital = [](unsigned c) { return c >= 'A' && c <= 'Z'; };
  return is_capital(country >> 8) && is_capital(country & 0xFFU);
}

Result<core::Body> read(const schema::Enrolment& table) {
  core::Enrolment out;
  out.header = governance_header(table);
  out.member = fixed<base::MemberId>(table.member());
  out.organisation = fixed<base::OrganisationId>(table.organisation());
  out.parent = fixed<base::MemberId>(table.parent());
  out.sector = static_cast<core::Sector>(table.sector());
  out.country = table.country();
  if (!is_country(out.country)) return fail(ErrorKind::malformed, "/country: is not two capitals");
  out.signing_key = fixed<base::PublicKey>(table.signing_key());
  out.transport_key = fixed<base::TransportKey>(table.transport_key());
  out.witness_key = fixed<base::PublicKey>(table.witness_key());
  out.from = Timestamp{table.from()};
  out.until = Timestamp{table.until()};
  out.agreement = fixed<base::Digest>(table.agreement());
  return out;
}

Result<core::Body> read(const schema::AdministratorChange& table) {
  return core::AdministratorChange{governance_header(table), administrators_in(*table.administrators()),
                                   table.threshold()};
}

Result<core::Body> read(const schema::StandingChange& table) {
  return core::StandingChange{governance_header(table), fixed<base::MemberId>(table.member())};
}

Result<core::Body> read(const schema::PolicyAdoption& table) {
  return core::PolicyAdoption{governance_header(table), fixed<base::Digest>(table.policy()), table.decision_version()};
}

Result<core::Body> read(const schema::AuditorAppointment& table) {
  return core::AuditorAppointment{governance_header(table), fixed<base::MemberId>(table.auditor()),
                                  Timestamp{table.from()}, Timestamp{table.until()}};
}

Result<core::Body> read(const schema::LossAccepted& table) {
  core::LossAccepted out;
  out.header = governance_header(table);
  out.kept_size = base::TreeSize{table.kept_size()};
  out.kept_root = fixed<base::Digest>(table.kept_root());
  out.lost_epoch = table.lost_epoch();
  out.lost_size = base::TreeSize{table.lost_size()};
  out.lost_root = fixed<base::Digest>(table.lost_root());
  out.lost_signature = fixed<base::Signature>(table.lost_signature());
  out.epoch = table.epoch();
  out.until = Timestamp{table.until()};
  return out;
}

Result<core::Body> read(const schema::ClockConfirmed& table) {
  return core::ClockConfirmed{fixed<base::Salt>(table.salt()), fixed<base::NetworkId>(table.network()),
                              Timestamp{table.clock()}};
}

Result<core::Body> read(const schema::Prekeys& table) {
  core::Prekeys out;
  out.header = member_header(table);
  for (const auto* prekey : *table.keys()) {
    out.keys.push_back({fixed<base::BoxKey>(prekey->key()), Timestamp{prekey->from()}, Timestamp{prekey->until()}});
  }
  return out;
}

Result<core::Body> read(const schema::KeyRotation& table) {
  core::KeyRotation out;
  out.header = member_header(table);
  out.signing_key = fixed<base::PublicKey>(table.signing_key());
  out.transport_key = fixed<base::TransportKey>(table.transport_key());
  out.witness_key = fixed<base::PublicKey>(table.witness_key());
  out.from = Timestamp{table.from()};
  out.until = Timestamp{table.until()};
  out.old_signs_until = Timestamp{table.old_signs_until()};
  return out;
}

Result<core::Body> read(const schema::Consent& table) {
  core::Consent out;
  out.header = member_header(table);
  out.person_class = static_cast<core::PersonClass>(table.person_class());
  out.given_by = static_cast<core::GivenBy>(table.given_by());
  out.form = static_cast<core::ConsentForm>(table.form());
  out.checks = table.checks();
  out.child_assent = table.child_assent() != 0;
  out.best_interest = fixed<base::Digest>(table.best_interest());
  out.guardian_conflict = table.guardian_conflict() != 0;
  out.valid_from = Timestamp{table.valid_from()};
  out.valid_until = Timestamp{table.valid_until()};
  out.sealed_part = fixed<base::Digest>(table.sealed_part());
  out.code_tag = fixed<base::LookupTag>(table.code_tag());
  out.code_key = fixed<base::PublicKey>(table.code_key());
  out.rows_root = fixed<base::Digest>(table.rows_root());
  return out;
}

Result<core::Body> read(const schema::Acknowledgement& table) {
  return core::Acknowledgement{member_header(table), references_in(table.messages())};
}

Result<core::Body> read(const schema::UnreadableReport& table) {
  return core::UnreadableReport{member_header(table), reference_in(table.message()),
                                static_cast<core::Unreadable>(table.reason())};
}

Result<core::Body> read(const schema::Opened& table) {
  return core::Opened{member_header(table), reference_in(table.message()), static_cast<core::ReaderRole>(table.role()),
                      fixed<base::PersonId>(table.person())};
}

template <class Table>
core::Narrowing narrowing(const Table& table) {
  return {reference_in(table.reference()), code_set<core::Purpose>(table.purposes()), digests_in(table.rows())};
}

Result<core::Body> read(const schema::Withdrawal& table) {
  return core::Withdrawal{member_header(table), narrowing(table)};
}

Result<core::Body> read(const schema::PersonWithdrawal& table) {
  core::PersonWithdrawal out;
  out.header = {fixed<base::NetworkId>(table.network()), fixed<base::Salt>(table.salt()),
                fixed<base::MemberId>(table.bringer()), Timestamp{table.created()}, Timestamp{table.expires()}};
  out.narrowing = narrowing(table);
  return out;
}

Result<core::Body> read(const schema::WithdrawalAnswer& table) {
  return core::WithdrawalAnswer{member_header(table), reference_in(table.message()),
                                static_cast<core::DebtAnswer>(table.answer()), static_cast<core::Basis>(table.basis())};
}

Result<core::Body> read(const schema::HandOut& table) {
  core::HandOut out;
  out.network = fixed<base::NetworkId>(table.network());
  out.salt = fixed<base::Salt>(table.salt());
  out.member = fixed<base::MemberId>(table.member());
  out.messages = references_in(table.messages());
  return out;
}

Result<core::Body> read(const schema::Tick& table) {
  core::Tick out;
  out.network = fixed<base::NetworkId>(table.network());
  out.salt = fixed<base::Salt>(table.salt());
  return out;
}

template <class Table>
Result<core::Body> checked_read(Family family, std::string_view name, base::ByteView bytes) {
  BESA_ASSIGN(const auto table, Checked<Table>::make(family, name, bytes));
  return read(*table);
}

Result<core::Body> later(core::StatementType type) {
  return fail(ErrorKind::unsupported,
              "statements of type " + std::string(core::name_of(type)) + " are not served by this version");
}

}  // namespace

Result<core::Body> read_body(core::StatementType type, base::ByteView bytes) {
  using Type = core::StatementType;
  switch (type) {
    case Type::genesis: return checked_read<schema::Genesis>(Family::governance, "Genesis", bytes);
    case Type::enrolment: return checked_read<schema::Enrolment>(Family::governance, "Enrolment", bytes);
    case Type::administrator_change:
      return checked_read<schema::AdministratorChange>(Family::governance, "AdministratorChange", bytes);
    case Type::suspension:
    case Type::reinstatement:
    case Type::removal: return checked_read<schema::StandingChange>(Family::governance, "StandingChange", bytes);
    case Type::policy_adoption:
      return checked_read<schema::PolicyAdoption>(Family::governance, "PolicyAdoption", bytes);
    case Type::auditor_appointment:
      return checked_read<schema::AuditorAppointment>(Family::governance, "AuditorAppointment", bytes);
    case Type::loss_accepted: return checked_read<schema::LossAccepted>(Family::governance, "LossAccepted", bytes);
    case Type::clock_confirmed:
      return checked_read<schema::ClockConfirmed>(Family::governance, "ClockConfirmed", bytes);
    case Type::prekeys: return checked_read<schema::Prekeys>(Family::member, "Prekeys", bytes);
    case Type::key_rotation: return checked_read<schema::KeyRotation>(Family::member, "KeyRotation", bytes);
    case Type::consent: return checked_read<schema::Consent>(Family::member, "Consent", bytes);
    case Type::envelope: return read_envelope(bytes);
    case Type::received:
    case Type::erased: return checked_read<schema::Acknowledgement>(Family::member, "Acknowledgement", bytes);
    case Type::unreadable: return checked_read<schema::UnreadableReport>(Family::member, "UnreadableReport", bytes);
    case Type::opened: return checked_read<schema::Opened>(Family::member, "Opened", bytes);
    case Type::withdrawal: return checked_read<schema::Withdrawal>(Family::member, "Withdrawal", bytes);
    case Type::person_withdrawal:
      return checked_read<schema::PersonWithdrawal>(Family::member, "PersonWithdrawal", bytes);
    case Type::withdrawal_answer:
      return checked_read<schema::WithdrawalAnswer>(Family::member, "WithdrawalAnswer", bytes);
    case Type::hand_out:
    case Type::withhold: return checked_read<schema::HandOut>(Family::governance, "HandOut", bytes);
    case Type::tick: return checked_read<schema::Tick>(Family::governance, "Tick", bytes);
    case Type::none:
    case Type::code_list_adoption:
    case Type::broker_key_change:
    case Type::profile:
    case Type::incident:
    case Type::break_glass_review:
    case Type::person_request: return later(type);
  }
  return later(type);
}

Result<core::ConsentRow> parse_consent_row(base::ByteView bytes) {
  BESA_ASSIGN(const auto table,
              Checked<schema::ConsentRow>::make(Family::member, "ConsentRow", bytes, {base::limits::kRowBytes}));
  core::ConsentRow out;
  out.member = fixed<base::MemberId>(table->member());
  out.organisation = fixed<base::OrganisationId>(table->organisation());
  out.sector = static_cast<core::Sector>(table->sector());
  out.allow = code_set<core::Category>(table->allow());
  out.withhold = code_set<core::Category>(table->withhold());
  out.purposes = code_set<core::Purpose>(table->purposes());
  out.relay = table->relay() != 0;
  out.excluded = table->excluded() != 0;
  out.not_told = table->not_told() != 0;
  return out;
}

}  // namespace besa::wire
