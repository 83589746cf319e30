// besa-admin approve: what an administrator sees and signs.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "agents/admin/agreement.h"
#include "agents/admin/approvals.h"
#include "agents/admin/ceremony.h"
#include "agents/admin/draft.h"
#include "agents/admin/invites.h"
#include "agents/admin/known.h"
#include "agents/admin/policy_words.h"
#include "agents/admin/prepare.h"
#include "base/fail_point.h"
#include "core/decide.h"
#include "program/file.h"
#include "program/json.h"
#include "program/time_text.h"

namespace besa::admin {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;
using base::fail;
using base::Result;
using base::Status;
using program::ExitCode;
using program::Json;

constexpr const char* kRequestEnding = ".request";
constexpr std::size_t kMostRequests = 256;

// One that is asked about, with all that was found out.
struct Asked {
  ReadRequest request;
  Approvals approvals;
  std::optional<InviteRecord> record;
  bool own = false;  // approved by this administrator already
};

struct Named {
  std::string path;
  bool by_name = false;  // not only found in a folder
};

Result<std::vector<Named>> expand(const std::vector<std::string>& given) {
  std::vector<Named> out;
  for (const std::string& path : given) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      out.push_back({path, true});
      continue;
    }
    std::vector<std::string> found;
    for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
      if (at->path().extension() == kRequestEnding) found.push_back(at->path().string());
    }
    if (error) return fail(ErrorKind::io, "cannot read " + path);
    std::sort(found.begin(), found.end());
    for (const std::string& one : found) out.push_back({one, false});
  }
  if (out.empty()) return fail(ErrorKind::not_found, "no join request (*.request) lies there");
  if (out.size() > kMostRequests) return fail(ErrorKind::malformed, "too many requests at once: name some of them");
  return out;
}

base::KeyId own_key(const AdministratorKeys& keys) {
  return core::administrator_key_id(keys.organisation, keys.signing.public_key());
}

Status check_times(const client::CheckedRequest& request, base::Timestamp now) {
  const base::Timestamp made = request.body.header.created;
  if (const auto timing = client::request_timing(request, now); timing != client::Timing::good) {
    return fail(ErrorKind::denied, program::against_clock(timing == client::Timing::ahead
                                                              ? "the request seems to be from the future: it was made"
                                                              : "the request was made after its invite had ended:",
                                                          made, now));
  }
  if (client::invite_timing(request.terms, now) == client::Timing::good) return {};
  return fail(ErrorKind::denied,
              program::against_clock("the invite of this request has expired: it ended", request.terms.expires, now) +
                  "; if it is right, make a new invite");
}

// What this administrator's own records and the log say of the invite.
Status check_invite_use(const Asked& asked, const core::View& view) {
  const client::CheckedRequest& request = asked.request.checked;
  BESA_ASSIGN(const auto member, core::read_member(view, request.terms.member));
  if (member) {
    return fail(ErrorKind::denied, "the invite was used already: its member is in the log since entry " +
                                       std::to_string(member->enrolled.value) + "; make a new invite");
  }
  if (!asked.record) return {};
  if (asked.record->revoked) return fail(ErrorKind::denied, "the invite was revoked: make a new one");
  if (asked.record->bytes != asked.request.file.terms) {
    return fail(ErrorKind::denied, "the request shows other terms than the invite that was made: it was changed");
  }
  if (!asked.record->used_for || *asked.record->used_for == request.statement.id) return {};
  return fail(ErrorKind::denied, "the invite was used for another request already: revoke it and make a new one");
}

std::string digits_of(const std::string& text) {
  std::string out;
  std::copy_if(text.begin(), text.end(), std::back_inserter(out), [](char c) { return c != ' '; });
  return out;
}

// Anybody can write a file that looks like an invite and ask under it, and each administrator might believe that
// another one has made it. So one that is not in the records counts only with its fingerprint from whoever made it.
Status check_invited(const Asked& asked, const ApproveOptions& options) {
  if (asked.record || options.dry_run) return {};
  const std::string own = digits_of(client::fingerprint_words(asked.request.checked.invite_fingerprint));
  const bool told = std::any_of(options.made_by_others.begin(), options.made_by_others.end(),
                                [&](const std::string& given) { return digits_of(given) == own; });
  if (told) return {};
  return fail(ErrorKind::denied,
              "the invite of this request is not in your records: ask the administrator who made it to read its "
              "fingerprint, and give that with --invite-fingerprint; or share the records with --invites DIR");
}

// The log would refuse it only at the end.
Status check_keys_free(const core::Enrolment& body, const core::View& view) {
  for (const base::ByteView key : {body.signing_key.view(), body.witness_key.view(), body.transport_key.view()}) {
    BESA_ASSIGN(const auto used, view.get(core::Table::used_key, key));
    if (used) {
      return fail(ErrorKind::denied,
                  "a key of the request is in use by somebody already: let the agency join again, "
                  "in an empty folder");
    }
  }
  return {};
}

