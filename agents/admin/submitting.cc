// besa-admin submit of a join request: its enrolment with all approvals, decided here first and then by the broker.
#include "agents/admin/approvals.h"
#include "agents/admin/ceremony.h"
#include "agents/admin/draft.h"
#include "agents/admin/known.h"
#include "agents/admin/prepare.h"
#include "agents/admin/words.h"
#include "base/fail_point.h"
#include "core/decide.h"
#include "program/json.h"
#include "wire/wire_error.h"

namespace besa::admin {
namespace {

using base::ErrorKind;
using base::fail;
using base::Result;
using core::Reason;
using program::ExitCode;
using program::Json;

wire::StatementParts parts_of(const ReadRequest& request, const Approvals& approvals) {
  std::vector<core::SignatureBlock> blocks = request.checked.statement.blocks;
  blocks.insert(blocks.end(), approvals.blocks.begin(), approvals.blocks.end());
  wire::StatementParts parts = make_draft(core::StatementType::enrolment, request.file.body);
  parts.blocks = core::encode_blocks(blocks);
  return parts;
}

// What the broker will say, as far as governance alone tells. Nothing: it is in the log already, at `at`.
struct Expected {
  std::optional<Reason> reason;
  base::Sequence at;
};
Result<Expected> expect(const Known& known, const wire::StatementParts& parts, base::Timestamp now) {
  BESA_ASSIGN(core::ParsedStatement statement, parse_draft(parts));
  BESA_ASSIGN(const core::Verified verified,
              core::verify(std::move(statement), base::id_cast<base::MemberId>(known.keys.organisation),
                           core::key_lookup(known.view)));
  core::Overlay there(known.view);
  BESA_ASSIGN(auto head, core::read_head(known.view));
  head->ticked = true;  // what is due is the broker's business
  core::write_head(there, *head);
  BESA_ASSIGN(const core::Outcome outcome, core::decide(there, verified, now));
  if (const auto* already = std::get_if<core::AlreadyDecided>(&outcome))
    return Expected{std::nullopt, already->sequence};
  return Expected{std::get<core::Decided>(outcome).entry.decision.reason, {}};
}

std::string standing_words(const Known& known, const base::MemberId& member) {
  const auto record = core::read_member(known.view, member);
  if (!record || !*record || (*record)->standing == core::Standing::in_force) return "";
  return " Since then the member was " +
         std::string((*record)->standing == core::Standing::removed ? "removed." : "suspended.");
}

Done tell(const Common& common, const std::string& verdict, Reason reason, std::optional<base::Sequence> sequence,
          const ReadRequest& request, std::vector<std::string> lines) {
  Json json = {{"verdict", verdict},
               {"reason", core::name_of(reason)},
               {"words", reason == Reason::none ? std::string() : reason_words(reason)},
               {"sequence", nullptr},
               {"member", hex(request.checked.body.member)},
               {"statement", hex(request.checked.statement.id)}};
  if (sequence) json["sequence"] = sequence->value;
  answer(common, json, lines);
  return reason == Reason::none ? ExitCode::ok : ExitCode::refused;
}

std::string refusal(Reason reason, const ReadRequest& request) {
  const bool wanting = reason == Reason::below_threshold || reason == Reason::one_organisation;
  if (!wanting) return reason_words(reason);
  return std::string(reason == Reason::below_threshold ? "too few administrators have approved it"
                                                       : "one organisation alone would decide") +
         ": let another one, of another organisation, run besa-admin approve " + request.path + " [" +
         std::string(core::name_of(reason)) + "]";
}

Done bring(const Common& common, const Known& known, const ReadRequest& request, const wire::StatementParts& parts,
           std::vector<std::string> lines) {
  BESA_ASSIGN(const client::SubmitAnswer answered, known.link->submit(parts));
  BESA_FAIL_POINT("submit_answered");
  if (!answered.entry) {
    return fail(wire::error_kind_of(answered.error),
                "the broker did not take it: " + std::string(wire::name_of(answered.error)) + " " + answered.detail);
  }
  BESA_TRY(known.link->keep_governance(common.keys));
  const core::Entry& entry = answered.entry->entry;
  const std::string at = std::to_string(entry.sequence.value);
  const Reason reason = entry.decision.reason;
  lines.push_back(entry.decision.accepted() ? "Accepted: in force from log entry " + at +
                                                  ". The agency starts its node, then looks with "
                                                  "besa-node doctor."
                                            : "Refused: " + refusal(reason, request) + " (log entry " + at + ").");
  return tell(common, std::string(core::name_of(entry.decision.verdict)), reason, entry.sequence, request,
              std::move(lines));
}

}  // namespace

Done run_submit_request(const Common& common, const std::string& file, const std::vector<std::string>& approvals,
                        bool dry_run) {
  BESA_ASSIGN(const ReadRequest request, read_request(file));
  BESA_ASSIGN(const Known known, know(common, Need::broker));
  if (request.checked.terms.network != known.network.network) {
    return fail(ErrorKind::denied,
                file + ": the request is for another network: " + hex(request.checked.terms.network));
  }
  BESA_ASSIGN(const Approvals gathered, gather_approvals(file, approvals, request.checked.statement.id, known.view));
  std::vector<std::string> lines = gathered.not_counted;
  const wire::StatementParts parts = parts_of(request, gathered);
  BESA_ASSIGN(const Expected expected, expect(known, parts, clock_now()));
  if (!expected.reason) {
    lines.push_back("Accepted before: in force from log entry " + std::to_string(expected.at.value) + "." +
                    standing_words(known, request.checked.body.member));
    return tell(common, "accepted", Reason::none, expected.at, request, std::move(lines));
  }
  if (*expected.reason != Reason::none) {
    lines.push_back("Not submitted, since it would be refused: " + refusal(*expected.reason, request));
    return tell(common, "refused", *expected.reason, std::nullopt, request, std::move(lines));
  }
  if (!dry_run) return bring(common, known, request, parts, std::move(lines));
  lines.emplace_back("It would be accepted. Nothing was submitted (--dry-run).");
  return tell(common, "accepted", Reason::none, std::nullopt, request, std::move(lines));
}

}  // namespace besa::admin
