#include "agents/admin/prepare.h"

#include <cstdio>

#include "agents/admin/draft.h"
#include "crypto/secret/random.h"
#include "program/clock.h"
#include "program/file.h"
#include "program/json.h"

namespace besa::admin {
namespace {

using base::ErrorKind;
using base::fail;

void print(const std::string& text) { std::fputs((text + "\n").c_str(), stdout); }

// A typing mistake in an id is found here rather than by a refusal on record.
base::Result<base::StatementId> ask(Link& link, Link::Subject subject, const base::MemberId& member, Member known) {
  BESA_ASSIGN(const base::StatementId last, link.last_on(subject, member));
  if (known == Member::may_be_new || member.is_none()) return last;
  const bool same = subject == Link::Subject::member;
  BESA_ASSIGN(const base::StatementId enrolled,
              same ? base::Result<base::StatementId>(last) : link.last_on(Link::Subject::member, member));
  if (!enrolled.is_none()) return last;
  return fail(ErrorKind::not_found, "the log knows no member " + hex(member) + ": check the id");
}

}  // namespace

base::Timestamp clock_now() { return program::SystemClock().now(); }

void answer(const Common& common, const program::Json& json, const std::vector<std::string>& lines) {
  if (common.json) {
    print(program::to_line(json));
    return;
  }
  for (const std::string& text : lines) print(text);
}

core::GovernanceHeader new_header(const NetworkFile& network, const base::StatementId& replaces,
                                  std::uint32_t valid_days) {
  const base::Timestamp now = clock_now();
  return {network.network, crypto::random_salt(), now, now + base::days(valid_days), replaces};
}

base::Result<base::StatementId> find_replaced(const Common& common, const NetworkFile& network, Link::Subject subject,
                                              const base::MemberId& member, Member known) {
  if (common.replaces == "none") return base::StatementId{};
  if (!common.replaces.empty()) return parse_id<base::StatementId>(common.replaces, "--replaces");
  BESA_ASSIGN(const AdministratorKeys keys, load_keys(common.keys));
  BESA_ASSIGN(const auto link, Link::open(common.keys, keys, network));
  return ask(*link, subject, member, known);
}

base::Status check_free(const std::string& path) {
  if (!program::exists(path)) return {};
  return fail(ErrorKind::already_exists, path + " stands there already: choose another name for --out");
}

Done finish_draft(const Common& common, const wire::StatementParts& parts) {
  BESA_ASSIGN(const core::ParsedStatement statement, parse_draft(parts));
  BESA_ASSIGN(auto lines, describe(statement));
  BESA_TRY(write_draft(common.out, parts, false));
  const bool enrols = statement.type == core::StatementType::enrolment;
  lines.push_back("Written to " + common.out + ". Next: " +
                  (enrols ? "the agency runs besa-node possess " + common.out + " --dir KEYS; then administrators: "
                          : std::string()) +
                  "besa-admin sign " + common.out + " --keys DIR");
  answer(common, {{"statement", hex(statement.id)}, {"type", core::name_of(statement.type)}, {"file", common.out}},
         lines);
  return program::ExitCode::ok;
}

}  // namespace besa::admin
