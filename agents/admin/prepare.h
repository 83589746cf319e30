// What all commands that prepare a statement share: its header, what it replaces, the file, and what people are told.
#pragma once

#include <string>
#include <vector>

#include "agents/admin/commands.h"
#include "agents/admin/link.h"
#include "program/json_fwd.h"

namespace besa::admin {

base::Timestamp clock_now();

template <class Id>
std::string hex(const Id& id) {
  return base::to_hex(id.view());
}

// Errors: malformed, naming the argument.
template <class Id>
base::Result<Id> parse_id(const std::string& text, std::string_view what) {
  const auto bytes = base::from_hex(text);
  Id out;
  if (!bytes || !Id::read(*bytes, out)) {
    return base::fail(base::ErrorKind::malformed,
                      std::string(what) + " must be " + std::to_string(2 * Id::kSize) + " hex digits");
  }
  return out;
}

// One JSON object, or lines for people, on stdout.
void answer(const Common& common, const program::Json& json, const std::vector<std::string>& lines);

// A governance header that begins now.
core::GovernanceHeader new_header(const NetworkFile& network, const base::StatementId& replaces,
                                  std::uint32_t valid_days);

// What a new statement on a subject replaces: as given, or asked from the broker, which must then know the member that
// the statement is about unless this enrols it. Errors: not_found (no such member), those of Link.
enum class Member { must_be_known, may_be_new };
[[nodiscard]] base::Result<base::StatementId> find_replaced(const Common& common, const NetworkFile& network,
                                                            Link::Subject subject, const base::MemberId& member,
                                                            Member known);

// Is the file to write free? Asked before anything is made. Errors: already_exists.
[[nodiscard]] base::Status check_free(const std::string& path);

// Writes the unsigned statement and says what to do next.
Done finish_draft(const Common& common, const wire::StatementParts& parts);

}  // namespace besa::admin