Status check_parent(const core::Enrolment& body, const core::View& view, base::Timestamp now) {
  if (body.parent.is_none()) return {};
  BESA_ASSIGN(const auto parent, core::read_member(view, body.parent));
  if (parent && parent->in_force(now)) return {};
  return fail(ErrorKind::denied, "the parent of this unit is not in force: " + hex(body.parent));
}

Status check_agreement(const std::string& path, const wire::InviteTerms& terms) {
  if (path.empty()) return {};
  BESA_ASSIGN(const Agreement agreement, hash_agreement(path, terms.agreement_salt));
  if (agreement.hash == terms.agreement) return {};
  return fail(ErrorKind::denied, "the request does not rest on " + path + ": it names another data-sharing agreement");
}

Result<Asked> look_at(const Named& named, const Known& known, const ApproveOptions& options, const Invites& invites) {
  BESA_ASSIGN(ReadRequest request, read_request(named.path));
  Asked out{std::move(request), {}, {}, false};
  const client::CheckedRequest& checked = out.request.checked;
  if (checked.terms.network != known.network.network) {
    return fail(ErrorKind::denied, "the request is for another network: " + hex(checked.terms.network));
  }
  const base::Timestamp now = clock_now();
  BESA_TRY(check_times(checked, now));
  BESA_ASSIGN(out.record, invites.find(checked.terms.member));
  BESA_TRY(check_invite_use(out, known.view));
  BESA_TRY(check_invited(out, options));
  BESA_TRY(check_keys_free(checked.body, known.view));
  BESA_TRY(check_parent(checked.body, known.view, now));
  BESA_TRY(check_agreement(options.agreement, checked.terms));
  BESA_ASSIGN(out.approvals, gather_approvals(named.path, {}, checked.statement.id, known.view));
  const base::KeyId key = own_key(known.keys);
  out.own = std::any_of(out.approvals.blocks.begin(), out.approvals.blocks.end(),
                        [&](const core::SignatureBlock& block) { return block.key == key; });
  return out;
}

void add_rules(const Known& known, core::Sector sector, std::vector<std::string>& lines) {
  const auto policy = core::read_policy(known.view);
  if (!policy || !*policy) {
    lines.emplace_back("  allowed          nothing: no policy is in force");
    return;
  }
  const std::vector<std::string> rules = describe_for((*policy)->policy, sector);
  lines.push_back("  under the policy " + hex((*policy)->id) + ":");
  if (rules.empty()) lines.emplace_back("    no rule speaks of its sector: it may do nothing");
  for (const std::string& rule : rules) lines.push_back("    " + rule);
}

Result<std::vector<std::string>> show(const Asked& asked, const Known& known, const std::string& agreement) {
  const client::CheckedRequest& checked = asked.request.checked;
  std::vector<std::string> lines = {asked.request.path + ": " + checked.terms.name + " asks to join."};
  core::ParsedStatement so_far = checked.statement;
  so_far.blocks.insert(so_far.blocks.end(), asked.approvals.blocks.begin(), asked.approvals.blocks.end());
  BESA_ASSIGN(const auto facts, describe(so_far));
  for (const std::string& fact : facts) lines.push_back("  " + fact);
  add_rules(known, checked.body.sector, lines);
  lines.push_back("  rests on         " + (agreement.empty() ? "the agreement with the hash above (salt " +
                                                                   hex(checked.terms.agreement_salt) + ")"
                                                             : agreement));
  if (!asked.record)
    lines.emplace_back("  The invite is not in your records: another administrator must have made it.");
  for (const std::string& words : asked.approvals.not_counted) lines.push_back("  " + words);
  lines.push_back("  Invite           " + client::fingerprint_words(checked.invite_fingerprint));
  lines.push_back("  Request          " + client::fingerprint_words(checked.fingerprint));
  return lines;
}

// Asks whoever sits there. Without a terminal nobody can have compared anything.
Status confirm(const Common& common, const std::vector<std::string>& lines) {
  if (common.json || ::isatty(STDIN_FILENO) == 0) {
    if (!common.json) answer(common, Json::object(), lines);
    return fail(ErrorKind::denied,
                "nothing was signed: call the agency, read each other both fingerprints, then add --compared");
  }
  for (const std::string& text : lines) std::cout << text << "\n";
  std::cout << "Call the agency. Does it read the same two fingerprints? Type yes to sign: " << std::flush;
  std::string said;
  std::getline(std::cin, said);
  if (said == "yes") return {};
  return fail(ErrorKind::denied, "nothing was signed: fingerprints that differ mean that somebody changed a file");
}

