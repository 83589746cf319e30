// besa-admin invite create, list, revoke.
#include "agents/admin/agreement.h"
#include "agents/admin/archive.h"
#include "agents/admin/arguments.h"
#include "agents/admin/ceremony.h"
#include "agents/admin/invites.h"
#include "agents/admin/known.h"
#include "agents/admin/prepare.h"
#include "base/check.h"
#include "base/fail_point.h"
#include "client/joining.h"
#include "crypto/secret/random.h"
#include "program/file.h"
#include "program/json.h"
#include "program/time_text.h"
#include "transport/requester.h"

namespace besa::admin {
namespace {

using base::ErrorKind;
using base::fail;
using base::Result;
using base::Status;
using program::ExitCode;
using program::Json;

constexpr std::size_t kShortDigits = 8;

std::string short_id(const base::MemberId& member) { return hex(member).substr(0, kShortDigits); }

// The parent must be there and in force: a unit of nobody would be refused only at the end.
Status put_parent(const Known& known, const std::string& text, base::Timestamp now, wire::InviteTerms& terms) {
  if (text.empty()) return {};
  BESA_ASSIGN(terms.parent, parse_id<base::MemberId>(text, "--parent"));
  BESA_ASSIGN(const auto parent, core::read_member(known.view, terms.parent));
  if (!parent) return fail(ErrorKind::not_found, "the log knows no member " + text + ": check --parent");
  if (!parent->in_force(now)) {
    return fail(ErrorKind::denied, "the parent " + text + " is not in force: reinstate or enrol it first");
  }
  terms.organisation = parent->organisation;
  return {};
}

Status put_organisation(const std::string& text, wire::InviteTerms& terms) {
  if (!text.empty()) {
    BESA_ASSIGN(terms.organisation, parse_id<base::OrganisationId>(text, "--organisation"));
  }
  if (terms.organisation.is_none()) terms.organisation = crypto::random_id<base::OrganisationId>();
  return {};
}

Result<wire::InviteTerms> terms_of(const Known& known, const InviteOptions& options, const Agreement& agreement,
                                   base::Timestamp now) {
  wire::InviteTerms terms;
  terms.network = known.network.network;
  terms.broker_log_key = known.network.broker_log_key;
  terms.broker_transport_key = known.network.broker_transport_key;
  terms.endpoint = options.endpoint.empty() ? known.network.endpoint : options.endpoint;
  BESA_TRY(transport::check_endpoint(terms.endpoint));
  terms.name = options.name;
  terms.member = crypto::random_id<base::MemberId>();
  BESA_TRY(put_parent(known, options.parent, now, terms));
  BESA_TRY(put_organisation(options.organisation, terms));
  terms.sector = *core::parse_code<core::Sector>(options.sector);
  terms.country = country_code(options.country);
  terms.days = options.days;
  terms.agreement = agreement.hash;
  terms.agreement_salt = agreement.salt;
  terms.created = now;
  BESA_ASSIGN(const base::Duration life, program::parse_duration(options.expires));
  terms.expires = now + life;
  return terms;
}

std::vector<std::string> invite_lines(const wire::InviteTerms& terms, const std::string& agreement) {
  std::vector<std::string> lines = {"Invite " + short_id(terms.member) + " for " + terms.name + ", good until " +
                                        program::format_time(terms.expires) + ".",
                                    "  member         " + hex(terms.member),
                                    "  sector         " + std::string(core::name_of(terms.sector)) + ", for " +
                                        std::to_string(terms.days) + " days from when it joins",
                                    "  organisation   " + hex(terms.organisation)};
  if (!terms.parent.is_none()) lines.push_back("  unit of        " + hex(terms.parent));
  lines.push_back("  broker         " + terms.endpoint);
  lines.push_back("  rests on       " + agreement);
  return lines;
}

// "open", "expired", ... with when or where.
std::string state_of(const InviteRecord& record, const core::View& view, base::Timestamp now) {
  const auto member = core::read_member(view, record.terms.member);
  if (member && *member) return "in force from log entry " + std::to_string((*member)->enrolled.value);
  if (record.revoked) return "revoked";
  if (now >= record.terms.expires) return "expired " + program::format_time(record.terms.expires);
  return (record.used_for ? "approved here, until " : "open until ") + program::format_time(record.terms.expires);
}

}  // namespace

std::string invites_folder(const Common& common, const std::string& given) {
  return given.empty() ? common.keys + "/invites" : given;
}

Done run_invite_create(const Common& common, const InviteOptions& options, const std::string& invites, bool dry_run) {
  if (!common.out.empty()) BESA_TRY(check_free(common.out));
  BESA_ASSIGN(const Known known, know(common, Need::archive));
  BESA_ASSIGN(const Agreement agreement, hash_agreement(options.agreement));
  BESA_ASSIGN(const wire::InviteTerms terms, terms_of(known, options, agreement, clock_now()));
  const crypto::SigningKey token = crypto::SigningKey::generate();
  wire::Invite invite{{}, known.genesis.body, known.genesis.blocks, {}};
  BESA_CHECK(wire::InviteToken::read(token.seed().view(), invite.token));
  wire::InviteTerms whole = terms;
  whole.token_hash = client::token_hash(token.public_key());
  invite.terms = wire::encode_terms(whole);
  BESA_TRY(client::check_invite(invite));  // as the agency will
  const std::string out = common.out.empty() ? short_id(terms.member) + ".invite" : common.out;
  const std::string words = client::fingerprint_words(client::invite_fingerprint(invite.terms));
  std::vector<std::string> lines = invite_lines(terms, options.agreement);
  if (!known.reservation.empty()) lines.push_back(known.reservation);
  if (dry_run) {
    lines.emplace_back("Nothing was written (--dry-run).");
  } else {
    BESA_TRY(check_free(out));
    BESA_TRY(Invites(invites_folder(common, invites)).add(invite.terms));
    BESA_FAIL_POINT("invite_recorded");
    BESA_TRY(program::write_new_file(out, base::as_bytes(wire::encode_invite(invite))));
    lines.push_back("Fingerprint      " + words);
    lines.push_back("Written to " + out +
                    ". Send it so that only this agency gets it: whoever has it can ask in its place.");
    lines.push_back("Next, at the agency: besa-node join " + out + "; read each other the fingerprint.");
  }
  answer(common,
         {{"invite", hex(terms.member)},
          {"file", dry_run ? "" : out},
          {"fingerprint", dry_run ? "" : words},
          {"expires", program::format_time(terms.expires)},
          {"dry_run", dry_run}},
         lines);
  return ExitCode::ok;
}

namespace {

// With the broker if it can be reached: others may have submitted what this administrator approved.
Result<core::MemoryView> newest_view(const Common& common) {
  if (!program::exists(network_file(common))) return Archive(common.keys).replay();
  auto known = know(common, Need::archive);
  if (known) return std::move(known->view);
  if (known.error().kind == ErrorKind::unavailable) return Archive(common.keys).replay();
  return tl::unexpected(std::move(known).error());
}

}  // namespace

Done run_invite_list(const Common& common, const std::string& invites) {
  BESA_ASSIGN(const auto records, Invites(invites_folder(common, invites)).all());
  BESA_ASSIGN(const core::MemoryView view, newest_view(common));
  std::vector<std::string> lines;
  Json list = Json::array();
  for (const InviteRecord& record : records) {
    const std::string state = state_of(record, view, clock_now());
    lines.push_back(short_id(record.terms.member) + "  " + record.terms.name + "  " +
                    std::string(core::name_of(record.terms.sector)) + "  " + state);
    list.push_back({{"invite", hex(record.terms.member)},
                    {"name", record.terms.name},
                    {"sector", core::name_of(record.terms.sector)},
                    {"state", state},
                    {"fingerprint", client::fingerprint_words(client::invite_fingerprint(record.bytes))},
                    {"expires", program::format_time(record.terms.expires)}});
  }
  if (lines.empty()) lines.emplace_back("No invites. Make one: besa-admin invite create NAME --sector SECTOR");
  answer(common, {{"invites", list}}, lines);
  return ExitCode::ok;
}

Done run_invite_revoke(const Common& common, const std::string& invite, const std::string& invites, bool dry_run) {
  const Invites store(invites_folder(common, invites));
  BESA_ASSIGN(const InviteRecord record, store.find(invite));
  BESA_ASSIGN(const core::MemoryView view, newest_view(common));
  BESA_ASSIGN(const auto member, core::read_member(view, record.terms.member));
  if (member) {
    return fail(ErrorKind::denied, "it was used: the member is enrolled. Suspend or remove it: besa-admin suspend " +
                                       hex(record.terms.member));
  }
  if (!dry_run) BESA_TRY(store.revoke(record.terms.member));
  const std::string said = record.used_for ? " You have approved a request of it: ask the others not to submit that."
                                           : " Tell the other administrators, unless you share the folder.";
  answer(common, {{"invite", hex(record.terms.member)}, {"revoked", !dry_run}, {"dry_run", dry_run}},
         {dry_run ? "Would revoke the invite " + short_id(record.terms.member) + " for " + record.terms.name + "."
                  : "Revoked: " + short_id(record.terms.member) + ", " + record.terms.name + "." + said});
  return ExitCode::ok;
}

}  // namespace besa::admin
