#include "agents/admin/arguments.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/ids.h"
#include "client/joining.h"
#include "core/codes.h"
#include "program/nearest.h"
#include "program/time_text.h"
#include "transport/requester.h"
#include "wire/text.h"

namespace besa::admin {
namespace {

constexpr std::size_t kNameBytes = 64;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

std::string list_of_sectors() {
  std::string out;
  for (const std::string_view name : core::names_of(core::Sector{})) {
    if (!out.empty()) out += ", ";
    out += name;
  }
  return out;
}

}  // namespace

std::string wrong_id(const std::string& text, std::size_t bytes) {
  const auto read = base::from_hex(text);
  if (!read || read->size() != bytes) return "must be " + std::to_string(2 * bytes) + " hex digits";
  const bool zeros = std::all_of(read->begin(), read->end(), [](std::uint8_t byte) { return byte == 0; });
  return zeros ? "must not be all zeros" : "";
}

std::string wrong_member(const std::string& text) { return wrong_id(text, base::MemberId::kSize); }
std::string wrong_organisation(const std::string& text) { return wrong_id(text, base::OrganisationId::kSize); }

std::string wrong_agency_name(const std::string& text) {
  if (text.empty()) return "must not be empty";
  const std::string_view fault = wire::text_fault(wire::TextKind::line, text);
  return fault.empty() ? "" : "the name " + std::string(fault);
}

std::string wrong_invite_life(const std::string& text) {
  const auto life = program::parse_duration(text);
  const bool fits = life && *life >= base::minutes(1) && *life <= client::kInviteLife;
  return fits ? "" : "must be a time from 1m to 30d, such as 72h";
}

std::string wrong_fingerprint(const std::string& text) {
  constexpr std::size_t kDigits = 40;
  const auto digits = std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  const bool fits = static_cast<std::size_t>(digits) == kDigits &&
                    std::all_of(text.begin(), text.end(), [](char c) { return c == ' ' || (c >= '0' && c <= '9'); });
  return fits ? "" : "must be the forty digits of a fingerprint, such as \"04127 99310 …\"";
}

std::string wrong_network_name(const std::string& text) {
  const bool fits =
      !text.empty() && text.size() <= kNameBytes && std::all_of(text.begin(), text.end(), is_name_character);
  return fits ? "" : "may only hold letters, digits, '.' and '-', at most 64";
}

std::string wrong_sector(const std::string& text) {
  if (core::parse_code<core::Sector>(text)) return "";
  const auto names = core::names_of(core::Sector{});
  const std::string guess = program::did_you_mean(text, std::vector<std::string>(names.begin(), names.end()));
  return "there is no sector '" + text + "'" + (guess.empty() ? "; sectors are " + list_of_sectors() : guess);
}

std::string wrong_country(const std::string& text) {
  const bool fits =
      text.size() == 2 && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  return fits ? "" : "must be two capital letters, such as AL";
}

std::string wrong_endpoint(const std::string& text) {
  const auto checked = transport::check_endpoint(text);
  return checked ? "" : checked.error().message;
}

std::string wrong_time(const std::string& text) {
  return program::parse_time(text) ? "" : "must be a time such as 2025-03-01T00:00:00Z";
}

std::uint16_t country_code(const std::string& letters) {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(letters[0]) << 8 |
                                    static_cast<unsigned char>(letters[1]));
}

}  // namespace besa::admin