Result<std::string> sign(const Asked& asked, const AdministratorKeys& keys, const Invites& invites) {
  const client::CheckedRequest& checked = asked.request.checked;
  BESA_TRY(invites.use(checked.terms.member, checked.statement.id));
  BESA_FAIL_POINT("approve_bound");
  core::SignatureBlock block;
  block.key = own_key(keys);
  block.signature = keys.signing.sign(core::signed_bytes(base::id_cast<base::Digest>(checked.statement.id)));
  const std::string path = approval_path(asked.request.path, block.key);
  const std::string text = wire::encode_approval({checked.statement.id, core::encode_block(block)});
  constexpr unsigned kMode = 0644;
  // Over what lay there and did not count.
  BESA_TRY(program::write_file(path, base::as_bytes(text), kMode));
  BESA_FAIL_POINT("approve_written");
  return path;
}

std::string count_line(const Asked& asked, const core::NetworkRecord& network, bool signed_now) {
  const std::size_t count = asked.approvals.blocks.size() + (signed_now ? 1 : 0);
  const std::string so_far = std::to_string(count) + " of " + std::to_string(network.threshold) + " approvals.";
  if (count < network.threshold) {
    return so_far + " Next: another administrator, of another organisation: besa-admin approve " + asked.request.path;
  }
  return so_far + " Next: besa-admin submit " + asked.request.path;
}

Json json_of(const Asked& asked, const std::string& approval, bool signed_now) {
  const client::CheckedRequest& checked = asked.request.checked;
  return {{"request", asked.request.path},
          {"name", checked.terms.name},
          {"member", hex(checked.body.member)},
          {"statement", hex(checked.statement.id)},
          {"invite_fingerprint", client::fingerprint_words(checked.invite_fingerprint)},
          {"request_fingerprint", client::fingerprint_words(checked.fingerprint)},
          {"approvals", asked.approvals.blocks.size() + (signed_now ? 1 : 0)},
          {"approval", approval}};
}

struct Looked {
  std::vector<Asked> asked;
  std::vector<std::string> skipped;
};

// All are looked at before anything is signed. What was only found in a folder may be done with: it is skipped, aloud.
Result<Looked> look_at_all(const Known& known, const ApproveOptions& options, const Invites& invites) {
  BESA_ASSIGN(const std::vector<Named> named, expand(options.requests));
  Looked out;
  for (const Named& one : named) {
    auto asked = look_at(one, known, options, invites);
    if (!asked && one.by_name) {
      const bool has_name = asked.error().message.starts_with(one.path);
      return fail(asked.error().kind, has_name ? asked.error().message : one.path + ": " + asked.error().message);
    }
    if (asked) {
      out.asked.push_back(std::move(*asked));
    } else {
      out.skipped.push_back("Skipped " + one.path + ": " + asked.error().message);
    }
  }
  return out;
}

Status check_administrator(const Known& known) {
  BESA_ASSIGN(const auto administrator, core::read_administrator(known.view, own_key(known.keys)));
  if (administrator) return {};
  return fail(ErrorKind::denied, "these keys are not, or no longer, an administrator's of this network");
}

}  // namespace

Done run_approve(const Common& common, const ApproveOptions& options) {
  BESA_ASSIGN(const Known known, know(common, Need::archive));
  BESA_TRY(check_administrator(known));
  BESA_ASSIGN(const auto network, core::read_network(known.view));
  const Invites invites(invites_folder(common, options.invites));
  BESA_ASSIGN(const Looked looked, look_at_all(known, options, invites));
  std::vector<std::string> lines = looked.skipped;
  if (!known.reservation.empty()) lines.push_back(known.reservation);
  Json list = Json::array();
  for (const Asked& asked : looked.asked) {
    BESA_ASSIGN(const auto shown, show(asked, known, options.agreement));
    lines.insert(lines.end(), shown.begin(), shown.end());
  }
  const bool any = std::any_of(looked.asked.begin(), looked.asked.end(), [](const Asked& a) { return !a.own; });
  const bool signs = any && !options.dry_run;
  if (signs && !options.compared) {
    BESA_TRY(confirm(common, lines));
    lines.clear();
  }
  for (const Asked& asked : looked.asked) {
    std::string path;
    const bool signs_this = signs && !asked.own;
    if (signs_this) {
      BESA_ASSIGN(path, sign(asked, known.keys, invites));
      lines.push_back("Approved: written to " + path + ".");
    }
    lines.push_back((asked.own ? "You have approved it already. " : std::string()) +
                    count_line(asked, *network, signs_this));
    list.push_back(json_of(asked, path, signs_this));
  }
  if (options.dry_run) lines.emplace_back("Nothing was signed (--dry-run).");
  answer(common, {{"requests", list}, {"skipped", looked.skipped}, {"dry_run", options.dry_run}}, lines);
  return ExitCode::ok;
}

}  // namespace besa::admin
