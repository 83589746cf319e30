#include "agents/node/consent_input.h"

#include <algorithm>
#include <array>

#include "agents/node/json_text.h"
#include "base/limits.h"
#include "crypto/verify/hash.h"
#include "program/time_text.h"

namespace besa::node {
namespace {

using program::Json;

constexpr std::array<std::string_view, 7> kChecks = {
    "interview", "purpose", "actual_and_potential_use", "research_use", "request_data", "retention", "withdrawal"};

std::uint16_t read_checks(ObjectReader& reader) {
  std::uint16_t bits = 0;
  const Json* list = reader.find("checks");
  if (list == nullptr || !list->is_array()) {
    reader.complain("/checks", "must be a list of the informed checks that were answered yes");
    return 0;
  }
  for (std::size_t i = 0; i < list->size(); ++i) {
    const Json& item = (*list)[i];
    const auto found = item.is_string() ? std::find(kChecks.begin(), kChecks.end(), item.get_ref<const std::string&>())
                                        : kChecks.end();
    if (found == kChecks.end()) {
      reader.complain("/checks/" + std::to_string(i), "is none of the seven informed checks");
      return 0;
    }
    bits = static_cast<std::uint16_t>(bits | (1U << (found - kChecks.begin())));
  }
  return bits;
}

base::Timestamp read_time(ObjectReader& reader, const std::string& name, bool required, base::Timestamp fallback) {
  const std::string text = reader.text(name, required);
  if (text.empty()) return fallback;
  const auto time = program::parse_time(text);
  if (!time) reader.complain("/" + name, "must be a time such as 2025-03-01T08:30:00Z");
  return time.value_or(fallback);
}

template <class Code>
core::CodeSet<Code> set_of(const std::vector<Code>& codes) {
  core::CodeSet<Code> out;
  for (const Code code : codes) out.insert(code);
  return out;
}

void read_who(ObjectReader& reader, const Peers& peers, core::ConsentRow& row) {
  const std::string member = reader.text("member", false);
  const std::string organisation = reader.text("organisation", false);
  row.sector = reader.code<core::Sector>("sector", false);
  const int named =
      (member.empty() ? 0 : 1) + (organisation.empty() ? 0 : 1) + (row.sector == core::Sector::none ? 0 : 1);
  if (named != 1) reader.complain("", "must name exactly one of member, organisation and sector");
  if (!member.empty()) {
    const auto found = peers.find(member);
    if (!found) reader.complain("/member", found.error().message);
    row.member = found.value_or(base::MemberId{});
  }
  if (!organisation.empty() && !read_hex(organisation, row.organisation)) {
    reader.complain("/organisation", "must be 32 hex digits");
  }
}

Input<core::ConsentRow> read_row(const Json& json, const std::string& pointer, const Peers& peers) {
  ObjectReader reader(
      json, pointer,
      {"member", "organisation", "sector", "allow", "withhold", "purposes", "relay", "excluded", "not_told"});
  core::ConsentRow row;
  if (!reader.wrong()) {
    read_who(reader, peers, row);
    row.allow = set_of(reader.codes<core::Category>("allow"));
    row.withhold = set_of(reader.codes<core::Category>("withhold"));
    row.purposes = set_of(reader.codes<core::Purpose>("purposes"));
    row.relay = reader.flag("relay", false);
    row.excluded = reader.flag("excluded", false);
    row.not_told = reader.flag("not_told", false);
    if (!row.allow.empty() && row.purposes.empty()) {
      reader.complain("/purposes", "is missing: what is allowed needs a purpose");
    }
  }
  if (reader.wrong()) return tl::unexpected(reader.mistake());
  return row;
}

Input<std::vector<core::ConsentRow>> read_rows(ObjectReader& reader, const Peers& peers) {
  std::vector<core::ConsentRow> rows;
  const Json* list = reader.find("rows");
  if (list == nullptr || !list->is_array() || list->empty() || list->size() > base::limits::kConsentRows) {
    return tl::unexpected(InputError{"/rows", "must be a list of 1 to 64 rows"});
  }
  for (std::size_t i = 0; i < list->size(); ++i) {
    auto row = read_row((*list)[i], "/rows/" + std::to_string(i), peers);
    if (!row) return tl::unexpected(row.error());
    rows.push_back(*row);
  }
  return rows;
}

}  // namespace

std::span<const std::string_view> check_names() { return kChecks; }

base::Digest salted_hash(const base::Salt& salt, std::string_view text) {
  return crypto::sha256_of({salt.view(), base::as_bytes(text)});
}

Input<ConsentInput> read_consent(const Json& json, const Peers& peers, const base::Salt& salt, base::Timestamp now) {
  ObjectReader reader(json, "",
                      {"person_class", "given_by", "form", "checks", "child_assent", "best_interest",
                       "guardian_conflict", "valid_from", "valid_until", "kept_here", "rows"});
  if (reader.wrong()) return tl::unexpected(reader.mistake());
  ConsentInput out;
  core::Consent& consent = out.consent;
  consent.person_class = reader.code<core::PersonClass>("person_class", true);
  consent.given_by = reader.code<core::GivenBy>("given_by", true);
  consent.form = reader.code<core::ConsentForm>("form", true);
  consent.checks = read_checks(reader);
  consent.child_assent = reader.flag("child_assent", false);
  consent.guardian_conflict = reader.flag("guardian_conflict", false);
  const std::string best_interest = reader.text("best_interest", false);
  if (!best_interest.empty()) consent.best_interest = salted_hash(salt, best_interest);
  consent.valid_from = read_time(reader, "valid_from", false, now);
  consent.valid_until = read_time(reader, "valid_until", true, now);
  const Json* kept = reader.find("kept_here");
  if (kept != nullptr && !kept->is_object()) reader.complain("/kept_here", "must be an object");
  if (kept != nullptr) consent.sealed_part = salted_hash(salt, program::to_line(*kept));
  auto rows = read_rows(reader, peers);
  if (reader.wrong()) return tl::unexpected(reader.mistake());
  if (!rows) return tl::unexpected(rows.error());
  out.rows = std::move(*rows);
  return out;
}

}  // namespace besa::node
