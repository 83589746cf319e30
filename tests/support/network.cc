#include "tests/support/network.h"

#include "base/check.h"
#include "crypto/verify/hash.h"
#include "wire/chunks.h"
#include "wire/statement.h"

namespace besa::support {
namespace {

using base::Bytes;
using base::Reference;
using base::StatementId;
using core::Basis;
using core::Category;
using core::StatementType;

template <class T>
T must(base::Result<T> result) {
  BESA_CHECK(result.has_value());
  return std::move(*result);
}

core::SignatureBlock block_of(const StatementId& id, const crypto::SigningKey& key, const base::KeyId& key_id) {
  core::SignatureBlock block;
  block.key = key_id;
  block.signature = key.sign(core::signed_bytes(base::id_cast<base::Digest>(id)));
  return block;
}

core::Rule police_rule() {
  core::Rule rule;
  rule.id = "police-to-care";
  rule.from = {core::Sector::border_police};
  rule.to = {core::Sector::shelter, core::Sector::iom};
  rule.kind = {core::Kind::referral};
  rule.purpose = {core::Purpose::protection};
  rule.send[Basis::legal_obligation] = {Category::summary, Category::identity};
  rule.send[Basis::consent] = {Category::contact, Category::health, Category::exploitation};
  rule.later = {Category::exploitation};
  rule.back[Basis::consent] = {Category::needs};
  rule.answer_hours = 72;
  return rule;
}

core::Rule jobs_rule() {
  core::Rule rule;
  rule.id = "shelter-to-jobs";
  rule.from = {core::Sector::shelter};
  rule.to = {core::Sector::employment_service};
  rule.kind = {core::Kind::referral};
  rule.purpose = {core::Purpose::employment};
  rule.send[Basis::consent] = {Category::identity, Category::contact, Category::skills};
  return rule;
}

core::Rule never_rule() {
  core::Rule rule;
  rule.id = "jobs-never-story";
  rule.deny = true;
  rule.to = {core::Sector::employment_service};
  rule.except = {Category::summary, Category::identity, Category::contact, Category::skills, Category::response};
  return rule;
}

}  // namespace

core::Policy small_policy() {
  core::Policy policy;
  policy.retention_days = 30;
  policy.rules = {never_rule(), police_rule(), jobs_rule()};
  return policy;
}

Network::Network()
    : log_key_(must(crypto::SigningKey::from_seed(seed()))),
      broker_transport_(must(crypto::TransportSecret::from_bytes(seed()))) {
  for (int i = 0; i < 3; ++i) {
    base::OrganisationId organisation;
    BESA_CHECK(base::OrganisationId::read(next_bytes(16), organisation));
    administrators_.push_back(
        {organisation, must(crypto::SigningKey::from_seed(seed())), must(crypto::TransportSecret::from_bytes(seed()))});
  }
}

Bytes Network::seed() { return base::to_bytes(crypto::sha256(base::ByteWriter().u64(++drawn_).take()).view()); }

Bytes Network::next_bytes(std::size_t size) {
  Bytes out;
  while (out.size() < size) {
    const Bytes more = seed();
    out.insert(out.end(), more.begin(), more.end());
  }
  out.resize(size);
  return out;
}

base::Salt Network::next_salt() {
  base::Salt salt;
  BESA_CHECK(base::Salt::read(next_bytes(16), salt));
  return salt;
}

base::Counter Network::next_counter() {
  if (counter) return base::Counter{*std::exchange(counter, std::nullopt)};
  last_counter_ = std::max(last_counter_ + 1, now.ms * 1000);
  return base::Counter{last_counter_};
}

Agency& Network::add_agency(core::Sector sector, const base::MemberId& parent) {
  Agency agency{{},
                {},
                sector,
                parent,
                must(crypto::SigningKey::from_seed(seed())),
                must(crypto::SigningKey::from_seed(seed())),
                must(crypto::TransportSecret::from_bytes(seed())),
                must(crypto::BoxSecret::from_bytes(seed())),
                {}};
  BESA_CHECK(base::MemberId::read(next_bytes(16), agency.id));
  BESA_CHECK(base::OrganisationId::read(next_bytes(16), agency.organisation));
  agencies_.push_back(std::move(agency));
  return agencies_.back();
}

core::GovernanceHeader Network::governance_header(const StatementId& replaces) {
  return {id_, next_salt(), now, now + base::days(7), replaces};
}

core::MemberHeader Network::member_header(const Agency& author, base::Duration life) {
  return {id_, next_salt(), author.id, next_counter(), now, now + life};
}

Signed Network::by_quorum(StatementType type, Bytes body, std::size_t signatures,
                          std::vector<core::SignatureBlock> more) {
  Signed out;
  out.id = core::statement_id(type, body);
  std::vector<core::SignatureBlock> blocks;
  for (std::size_t i = 0; i < signatures; ++i) {
    const AdministratorKeys& keys = administrators_.at(i);
    const base::KeyId key = core::administrator_key_id(keys.organisation, keys.signing.public_key());
    blocks.push_back(block_of(out.id, keys.signing, key));
  }
  for (core::SignatureBlock& block : more) blocks.push_back(std::move(block));
  out.parts.type = core::media_type(type);
  out.parts.body = std::move(body);
  out.parts.blocks = core::encode_blocks(blocks);
  return out;
}

Signed Network::by_member(StatementType type, Bytes body, const Agency& author, base::Counter used) {
  Signed out;
  out.id = core::statement_id(type, body);
  out.reference = {author.id, used, out.id};
  out.parts.type = core::media_type(type);
  out.parts.body = std::move(body);
  out.parts.blocks = core::encode_blocks({block_of(out.id, author.signing, author.signing_key())});
  return out;
}

Signed Network::rotation(Agency& agency, base::Duration overlap) {
  crypto::SigningKey signing = must(crypto::SigningKey::from_seed(seed()));
  crypto::SigningKey witness = must(crypto::SigningKey::from_seed(seed()));
  crypto::TransportSecret transport = must(crypto::TransportSecret::from_bytes(seed()));
  core::KeyRotation body;
  body.header = member_header(agency);
  body.signing_key = signing.public_key();
  body.transport_key = transport.public_key();
  body.witness_key = witness.public_key();
  body.from = now;
  body.until = now + base::days(300);
  body.old_signs_until = now + overlap;
  Signed out = by_member(StatementType::key_rotation, wire::encode_key_rotation(body), agency, body.header.counter);
  agency.signing = std::move(signing);
  agency.witness = std::move(witness);
  agency.transport = std::move(transport);
  const base::KeyId witness_key = core::witness_key_id(agency.id, agency.witness.public_key());
  const Bytes proof = core::encode_blocks(
      {block_of(out.id, agency.signing, agency.signing_key()), block_of(out.id, agency.witness, witness_key)});
  out.parts.blocks.insert(out.parts.blocks.end(), proof.begin(), proof.end());
  return out;
}

Signed Network::genesis(std::size_t signatures) {
  core::Genesis body;
  body.header = governance_header({});
  body.header.network = {};
  body.name = name;
  for (const AdministratorKeys& keys : administrators_) {
    body.administrators.push_back({keys.organisation, keys.signing.public_key(), keys.transport.public_key()});
  }
  body.threshold = 2;
  body.broker_log_key = log_key_.public_key();
  body.broker_transport_key = broker_transport_.public_key();
  body.decision_version = core::kDecisionVersion;
  body.signature_rule = core::kSignatureRule;
  Signed out = by_quorum(StatementType::genesis, wire::encode_genesis(body), signatures);
  id_ = base::id_cast<base::NetworkId>(out.id);
  return out;
}

Signed Network::enrolment(Agency& agency, std::size_t signatures) {
  core::Enrolment body;
  body.header = governance_header(agency.governance);
  body.member = agency.id;
  body.organisation = agency.organisation;
  body.parent = agency.parent;
  body.sector = agency.sector;
  body.country = ('M' << 8) | 'K';
  body.signing_key = agency.signing.public_key();
  body.transport_key = agency.transport.public_key();
  body.witness_key = agency.witness.public_key();
  body.from = now;
  body.until = now + base::days(365);
  body.agreement = crypto::sha256(next_bytes(32));
  Bytes bytes = wire::encode_enrolment(body);
  const StatementId id = core::statement_id(StatementType::enrolment, bytes);
  agency.governance = id;
  const base::KeyId witness = core::witness_key_id(agency.id, agency.witness.public_key());
  return by_quorum(StatementType::enrolment, std::move(bytes), signatures,
                   {block_of(id, agency.signing, agency.signing_key()), block_of(id, agency.witness, witness)});
}

Signed Network::standing_change(Agency& agency, StatementType type) {
  Signed out = by_quorum(type, wire::encode_standing_change({governance_header(agency.governance), agency.id}), 2);
  agency.governance = out.id;
  return out;
}

Signed Network::administrators_without_last() {
  core::AdministratorChange body;
  body.header = governance_header(change_.is_none() ? base::id_cast<StatementId>(id_) : change_);
  for (std::size_t i = 0; i + 1 < administrators_.size(); ++i) {
    const AdministratorKeys& keys = administrators_[i];
    body.administrators.push_back({keys.organisation, keys.signing.public_key(), keys.transport.public_key()});
  }
  body.threshold = 2;
  Signed out = by_quorum(StatementType::administrator_change, wire::encode_administrator_change(body), 2);
  change_ = out.id;
  return out;
}

Signed Network::policy(const core::Policy& policy) {
  Bytes bytes = wire::encode_policy(policy);
  core::PolicyAdoption body;
  body.header = governance_header(policy_);
  body.policy = crypto::sha256(bytes);
  body.decision_version = core::kDecisionVersion;
  Signed out = by_quorum(StatementType::policy_adoption, wire::encode_policy_adoption(body), 2);
  out.parts.policy = std::move(bytes);
  policy_ = out.id;
  return out;
}

Signed Network::appointment(const Agency& auditor, base::Duration length) {
  core::AuditorAppointment body{governance_header(appointment_), auditor.id, now, now + length};
  Signed out = by_quorum(StatementType::auditor_appointment, wire::encode_auditor_appointment(body), 2);
  appointment_ = out.id;
  return out;
}

Signed Network::prekeys(Agency& agency) {
  agency.prekey = must(crypto::BoxSecret::from_bytes(seed()));
  core::Prekeys body;
  body.header = member_header(agency);
  body.keys.push_back({agency.prekey.public_key(), now, now + base::days(20)});
  return by_member(StatementType::prekeys, wire::encode_prekeys(body), agency, body.header.counter);
}

Signed Network::consent(Agency& author, std::vector<core::ConsentRow> rows, const crypto::SigningKey* code) {
  core::Consent body;
  if (code != nullptr) {
    body.code_key = code->public_key();
    body.code_tag = tag_of(*code);
  }
  body.header = member_header(author);
  body.person_class = core::PersonClass::adult;
  body.given_by = core::GivenBy::self;
  body.form = core::ConsentForm::written;
  body.checks = core::kAllChecks;
  body.valid_from = now;
  body.valid_until = now + base::days(30);
  body.sealed_part = crypto::sha256(next_bytes(32));
  rows.resize(16);
  std::vector<Bytes> encoded;
  for (const core::ConsentRow& row : rows) encoded.push_back(wire::encode_consent_row(row, next_salt()));
  body.rows_root = wire::rows_root(encoded);
  Signed out = by_member(StatementType::consent, wire::encode_consent(body), author, body.header.counter);
  out.parts.rows = std::move(encoded);
  return out;
}

Signed Network::loss(core::LossAccepted body, std::size_t signatures) {
  body.header = governance_header(loss_);
  Signed out = by_quorum(StatementType::loss_accepted, wire::encode_loss_accepted(body), signatures);
  if (signatures > 1) loss_ = out.id;
  return out;
}

Signed Network::withdrawal(Agency& author, const base::Reference& consent) {
  core::Withdrawal body{member_header(author), {consent, {}, {}}};
  return by_member(StatementType::withdrawal, wire::encode_withdrawal(body), author, body.header.counter);
}

Signed Network::person_withdrawal(const Agency& bringer, const base::Reference& consent,
                                  const crypto::SigningKey& code) {
  core::PersonWithdrawal body;
  body.header = {id_, next_salt(), bringer.id, now, now + base::hours(24)};
  body.narrowing.reference = consent;
  Signed out;
  out.parts.type = core::media_type(StatementType::person_withdrawal);
  out.parts.body = wire::encode_person_withdrawal(body);
  out.id = core::statement_id(StatementType::person_withdrawal, out.parts.body);
  out.reference.id = out.id;
  out.parts.blocks = core::encode_blocks({block_of(out.id, code, core::person_key_id(code.public_key()))});
  return out;
}

Signed Network::message(Agency& from, const Agency& to, const MessageSpec& spec) {
  core::Context context;
  context.network = id_;
  context.suite = core::kSuite1;
  context.salt = next_salt();
  context.sender = from.id;
  context.sender_key = from.signing_key();
  context.counter = next_counter();
  context.created = now;
  context.expires = now + spec.life;
  context.recipient = to.id;
  context.prekey = core::prekey_id(to.id, to.prekey.public_key());
  context.kind = spec.kind;
  context.purpose = spec.purpose;
  context.priority = spec.priority;
  context.person_class = spec.person_class;
  context.thread = spec.thread;
  context.policy = policy_;
  context.sets = spec.sets;

  wire::SectionList list;
  std::vector<wire::Chunk> chunks;
  for (const SectionSpec& wanted : spec.sections) {
    core::Section section;
    section.category = wanted.category;
    section.form = core::Form::record;
    section.grant = wanted.grant;
    section.basis = wanted.basis;
    BESA_CHECK(base::Commitment::read(seed(), section.commitment));
    section.padded_length = wire::padded_length(wanted.content_bytes).value();
    std::vector<Bytes> pieces;
    for (std::uint32_t i = 0; i < wire::chunk_count(section.padded_length); ++i) {
      pieces.push_back(next_bytes(wire::sealed_chunk_size(section.padded_length, i)));
      chunks.push_back({static_cast<std::uint16_t>(list.sections.size()), i, pieces.back()});
    }
    section.ciphertext_root = wire::ciphertext_root(pieces);
    list.sections.push_back(section);
  }
  std::vector<Bytes> rows;
  if (!spec.consent.is_none()) {
    core::EnvelopeRow row;
    row.role = core::RowRole::consent;
    row.reference = spec.consent;
    rows.push_back(wire::encode_envelope_row(row, next_salt()));
  }
  const Bytes grant = next_bytes(wire::grant_bytes(wire::granted_count(spec.kind, list)));
  Bytes body = wire::encode_envelope(wire::encode_context(context), wire::encode_section_list(list), grant,
                                     wire::rows_root(rows));
  Signed out = by_member(StatementType::envelope, std::move(body), from, context.counter);
  out.parts.rows = std::move(rows);
  out.parts.chunks = std::move(chunks);
  return out;
}

Signed Network::received(Agency& by, std::vector<Reference> messages) {
  core::Acknowledgement body{member_header(by), std::move(messages)};
  return by_member(StatementType::received, wire::encode_acknowledgement(body), by, body.header.counter);
}

Signed Network::opened(Agency& by, const Reference& message) {
  core::Opened body;
  body.header = member_header(by);
  body.message = message;
  body.role = core::ReaderRole::caseworker;
  BESA_CHECK(base::PersonId::read(next_bytes(16), body.person));
  return by_member(StatementType::opened, wire::encode_opened(body), by, body.header.counter);
}

}  // namespace besa::support
