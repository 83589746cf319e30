#include "tests/unit/core/world.h"

#include "base/check.h"

namespace besa::core {
namespace {

template <class T>
T must(Result<T> result) {
  if (!result) ADD_FAILURE() << result.error().message;
  BESA_CHECK(result.has_value());
  return std::move(*result);
}

Bytes fresh_bytes() {
  static std::uint64_t next = 0;
  return base::ByteWriter().u64(++next).take();
}

Digest some_digest(std::uint8_t fill) {
  Digest out;
  out.bytes.fill(fill);
  return out;
}

}  // namespace

OrganisationId organisation(std::uint8_t number) {
  OrganisationId out;
  out.bytes.fill(number);
  return out;
}

MemberId member_id(std::uint8_t number) {
  MemberId out;
  out.bytes.fill(number);
  return out;
}

crypto::SigningKey signing_key(std::uint8_t number) { return must(crypto::SigningKey::from_seed(Bytes(32, number))); }

Section section(Category category, Basis basis, Grant grant) {
  Section out;
  out.category = category;
  out.form = Form::record;
  out.grant = grant;
  out.basis = basis;
  out.ciphertext_root = some_digest(7);
  out.padded_length = 1024;
  return out;
}

ConsentRow allow_row(const MemberId& member, CodeSet<Category> allow, CodeSet<Purpose> purposes) {
  ConsentRow row;
  row.member = member;
  row.allow = allow;
  row.purposes = purposes;
  return row;
}

std::vector<ConsentRow> padded(std::vector<ConsentRow> rows) {
  rows.resize(16);
  return rows;
}

Policy small_policy() {
  Policy out;
  out.retention_days = 30;
  out.basis.push_back({Basis::legal_obligation, ReferenceType::legal_ground, {}});
  out.emergency_priority = {Priority::immediate_1h};
  out.emergency_category = {Category::emergency_care};
  Rule never;
  never.id = "jobs-never-story";
  never.deny = true;
  never.to = {Sector::employment_service};
  never.except = {Category::summary, Category::identity, Category::contact, Category::skills, Category::response};
  Rule police;
  police.id = "law-to-care";
  police.from = {Sector::border_police};
  police.to = {Sector::shelter, Sector::iom};
  police.kind = {Kind::referral};
  police.purpose = {Purpose::protection};
  police.send[Basis::legal_obligation] = {Category::summary, Category::identity};
  police.send[Basis::consent] = {Category::contact, Category::health, Category::exploitation, Category::emergency_care};
  police.later = {Category::exploitation, Category::emergency_care};
  police.back[Basis::consent] = {Category::needs};
  police.answer_hours = 72;
  Rule jobs;
  jobs.id = "shelter-to-jobs";
  jobs.from = {Sector::shelter};
  jobs.to = {Sector::employment_service};
  jobs.kind = {Kind::referral};
  jobs.purpose = {Purpose::employment};
  jobs.person = {PersonClass::adult};
  jobs.send[Basis::consent] = {Category::identity, Category::contact, Category::skills, Category::exploitation};
  Rule danger;
  danger.id = "danger";
  danger.from = {Sector::shelter};
  danger.to = {Sector::border_police};
  danger.kind = {Kind::referral};
  danger.purpose = {Purpose::protection};
  danger.priority = {Priority::immediate_1h};
  danger.send[Basis::vital_interest] = {Category::identity};
  Rule linked;
  linked.id = "needs-a-link";
  linked.from = {Sector::iom};
  linked.to = {Sector::border_police};
  linked.kind = {Kind::referral};
  linked.purpose = {Purpose::readmission};
  linked.send[Basis::legal_obligation] = {Category::identity};
  linked.links.push_back(
      {RowRole::screening, {Kind::screening_result}, {}, Screening::none_found, ReferenceType::none, 72, true});
  out.rules = {never, police, jobs, danger, linked};
  return out;
}

Reference ref(const ParsedStatement& statement) { return reference_of(statement); }

World::World() {
  administrators.push_back(signing_key(101));
  administrators.push_back(signing_key(102));
  administrators.push_back(signing_key(103));
  genesis.header.created = now;
  genesis.header.valid_until = now + base::days(7);
  genesis.name = "test.example";
  genesis.threshold = 2;
  for (std::uint8_t i = 0; i < 3; ++i) {
    TransportKey transport;
    transport.bytes.fill(static_cast<std::uint8_t>(111 + i));
    genesis.administrators.push_back(
        {organisation(static_cast<std::uint8_t>(201 + i)), administrators[i].public_key(), transport});
  }
  genesis.broker_log_key = signing_key(120).public_key();
  genesis.broker_transport_key.bytes.fill(121);
  genesis.decision_version = kDecisionVersion;
  genesis.signature_rule = kSignatureRule;
}

Result<Outcome> World::try_decide(const ParsedStatement& statement, const MemberId& submitter) const {
  BESA_ASSIGN(const Verified verified, verify(statement, submitter, key_lookup(view)));
  BESA_TRY(check_submitter(view, verified));
  return decide(view, verified, now);
}

Outcome World::outcome(const ParsedStatement& statement, const MemberId& submitter) {
  Outcome result = must(try_decide(statement, submitter));
  if (const auto* decided = std::get_if<Decided>(&result)) {
    EXPECT_TRUE(view.apply(decided->changes));
    EXPECT_EQ(must(read_head(view))->due, must(next_due(view)));
    log.push_back(decided->entry);
  }
  return result;
}

Decided World::run(const ParsedStatement& statement, const MemberId& submitter) {
  if (statement.type != StatementType::tick) run_ticks();
  Outcome result = outcome(statement, submitter);
  auto* decided = std::get_if<Decided>(&result);
  BESA_CHECK(decided != nullptr);
  return std::move(*decided);
}

void World::run_ticks() {
  while (must(tick_owed(view, now))) run(finish(StatementType::tick, Tick{{}, network}), {});
}

void World::begin(const std::vector<std::pair<std::string, Sector>>& members) {
  const ParsedStatement first = governance(StatementType::genesis, genesis);
  EXPECT_TRUE(run(first, {}).entry.decision.accepted());
  network = base::id_cast<NetworkId>(first.id);
  std::uint8_t number = 210;
  for (const auto& [name, sector] : members) enrol(name, sector, number++);
  adopt(small_policy());
  for (const auto& [name, sector] : members) publish_prekey(name);
}

void World::drain() {
  const auto is_due = [&] {
    const auto due = must(next_due(view));
    return due && *due <= now;
  };
  while (is_due()) run(finish(StatementType::tick, Tick{{}, network}), {});
}

ParsedStatement World::finish(StatementType type, Body body) const {
  ParsedStatement out;
  out.type = type;
  out.body = std::move(body);
  out.body_bytes = fresh_bytes();
  out.id = statement_id(type, out.body_bytes);
  return out;
}

void World::sign_with(ParsedStatement& statement, const crypto::SigningKey& key, const KeyId& id) const {
  SignatureBlock block;
  block.key = id;
  block.signature = key.sign(signed_bytes(base::id_cast<Digest>(statement.id)));
  statement.blocks.push_back(block);
}

GovernanceHeader World::governance_header(const StatementId& replaces) const {
  return {network, {}, now, now + base::days(7), replaces};
}

ParsedStatement World::governance(StatementType type, Body body, std::size_t signatures, std::optional<Policy> rules) {
  ParsedStatement out = finish(type, std::move(body));
  out.policy = std::move(rules);
  for (std::size_t i = 0; i < signatures; ++i) {
    sign_with(out, administrators[i],
              administrator_key_id(genesis.administrators[i].organisation, administrators[i].public_key()));
  }
  return out;
}

StatementId World::last_on(const MemberId& member) const {
  return must(read_subject(view, base::ByteWriter().u8('m').raw(member).take())).value_or(StatementId{});
}

ParsedStatement World::enrolment(const std::string& name, Sector sector, std::uint8_t organisation_number,
                                 const MemberId& parent, std::size_t signatures, bool possess) {
  if (!members_.contains(name)) {
    const auto number = static_cast<std::uint8_t>(members_.size() + 1);
    TestMember fresh{member_id(number),
                     organisation(organisation_number),
                     sector,
                     signing_key(number),
                     signing_key(static_cast<std::uint8_t>(number + 50)),
                     {},
                     {},
                     0};
    fresh.transport.bytes.fill(static_cast<std::uint8_t>(number + 150));
    fresh.prekey.bytes.fill(number);
    members_.emplace(name, std::move(fresh));
  }
  const TestMember& member = members_.at(name);
  Enrolment body;
  body.header = governance_header(last_on(member.id));
  body.member = member.id;
  body.organisation = member.organisation;
  body.parent = parent;
  body.sector = sector;
  body.country = 0x414C;
  body.signing_key = member.signing.public_key();
  body.transport_key = member.transport;
  body.witness_key = member.witness.public_key();
  body.from = kStart;
  body.until = kStart + base::days(365);
  ParsedStatement out = governance(StatementType::enrolment, body, signatures);
  if (possess) {
    sign_with(out, member.signing, member_key_id(member.id, member.signing.public_key()));
    sign_with(out, member.witness, witness_key_id(member.id, member.witness.public_key()));
  }
  return out;
}

void World::enrol(const std::string& name, Sector sector, std::uint8_t organisation_number, const MemberId& parent) {
  const Decided decided =
      run(enrolment(name, sector, organisation_number, parent), base::id_cast<MemberId>(organisation(201)));
  EXPECT_TRUE(decided.entry.decision.accepted()) << name_of(decided.entry.decision.reason);
}

MemberHeader World::header(const std::string& author) {
  TestMember& member = members_.at(author);
  member.counter = std::max(member.counter + 1, now.ms * 1000);
  return {network, {}, member.id, Counter{member.counter}, now, now + base::days(10)};
}

void World::publish_prekey(const std::string& name) {
  Prekeys body;
  body.header = header(name);
  body.keys.push_back({member(name).prekey, kStart, kStart + base::days(60)});
  ParsedStatement statement = finish(StatementType::prekeys, body);
  sign_with(statement, member(name).signing, member_key_id(member(name).id, member(name).signing.public_key()));
  const Decided decided = run(statement, member(name).id);
  EXPECT_TRUE(decided.entry.decision.accepted()) << name_of(decided.entry.decision.reason);
}

void World::adopt(const Policy& rules) {
  PolicyAdoption body;
  body.header = governance_header(policy);
  body.decision_version = kDecisionVersion;
  const ParsedStatement statement = governance(StatementType::policy_adoption, body, 2, rules);
  const Decided decided = run(statement, base::id_cast<MemberId>(organisation(201)));
  EXPECT_TRUE(decided.entry.decision.accepted()) << name_of(decided.entry.decision.reason);
  policy_before = policy;
  policy = statement.id;
}

ParsedStatement World::standing(StatementType type, const std::string& name, std::size_t signatures) {
  StandingChange body;
  body.header = governance_header(last_on(member(name).id));
  body.member = member(name).id;
  return governance(type, body, signatures);
}

ParsedStatement World::consent(const std::string& author, std::vector<ConsentRow> rows,
                               const crypto::SigningKey* code) {
  Consent body;
  if (code != nullptr) {
    body.code_key = code->public_key();
    body.code_tag.bytes.fill(0x7A);
  }
  body.header = header(author);
  body.person_class = PersonClass::adult;
  body.given_by = GivenBy::self;
  body.form = ConsentForm::written;
  body.checks = kAllChecks;
  body.valid_from = now;
  body.valid_until = now + base::days(90);
  ParsedStatement out = finish(StatementType::consent, body);
  out.consent_rows = std::move(rows);
  for (std::size_t i = 0; i < out.consent_rows.size(); ++i) {
    Digest hash;
    hash.bytes.fill(static_cast<std::uint8_t>(i + 1));
    out.row_hashes.push_back(hash);
  }
  sign_with(out, member(author).signing, member_key_id(member(author).id, member(author).signing.public_key()));
  return out;
}

Envelope World::letter(const std::string& from, const std::string& to, std::vector<Section> sections) {
  Envelope out;
  const MemberHeader common = header(from);
  out.context.network = network;
  out.context.suite = kSuite1;
  out.context.sender = common.author;
  out.context.sender_key = member_key_id(common.author, member(from).signing.public_key());
  out.context.counter = common.counter;
  out.context.created = common.created;
  out.context.expires = common.expires;
  out.context.recipient = member(to).id;
  out.context.prekey = prekey_id(member(to).id, member(to).prekey);
  out.context.kind = Kind::referral;
  out.context.purpose = Purpose::protection;
  out.context.priority = Priority::urgent_72h;
  out.context.person_class = PersonClass::adult;
  out.context.policy = policy;
  out.context.references.push_back({ReferenceType::legal_ground, some_digest(9)});
  out.sections = std::move(sections);
  return out;
}

Envelope World::reply(const std::string& from, const Reference& thread, Kind kind, Sets sets) {
  const auto record = must(find_thread(view, thread));
  BESA_CHECK(record.has_value());
  const MemberId other = record->opener == member(from).id ? record->receiver : record->opener;
  std::string to;
  for (const auto& [name, candidate] : members_) {
    if (candidate.id == other) to = name;
  }
  Envelope out = letter(from, to, {});
  out.context.kind = kind;
  out.context.sets = sets;
  out.context.thread = thread;
  out.context.purpose = record->purpose;
  return out;
}

ParsedStatement World::sign(const std::string& author, Envelope body, const Reference& consent_reference) {
  ParsedStatement out = finish(StatementType::envelope, std::move(body));
  if (!consent_reference.is_none()) {
    EnvelopeRow row;
    row.role = RowRole::consent;
    row.reference = consent_reference;
    out.envelope_rows.push_back(row);
  }
  sign_with(out, member(author).signing, member_key_id(member(author).id, member(author).signing.public_key()));
  return out;
}

ParsedStatement World::report(StatementType type, const std::string& author, std::vector<Reference> messages) {
  Acknowledgement body;
  body.header = header(author);
  body.messages = std::move(messages);
  ParsedStatement out = finish(type, body);
  sign_with(out, member(author).signing, member_key_id(member(author).id, member(author).signing.public_key()));
  return out;
}

ParsedStatement World::opened(const std::string& author, const Reference& message) {
  Opened body;
  body.header = header(author);
  body.message = message;
  body.role = ReaderRole::caseworker;
  body.person.bytes.fill(1);
  ParsedStatement out = finish(StatementType::opened, body);
  sign_with(out, member(author).signing, member_key_id(member(author).id, member(author).signing.public_key()));
  return out;
}

ParsedStatement World::unreadable(const std::string& author, const Reference& message) {
  UnreadableReport body;
  body.header = header(author);
  body.message = message;
  body.reason = Unreadable::grant;
  ParsedStatement out = finish(StatementType::unreadable, body);
  sign_with(out, member(author).signing, member_key_id(member(author).id, member(author).signing.public_key()));
  return out;
}

ParsedStatement World::withdrawal(const std::string& author, Narrowing narrowing) {
  ParsedStatement out = finish(StatementType::withdrawal, Withdrawal{header(author), std::move(narrowing)});
  sign_with(out, member(author).signing, member_key_id(member(author).id, member(author).signing.public_key()));
  return out;
}

ParsedStatement World::person_withdrawal(const std::string& bringer, Narrowing narrowing,
                                         const crypto::SigningKey& code, base::Duration life) {
  const PersonHeader common{network, {}, member(bringer).id, now, now + life};
  ParsedStatement out = finish(StatementType::person_withdrawal, PersonWithdrawal{common, std::move(narrowing)});
  sign_with(out, code, person_key_id(code.public_key()));
  return out;
}

ParsedStatement World::withdrawal_answer(const std::string& author, const Reference& message, DebtAnswer answer,
                                         Basis basis) {
  ParsedStatement out =
      finish(StatementType::withdrawal_answer, WithdrawalAnswer{header(author), message, answer, basis});
  sign_with(out, member(author).signing, member_key_id(member(author).id, member(author).signing.public_key()));
  return out;
}

ParsedStatement World::hand_out(StatementType type, const std::string& name, std::vector<Reference> messages) const {
  HandOut body;
  body.network = network;
  body.member = members_.at(name).id;
  body.messages = std::move(messages);
  return finish(type, body);
}

}  // namespace besa::core
