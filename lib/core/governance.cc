// What a quorum of administrators decides: genesis, members, their standing, the policy, auditors.
#include <algorithm>
#include <set>

#include "base/check.h"
#include "base/limits.h"
#include "core/step.h"

namespace besa::core {
namespace {

namespace limits = base::limits;

struct Quorum {
  std::size_t signatures = 0;
  std::set<OrganisationId> organisations;
};

Reason check_quorum(const Quorum& quorum, std::size_t threshold) {
  if (quorum.signatures < threshold) return Reason::below_threshold;
  if (quorum.organisations.size() < 2) return Reason::one_organisation;
  return Reason::none;
}

bool name_fits(const std::string& name) {
  if (name.empty() || name.size() > 64) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
  });
}

bool genesis_shaped(const Genesis& body) {
  if (!name_fits(body.name) || !body.header.network.is_none() || !body.header.replaces.is_none()) return false;
  return administrators_shaped(body.administrators);
}

Result<bool> put_broker_keys(Step& step, const Genesis& body) {
  const MemberId none;
  BESA_ASSIGN(const bool log_free, take_key(step, body.broker_log_key.view(), number_of(KeyRole::broker_log), none));
  BESA_ASSIGN(const bool transport_free, take_key(step, body.broker_transport_key.view(), kTransportRole, none));
  if (!log_free || !transport_free) return false;
  write_key(step.overlay, broker_log_key_id(body.broker_log_key),
            {KeyRole::broker_log, none, body.broker_log_key, {}, Timestamp{UINT64_MAX}});
  write_party(step.overlay, body.broker_transport_key, {PartyRole::broker, none});
  return true;
}

Quorum genesis_quorum(const Step& step, const Genesis& body) {
  Quorum quorum;
  for (const Administrator& administrator : body.administrators) {
    const KeyId key = administrator_key_id(administrator.organisation, administrator.signing_key);
    const bool signed_by =
        std::any_of(step.signers.begin(), step.signers.end(), [&](const Signer& signer) { return signer.key == key; });
    if (!signed_by) continue;
    ++quorum.signatures;
    quorum.organisations.insert(administrator.organisation);
  }
  return quorum;
}

Result<Decision> decide_genesis(Step& step, const Genesis& body) {
  if (body.decision_version != kDecisionVersion || body.signature_rule != kSignatureRule) {
    return refuse(Reason::unknown_code);
  }
  if (!genesis_shaped(body)) return refuse(Reason::wrong_shape);
  if (const Reason reason = check_threshold(body.administrators, body.threshold); reason != Reason::none)
    return refuse(reason);
  if (const Reason reason = check_quorum(genesis_quorum(step, body), body.threshold); reason != Reason::none) {
    return refuse(reason);
  }
  BESA_ASSIGN(const bool broker_free, put_broker_keys(step, body));
  BESA_ASSIGN(const bool administrators_free, put_administrators(step, body.administrators));
  if (!broker_free || !administrators_free) return refuse(Reason::already_used);
  write_network(step.overlay, {base::id_cast<NetworkId>(step.statement.id), body.name, body.threshold,
                               body.broker_log_key, body.broker_transport_key, body.decision_version});
  put_in_force(step);
  return accept();
}

// What `replaces` speaks about: one key a subject.
Bytes subject_of(const Body& body) {
  if (const auto* enrolment = std::get_if<Enrolment>(&body)) {
    return base::ByteWriter().u8('m').raw(enrolment->member).take();
  }
  if (const auto* change = std::get_if<StandingChange>(&body)) {
    return base::ByteWriter().u8('m').raw(change->member).take();
  }
  if (const auto* appointment = std::get_if<AuditorAppointment>(&body)) {
    return base::ByteWriter().u8('a').raw(appointment->auditor).take();
  }
  if (std::holds_alternative<LossAccepted>(body)) return base::ByteWriter().u8('l').take();
  if (std::holds_alternative<AdministratorChange>(body)) return base::ByteWriter().u8('d').take();
  return base::ByteWriter().u8('p').take();
}

bool country_fits(std::uint16_t country) {
  const auto high = static_cast<unsigned char>(country >> 8);
  const auto low = static_cast<unsigned char>(country & 0xFF);
  return high >= 'A' && high <= 'Z' && low >= 'A' && low <= 'Z';
}

