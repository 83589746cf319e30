#include "agents/node/referral_input.h"

#include <algorithm>

#include "wire/content.h"

namespace besa::node {
namespace {

using program::Json;

Input<SectionDraft> read_section(const std::string& category, const Json& json, const std::string& pointer) {
  ObjectReader reader(json, pointer, {"basis", "grant", "handling", "content"});
  SectionDraft out;
  const auto known = core::parse_code<core::Category>(category);
  if (!known) {
    const auto names = core::names_of(core::Category{});
    reader.complain("", "there is no such section" +
                            program::did_you_mean(category, std::vector<std::string>(names.begin(), names.end())));
  }
  if (reader.wrong()) return tl::unexpected(reader.mistake());
  out.category = *known;
  out.basis = reader.code<core::Basis>("basis", true);
  out.grant = reader.code<core::Grant>("grant", false);
  if (out.grant == core::Grant::none) out.grant = core::Grant::now;
  out.handling = reader.codes<core::Handling>("handling");
  const Json* content = reader.find("content");
  if (content == nullptr || !content->is_object()) reader.complain("/content", "must be an object");
  if (reader.wrong()) return tl::unexpected(reader.mistake());
  out.content = program::to_line(*content);
  const auto checked = wire::content_from_json(out.category, out.content);
  if (checked) return out;
  // "/identity/birth_date/value: not a calendar date": the pointer stands in front where it can be told, and begins
  // with the category.
  std::string message = checked.error().message;
  const std::string prefix = "/" + category;
  if (message.starts_with(prefix + ": ")) {
    return tl::unexpected(InputError{pointer + "/content", message.substr(prefix.size() + 2)});
  }
  if (message.starts_with(prefix + "/")) message.erase(0, prefix.size());
  const std::size_t colon = message.find(": ");
  if (message.front() == '/' && colon != std::string::npos) {
    return tl::unexpected(InputError{pointer + "/content" + message.substr(0, colon), message.substr(colon + 2)});
  }
  return tl::unexpected(InputError{pointer + "/content", message});
}

Input<std::vector<ReferenceDraft>> read_references(const Json& json, const envelope::RandomSource& random) {
  std::vector<ReferenceDraft> out;
  if (!json.is_array() || json.size() > base::limits::kContextReferences) {
    return tl::unexpected(InputError{"/references", "must be a list of at most 8"});
  }
  for (std::size_t i = 0; i < json.size(); ++i) {
    ObjectReader reader(json[i], "/references/" + std::to_string(i), {"type", "text"});
    ReferenceDraft reference;
    if (!reader.wrong()) {
      reference.type = reader.code<core::ReferenceType>("type", true);
      reference.text = reader.text("text", true);
    }
    if (reader.wrong()) return tl::unexpected(reader.mistake());
    random(reference.salt.bytes);
    out.push_back(std::move(reference));
  }
  return out;
}

Input<Addressee> read_addressee(const std::string& name, const Json& json) {
  ObjectReader reader(json, "/to/" + name, {"sections"});
  Addressee out;
  out.name = name;
  if (!reader.wrong() && reader.find("sections") != nullptr) out.sections = reader.codes<core::Category>("sections");
  if (reader.wrong()) return tl::unexpected(reader.mistake());
  return out;
}

Input<std::vector<Addressee>> read_to(const Json& json) {
  std::vector<Addressee> out;
  if (!json.is_object()) return tl::unexpected(InputError{"/to", "must be an object of local names"});
  for (const auto& [name, selection] : json.items()) {
    auto addressee = read_addressee(name, selection);
    if (!addressee) return tl::unexpected(addressee.error());
    out.push_back(std::move(*addressee));
  }
  return out;
}

// Reads `json` with `read` into `out`; the first mistake of all is kept.
template <class Read, class Out>
bool read_into(Out& out, InputError& mistake, Read read) {
  auto value = read();
  if (value) {
    out = std::move(*value);
    return true;
  }
  mistake = value.error();
  return false;
}

}  // namespace

std::optional<std::uint64_t> parse_local_id(std::string_view text, char letter) {
  if (text.size() < 2 || text.size() > 19 || text.front() != letter) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : text.substr(1)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = 10 * number + static_cast<std::uint64_t>(c - '0');
  }
  return number;
}

Input<std::vector<SectionDraft>> read_sections(const Json& json, const std::string& pointer) {
  std::vector<SectionDraft> out;
  if (!json.is_object()) return tl::unexpected(InputError{pointer, "must be an object of sections"});
  for (const auto& [category, section] : json.items()) {
    auto read = read_section(category, section, pointer + "/" + category);
    if (!read) return tl::unexpected(read.error());
    out.push_back(std::move(*read));
  }
  return out;
}

Input<ReferralInput> read_referral(const Json& json, const envelope::RandomSource& random) {
  ObjectReader reader(
      json, "",
      {"kind", "purpose", "priority", "person_class", "references", "sections", "consent", "break_glass", "to"});
  if (reader.wrong()) return tl::unexpected(reader.mistake());
  ReferralInput out;
  Draft& draft = out.draft;
  draft.type = core::StatementType::envelope;
  draft.kind = reader.code<core::Kind>("kind", false);
  if (draft.kind == core::Kind::none) draft.kind = core::Kind::referral;
  if (draft.kind != core::Kind::referral && draft.kind != core::Kind::test) {
    reader.complain("/kind", "must be referral or test");
  }
  draft.purpose = reader.code<core::Purpose>("purpose", true);
  draft.priority = reader.code<core::Priority>("priority", true);
  draft.person_class = reader.code<core::PersonClass>("person_class", true);
  draft.break_glass = reader.code<core::BreakGlass>("break_glass", false);
  const std::string consent = reader.text("consent", false);
  if (!consent.empty()) {
    const auto number = parse_local_id(consent, 'c');
    if (!number) reader.complain("/consent", "must be the id of a consent of this node, such as c3");
    draft.consent_draft = number.value_or(0);
  }
  if (reader.find("sections") == nullptr) reader.complain("/sections", "is missing");
  if (reader.wrong()) return tl::unexpected(reader.mistake());
  InputError mistake;
  if (!read_into(draft.sections, mistake, [&] { return read_sections(*reader.find("sections"), "/sections"); })) {
    return tl::unexpected(mistake);
  }
  const Json* references = reader.find("references");
  if (references != nullptr &&
      !read_into(draft.references, mistake, [&] { return read_references(*references, random); })) {
    return tl::unexpected(mistake);
  }
  const Json* to = reader.find("to");
  if (to != nullptr && !read_into(out.to, mistake, [&] { return read_to(*to); })) return tl::unexpected(mistake);
  return out;
}

}  // namespace besa::node
