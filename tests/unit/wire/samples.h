// One valid value of everything that lib/wire reads and writes. Invented, deterministic.
#pragma once

#include <string>
#include <vector>

#include "core/digests.h"
#include "core/statement.h"
#include "crypto/verify/hash.h"
#include "wire/chunks.h"
#include "wire/statement.h"

namespace besa::wire::samples {

template <class Id>
Id id(std::uint8_t seed) {
  Id out;
  for (std::size_t i = 0; i < Id::kSize; ++i) out.bytes[i] = static_cast<std::uint8_t>(seed + i * 7);
  return out;
}

inline base::Timestamp time(std::uint64_t minutes) { return {1'700'000'000'000 + minutes * 60'000}; }

inline base::Reference reference(std::uint8_t seed) {
  return {id<base::MemberId>(seed), base::Counter{1'000u + seed}, id<base::StatementId>(seed)};
}

inline core::GovernanceHeader governance() {
  return {id<base::NetworkId>(1), id<base::Salt>(2), time(0), time(60), id<base::StatementId>(3)};
}

inline core::MemberHeader member() {
  return {id<base::NetworkId>(1), id<base::Salt>(2), id<base::MemberId>(4), base::Counter{77}, time(0), time(600)};
}

inline core::Genesis genesis() {
  core::Genesis out;
  out.header = governance();
  out.header.network = {};
  out.header.replaces = {};
  out.name = "nrm.example-1";
  for (std::uint8_t i = 0; i < 3; ++i) {
    const auto seed = static_cast<std::uint8_t>(10 + i);
    out.administrators.push_back(
        {id<base::OrganisationId>(seed), id<base::PublicKey>(seed), id<base::TransportKey>(seed)});
  }
  out.threshold = 2;
  out.broker_log_key = id<base::PublicKey>(20);
  out.broker_transport_key = id<base::TransportKey>(21);
  out.decision_version = 1;
  out.signature_rule = 1;
  return out;
}

inline core::Enrolment enrolment() {
  core::Enrolment out;
  out.header = governance();
  out.member = id<base::MemberId>(30);
  out.organisation = id<base::OrganisationId>(31);
  out.sector = core::Sector::shelter;
  out.country = 'A' << 8 | 'L';
  out.signing_key = id<base::PublicKey>(32);
  out.transport_key = id<base::TransportKey>(33);
  out.witness_key = id<base::PublicKey>(34);
  out.from = time(0);
  out.until = time(1000);
  out.agreement = id<base::Digest>(35);
  return out;
}

inline core::KeyRotation key_rotation() {
  core::KeyRotation out;
  out.header = member();
  out.signing_key = id<base::PublicKey>(36);
  out.transport_key = id<base::TransportKey>(37);
  out.witness_key = id<base::PublicKey>(38);
  out.from = time(0);
  out.until = time(1000);
  out.old_signs_until = time(90);
  return out;
}

inline core::Consent consent(const base::Digest& rows) {
  core::Consent out;
  out.header = member();
  out.person_class = core::PersonClass::adult;
  out.given_by = core::GivenBy::self;
  out.form = core::ConsentForm::verbal_witnessed;
  out.checks = core::kAllChecks;
  out.child_assent = true;
  out.valid_from = time(0);
  out.valid_until = time(10'000);
  out.sealed_part = id<base::Digest>(40);
  out.rows_root = rows;
  return out;
}

inline core::ConsentRow consent_row() {
  core::ConsentRow out;
  out.member = id<base::MemberId>(50);
  out.allow = {core::Category::summary, core::Category::health};
  out.withhold = {core::Category::location};
  out.purposes = {core::Purpose::protection};
  out.relay = true;
  return out;
}

inline core::Context context() {
  core::Context out;
  out.network = id<base::NetworkId>(1);
  out.suite = core::kSuite1;
  out.salt = id<base::Salt>(60);
  out.sender = id<base::MemberId>(61);
  out.sender_key = id<base::KeyId>(62);
  out.counter = base::Counter{1234};
  out.created = time(0);
  out.expires = time(600);
  out.recipient = id<base::MemberId>(63);
  out.prekey = id<base::KeyId>(64);
  out.kind = core::Kind::referral;
  out.purpose = core::Purpose::protection;
  out.priority = core::Priority::emergency_24h;
  out.person_class = core::PersonClass::unknown;
  out.policy = id<base::StatementId>(65);
  out.references = {{core::ReferenceType::legal_ground, id<base::Digest>(66)}};
  out.due = {{time(1), time(2)}, {time(3), time(4)}};
  out.due_index = 1;
  return out;
}

inline core::Section section(core::Category category, core::Grant grant) {
  core::Section out;
  out.category = category;
  out.form = core::Form::record;
  out.grant = grant;
  out.basis = core::Basis::consent;
  out.handling = {core::Handling::no_onward, core::Handling::named_person_only};
  out.commitment = id<base::Commitment>(70);
  out.ciphertext_root = id<base::Digest>(71);
  out.padded_length = 1024;
  return out;
}

inline SectionList sections() {
  return {{section(core::Category::identity, core::Grant::now), section(core::Category::health, core::Grant::later)},
          {}};
}

inline core::EnvelopeRow envelope_row() {
  core::EnvelopeRow out;
  out.role = core::RowRole::consent;
  out.reference = reference(80);
  return out;
}

inline base::Bytes envelope(const core::Context& context, const SectionList& list, const base::Digest& rows = {}) {
  const base::Bytes grant(grant_bytes(granted_count(context.kind, list)), 0xA5);
  return encode_envelope(encode_context(context), encode_section_list(list), grant, rows);
}

inline core::Policy policy() {
  core::Policy out;
  out.basis = {{core::Basis::legal_obligation, core::ReferenceType::legal_ground, {}},
               {core::Basis::best_interests, core::ReferenceType::best_interest, {core::PersonClass::minor}}};
  out.emergency_priority = {core::Priority::immediate_1h, core::Priority::emergency_24h};
  out.emergency_category = {core::Category::emergency_care, core::Category::meeting};
  out.required_checks = core::kAllChecks;
  out.retention_days = 30;
  core::Rule allow;
  allow.id = "law-to-shelter";
  allow.from = {core::Sector::police, core::Sector::border_police};
  allow.to = {core::Sector::shelter};
  allow.kind = {core::Kind::referral};
  allow.purpose = {core::Purpose::protection};
  allow.send[core::Basis::legal_obligation] = {core::Category::summary, core::Category::identity};
  allow.send[core::Basis::consent] = {core::Category::health};
  allow.back[core::Basis::consent] = {core::Category::needs};
  allow.later = {core::Category::health};
  allow.demands = {{core::Basis::legal_obligation, core::ReferenceType::court_order, {}}};
  allow.links = {{core::RowRole::screening,
                  {core::Kind::screening_result},
                  {core::Sector::ngo},
                  core::Screening::none_found,
                  core::ReferenceType::none,
                  72,
                  true}};
  allow.answer_hours = 72;
  core::Rule deny;
  deny.id = "jobs-never-story";
  deny.deny = true;
  deny.to = {core::Sector::employment_service};
  deny.except = {core::Category::summary};
  out.rules = {allow, deny};
  return out;
}

// A whole statement as it travels.
struct Parts {
  core::StatementType type = core::StatementType::none;
  base::Bytes body;
  base::Bytes blocks;
  std::vector<base::Bytes> rows;
  base::Bytes policy;

  base::Result<core::ParsedStatement> parse() const {
    std::vector<base::ByteView> views(rows.begin(), rows.end());
    return parse_statement(core::media_type(type), body, blocks, views, policy);
  }
};

inline base::Bytes block() {
  core::SignatureBlock out;
  out.key = id<base::KeyId>(90);
  out.signature = id<base::Signature>(91);
  return core::encode_block(out);
}

inline Parts consent_parts() {
  Parts out{core::StatementType::consent, {}, block(), {}, {}};
  for (std::uint8_t i = 0; i < 16; ++i) {
    out.rows.push_back(encode_consent_row(i == 3 ? consent_row() : core::ConsentRow{}, id<base::Salt>(i)));
  }
  out.body = encode_consent(consent(rows_root(out.rows)));
  return out;
}

inline Parts envelope_parts() {
  Parts out{core::StatementType::envelope, {}, block(), {encode_envelope_row(envelope_row(), id<base::Salt>(5))}, {}};
  out.body = envelope(context(), sections(), rows_root(out.rows));
  return out;
}

inline Parts policy_parts() {
  Parts out{core::StatementType::policy_adoption, {}, block(), {}, wire::encode_policy(policy())};
  out.body = encode_policy_adoption({governance(), crypto::sha256(out.policy), 1});
  return out;
}

// Every statement that this version serves.
inline std::vector<Parts> all_statements() {
  using core::StatementType;
  const std::vector<base::Reference> two = {reference(100), reference(101)};
  std::vector<Parts> out = {
      {StatementType::genesis, encode_genesis(genesis()), block(), {}, {}},
      {StatementType::enrolment, encode_enrolment(enrolment()), block(), {}, {}},
      {StatementType::administrator_change,
       encode_administrator_change({governance(), genesis().administrators, 2}),
       block(),
       {},
       {}},
      {StatementType::key_rotation, encode_key_rotation(key_rotation()), block(), {}, {}},
      {StatementType::auditor_appointment,
       encode_auditor_appointment({governance(), id<base::MemberId>(110), time(0), time(9)}),
       block(),
       {},
       {}},
      {StatementType::prekeys,
       encode_prekeys(
           {member(), {{id<base::BoxKey>(120), time(0), time(5)}, {id<base::BoxKey>(121), time(5), time(9)}}}),
       block(),
       {},
       {}},
      {StatementType::unreadable,
       encode_unreadable({member(), reference(1), core::Unreadable::commitment}),
       block(),
       {},
       {}},
      {StatementType::opened,
       encode_opened({member(), reference(1), core::ReaderRole::caseworker, id<base::PersonId>(9)}),
       block(),
       {},
       {}},
      {StatementType::withdrawal,
       encode_withdrawal({member(), {reference(1), {core::Purpose::protection}, {id<base::Digest>(7)}}}),
       block(),
       {},
       {}},
      {StatementType::person_withdrawal,
       encode_person_withdrawal({{id<base::NetworkId>(1), id<base::Salt>(2), id<base::MemberId>(4), time(0), time(9)},
                                 {reference(1), {core::Purpose::protection}, {id<base::Digest>(7)}}}),
       block(),
       {},
       {}},
      {StatementType::withdrawal_answer,
       encode_withdrawal_answer({member(), reference(1), core::DebtAnswer::kept, core::Basis::legal_obligation}),
       block(),
       {},
       {}},
      {StatementType::loss_accepted,
       encode_loss_accepted({governance(), base::TreeSize{7}, id<base::Digest>(1), 0, base::TreeSize{9},
                             id<base::Digest>(2), id<base::Signature>(3), 1, time(5)}),
       block(),
       {},
       {}},
      {StatementType::clock_confirmed,
       encode_clock_confirmed({id<base::Salt>(2), id<base::NetworkId>(1), time(3)}),
       {},
       {},
       {}},
      {StatementType::tick, encode_tick({id<base::Salt>(2), id<base::NetworkId>(1)}), {}, {}, {}},
      policy_parts(),
      consent_parts(),
      envelope_parts()};
  for (const auto type : {StatementType::suspension, StatementType::reinstatement, StatementType::removal}) {
    out.push_back({type, encode_standing_change({governance(), id<base::MemberId>(130)}), block(), {}, {}});
  }
  for (const auto type : {StatementType::received, StatementType::erased}) {
    out.push_back({type, encode_acknowledgement({member(), two}), block(), {}, {}});
  }
  for (const auto type : {StatementType::hand_out, StatementType::withhold}) {
    out.push_back(
        {type, encode_hand_out({id<base::Salt>(2), id<base::NetworkId>(1), id<base::MemberId>(4), two}), {}, {}, {}});
  }
  return out;
}

}  // namespace besa::wire::samples