Result<bool> take_member_keys(Step& step, const Enrolment& body) {
  BESA_ASSIGN(const bool signing, take_key(step, body.signing_key.view(), number_of(KeyRole::member), body.member));
  BESA_ASSIGN(const bool witness, take_key(step, body.witness_key.view(), number_of(KeyRole::witness), body.member));
  BESA_ASSIGN(const bool transport, take_key(step, body.transport_key.view(), kTransportRole, body.member));
  return signing && witness && transport;
}

// May the member stand below this parent: one that is there, and itself below neither the member nor too many others?
Result<Reason> check_parent(const View& view, const MemberId& member, const MemberId& parent) {
  MemberId next = parent;
  for (std::size_t i = 0; !next.is_none(); ++i) {
    if (next == member || i == limits::kUnitDepth) return Reason::wrong_shape;
    BESA_ASSIGN(const auto superior, read_member(view, next));
    if (i == 0 && (!superior || superior->standing == Standing::removed)) return Reason::unknown_reference;
    next = superior ? superior->parent : MemberId{};
  }
  return Reason::none;
}

Result<Reason> check_enrolment(Step& step, const Enrolment& body, const std::optional<MemberRecord>& old) {
  if (!in_list(body.sector)) return Reason::unknown_code;
  if (body.member.is_none() || body.organisation.is_none() || body.from >= body.until) return Reason::wrong_shape;
  if (!country_fits(body.country)) return Reason::wrong_shape;
  BESA_ASSIGN(const Reason parent, check_parent(step.overlay, body.member, body.parent));
  if (parent != Reason::none) return parent;
  if (old && old->standing == Standing::removed) return Reason::already_used;
  BESA_ASSIGN(const bool keys_free, take_member_keys(step, body));
  if (!keys_free) return Reason::already_used;
  if (!has_introduced(step, member_key_id(body.member, body.signing_key)) ||
      !has_introduced(step, witness_key_id(body.member, body.witness_key))) {
    return Reason::not_possessed;
  }
  return Reason::none;
}

Result<Decision> decide_enrolment(Step& step, const Enrolment& body) {
  BESA_ASSIGN(const auto old, read_member(step.overlay, body.member));
  BESA_ASSIGN(const Reason reason, check_enrolment(step, body, old));
  if (reason != Reason::none) return refuse(reason);
  MemberRecord member;
  member.organisation = body.organisation;
  member.parent = body.parent;
  member.sector = body.sector;
  member.country = body.country;
  member.signing_key = member_key_id(body.member, body.signing_key);
  member.transport_key = body.transport_key;
  member.from = body.from;
  member.until = body.until;
  member.standing = Standing::in_force;
  member.enrolled = step.sequence;
  member.keys = step.sequence;
  if (old) BESA_TRY(end_member_keys(step, *old, member.signing_key));
  if (old && old->transport_key != member.transport_key) write_party(step.overlay, old->transport_key, {});
  write_key(step.overlay, member.signing_key, {KeyRole::member, body.member, body.signing_key, body.from, body.until});
  write_key(step.overlay, witness_key_id(body.member, body.witness_key),
            {KeyRole::witness, body.member, body.witness_key, body.from, body.until});
  write_party(step.overlay, body.transport_key, {PartyRole::member, body.member});
  write_member(step.overlay, body.member, member);
  step.effect(EffectCode::member_standing, {}, kNoSection, body.member, number_of(Standing::in_force));
  return accept();
}

std::optional<Standing> next_standing(StatementType type, Standing from) {
  if (type == StatementType::suspension && from == Standing::in_force) return Standing::suspended;
  if (type == StatementType::reinstatement && from == Standing::suspended) return Standing::in_force;
  if (type == StatementType::removal && from != Standing::removed) return Standing::removed;
  return std::nullopt;
}

Result<Decision> decide_standing(Step& step, const StandingChange& body) {
  BESA_ASSIGN(auto member, read_member(step.overlay, body.member));
  if (!member) return refuse(Reason::unknown_reference);
  const auto next = next_standing(step.statement.type, member->standing);
  if (!next) return refuse(Reason::illegal_transition);
  member->standing = *next;
  write_member(step.overlay, body.member, *member);
  step.effect(EffectCode::member_standing, {}, kNoSection, body.member, number_of(*next));
  return accept();
}

Result<Decision> decide_policy(Step& step, const PolicyAdoption& body) {
  if (body.decision_version != kDecisionVersion) return refuse(Reason::unknown_code);
  if (!step.statement.policy || step.statement.policy->retention_days == 0) return refuse(Reason::wrong_shape);
  write_policy(step.overlay, {step.statement.id, *step.statement.policy});
  return accept();
}

