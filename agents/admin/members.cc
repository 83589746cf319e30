// Commands on members and auditors.
#include "agents/admin/agreement.h"
#include "agents/admin/arguments.h"
#include "agents/admin/draft.h"
#include "agents/admin/prepare.h"
#include "program/file.h"
#include "program/json.h"
#include "program/time_text.h"
#include "wire/statement.h"

namespace besa::admin {
namespace {

using base::ErrorKind;
using base::fail;
using program::Json;

std::string sidecar_of(const std::string& draft) { return draft + ".agreement.json"; }

// Never over an older one: its salt is the only way to show what was agreed.
base::Status write_sidecar(const std::string& draft, const Agreement& agreement) {
  const Json json = {{"agreement_salt", hex(agreement.salt)}, {"agreement_hash", hex(agreement.hash)}};
  return program::write_new_file(sidecar_of(draft), base::as_bytes(program::to_pretty(json) + "\n"));
}

base::Result<core::Enrolment> enrolment_of(const MemberRequest& request, const EnrolOptions& options) {
  const auto sector = core::parse_code<core::Sector>(options.sector);
  if (!sector) return fail(ErrorKind::malformed, "there is no sector '" + options.sector + "'");
  if (options.country.size() != 2) return fail(ErrorKind::malformed, "--country takes two capital letters");
  core::Enrolment body;
  body.member = request.member;
  body.organisation = request.organisation;
  if (!options.parent.empty()) {
    BESA_ASSIGN(body.parent, parse_id<base::MemberId>(options.parent, "--parent"));
  }
  body.sector = *sector;
  body.country = country_code(options.country);
  body.signing_key = request.signing_key;
  body.transport_key = request.transport_key;
  body.witness_key = request.witness_key;
  body.from = clock_now();
  if (!options.from.empty()) {
    BESA_ASSIGN(body.from, program::parse_time(options.from));
  }
  body.until = body.from + base::days(options.days);
  return body;
}

}  // namespace

Done run_enrol(const Common& common, const EnrolOptions& options) {
  BESA_TRY(check_free(common.out));
  BESA_TRY(check_free(sidecar_of(common.out)));
  BESA_ASSIGN(const MemberRequest request, read_member_request(options.request));
  BESA_ASSIGN(const NetworkFile network, read_network(common.network));
  BESA_ASSIGN(core::Enrolment body, enrolment_of(request, options));
  BESA_ASSIGN(const Agreement agreement, hash_agreement(options.agreement));
  BESA_ASSIGN(const base::StatementId replaces,
              find_replaced(common, network, Link::Subject::member, request.member, Member::may_be_new));
  body.header = new_header(network, replaces, common.valid_days);
  body.agreement = agreement.hash;
  const wire::StatementParts parts = make_draft(core::StatementType::enrolment, wire::encode_enrolment(body));
  BESA_TRY(parse_draft(parts));
  BESA_TRY(write_sidecar(common.out, agreement));
  return finish_draft(common, parts);
}

Done run_standing(const Common& common, const std::string& type, const std::string& member) {
  BESA_TRY(check_free(common.out));
  BESA_ASSIGN(const NetworkFile network, read_network(common.network));
  core::StandingChange body;
  BESA_ASSIGN(body.member, parse_id<base::MemberId>(member, "MEMBER"));
  BESA_ASSIGN(const base::StatementId replaces,
              find_replaced(common, network, Link::Subject::member, body.member, Member::must_be_known));
  body.header = new_header(network, replaces, common.valid_days);
  const auto statement_type = core::parse_code<core::StatementType>(type);
  return finish_draft(common, make_draft(*statement_type, wire::encode_standing_change(body)));
}

Done run_appoint(const Common& common, const std::string& member, std::uint32_t days) {
  BESA_TRY(check_free(common.out));
  BESA_ASSIGN(const NetworkFile network, read_network(common.network));
  core::AuditorAppointment body;
  BESA_ASSIGN(body.auditor, parse_id<base::MemberId>(member, "MEMBER"));
  BESA_ASSIGN(const base::StatementId replaces,
              find_replaced(common, network, Link::Subject::auditor, body.auditor, Member::must_be_known));
  body.header = new_header(network, replaces, common.valid_days);
  body.from = clock_now();
  body.until = body.from + base::days(days);
  return finish_draft(common,
                      make_draft(core::StatementType::auditor_appointment, wire::encode_auditor_appointment(body)));
}

}  // namespace besa::admin