Result<Decision> decide_appointment(Step& step, const AuditorAppointment& body) {
  if (body.from >= body.until) return refuse(Reason::wrong_shape);
  BESA_ASSIGN(const auto member, read_member(step.overlay, body.auditor));
  if (!member || member->standing == Standing::removed) return refuse(Reason::unknown_reference);
  write_auditor(step.overlay, body.auditor, {body.from, body.until});
  return accept();
}

Result<Decision> decide_subject(Step& step) {
  const Body& body = step.statement.body;
  if (const auto* enrolment = std::get_if<Enrolment>(&body)) return decide_enrolment(step, *enrolment);
  if (const auto* change = std::get_if<StandingChange>(&body)) return decide_standing(step, *change);
  if (const auto* adoption = std::get_if<PolicyAdoption>(&body)) return decide_policy(step, *adoption);
  if (const auto* loss = std::get_if<LossAccepted>(&body)) return decide_loss(step, *loss);
  if (const auto* change = std::get_if<AdministratorChange>(&body)) return decide_administrators(step, *change);
  const auto* appointment = std::get_if<AuditorAppointment>(&body);
  BESA_CHECK(appointment != nullptr);
  return decide_appointment(step, *appointment);
}

// Signatures of administrators in force. Blocks of keys that the statement brings in prove possession and give no
// authority; a change of administrators names those who stay, too, and they keep theirs.
Result<Quorum> standing_quorum(const Step& step) {
  Quorum quorum;
  for (const Signer& signer : step.signers) {
    if (signer.role != KeyRole::administrator) continue;
    BESA_ASSIGN(const auto administrator, read_administrator(step.overlay, signer.key));
    if (!administrator) continue;
    ++quorum.signatures;
    quorum.organisations.insert(administrator->organisation);
  }
  return quorum;
}

}  // namespace

void put_in_force(Step& step) {
  Reference named;
  named.id = step.statement.id;
  step.effect(EffectCode::governance_in_force, named, kNoSection, {}, 0);
}

bool has_introduced(const Step& step, const KeyId& key) {
  return std::any_of(step.signers.begin(), step.signers.end(),
                     [&](const Signer& signer) { return signer.introduced && signer.key == key; });
}

Result<bool> take_key(Step& step, ByteView key, std::uint8_t role, const MemberId& holder) {
  const Bytes mine = base::ByteWriter().u8(role).raw(holder).take();
  BESA_ASSIGN(const auto used, step.overlay.get(Table::used_key, key));
  if (used && *used != mine) return false;
  step.overlay.put(Table::used_key, base::to_bytes(key), mine);
  return true;
}

Result<Decision> decide_governance(Step& step) {
  const GovernanceHeader* header = governance_header(step.statement.body);
  BESA_CHECK(header != nullptr);
  if (const auto* enrolment = std::get_if<Enrolment>(&step.statement.body)) {
    BESA_ASSIGN(const auto member, read_member(step.overlay, enrolment->member));
    if (member) step.keys_previous = member->keys;
  }
  // A loss was never lost itself: it takes effect in time or not at all.
  const bool is_loss = std::holds_alternative<LossAccepted>(step.statement.body);
  const Moment at = is_loss ? Moment(step.now) : step.at();
  if (const Reason reason = check_times(header->created, header->valid_until, at, limits::kStatementLife);
      reason != Reason::none) {
    return refuse(reason);
  }
  if (const auto* genesis = std::get_if<Genesis>(&step.statement.body)) return decide_genesis(step, *genesis);
  BESA_ASSIGN(const auto network, read_network(step.overlay));
  if (!network) return base::fail(base::ErrorKind::not_found, "the log has no genesis yet: begin with one");
  BESA_ASSIGN(const Quorum quorum, standing_quorum(step));
  if (const Reason reason = check_quorum(quorum, network->threshold); reason != Reason::none) return refuse(reason);
  const Bytes subject = subject_of(step.statement.body);
  BESA_ASSIGN(const auto last, read_subject(step.overlay, subject));
  // Genesis was the first word on the administrators.
  const bool begun = std::holds_alternative<AdministratorChange>(step.statement.body);
  const StatementId first = begun ? base::id_cast<StatementId>(network->id) : StatementId{};
  if (last.value_or(first) != header->replaces) return refuse(Reason::governance_stale);
  BESA_ASSIGN(Decision decision, decide_subject(step));
  if (!decision.accepted()) return decision;
  write_subject(step.overlay, subject, step.statement.id);
  put_in_force(step);
  return decision;
}

}  // namespace besa::core
