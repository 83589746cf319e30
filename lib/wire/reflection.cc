#include "wire/reflection.h"

#include <charconv>

#include "base/check.h"
#include "schemas/ceremony_bfbs_generated.h"
#include "schemas/envelope_bfbs_generated.h"
#include "schemas/governance_bfbs_generated.h"
#include "schemas/member_bfbs_generated.h"
#include "schemas/policy_bfbs_generated.h"
#include "schemas/sections_bfbs_generated.h"
#include "schemas/wire_bfbs_generated.h"

namespace besa::wire {

base::ByteView schema_bytes(Family family) {
  switch (family) {
    case Family::governance: return {schema::GenesisBinarySchema::data(), schema::GenesisBinarySchema::size()};
    case Family::member: return {schema::PrekeysBinarySchema::data(), schema::PrekeysBinarySchema::size()};
    case Family::envelope: return {schema::EnvelopeBinarySchema::data(), schema::EnvelopeBinarySchema::size()};
    case Family::policy: return {schema::PolicyBinarySchema::data(), schema::PolicyBinarySchema::size()};
    case Family::wire: return {schema::RequestBinarySchema::data(), schema::RequestBinarySchema::size()};
    case Family::ceremony: return {schema::InviteFileBinarySchema::data(), schema::InviteFileBinarySchema::size()};
    case Family::sections: return {section::SummaryBinarySchema::data(), section::SummaryBinarySchema::size()};
  }
  BESA_CHECK(false);
}

const reflection::Schema& schema_of(Family family) { return *reflection::GetSchema(schema_bytes(family).data()); }

std::string qualified_name(Family family, std::string_view table) {
  return (family == Family::sections ? "besa.section." : "besa.schema.") + std::string(table);
}

std::optional<std::string_view> attribute(const reflection::Field& field, const char* name) {
  if (field.attributes() == nullptr) return std::nullopt;
  const auto* pair = field.attributes()->LookupByKey(name);
  if (pair == nullptr || pair->value() == nullptr) return std::nullopt;
  return pair->value()->string_view();
}

std::optional<NumberRange> parse_range(std::string_view text) {
  const auto dots = text.find("..");
  if (dots == std::string_view::npos) return std::nullopt;
  NumberRange range;
  const char* const middle = text.data() + dots;
  const char* const end = text.data() + text.size();
  const auto least = std::from_chars(text.data(), middle, range.least);
  const auto most = std::from_chars(middle + 2, end, range.most);
  if (least.ec != std::errc() || least.ptr != middle || most.ec != std::errc() || most.ptr != end) return std::nullopt;
  return range;
}

std::string_view missing_rule(const reflection::Field& field, const reflection::Schema& schema) {
  const auto base_type = field.type()->base_type();
  if (base_type == reflection::String) return attribute(field, "text") ? "" : "text";
  if (base_type == reflection::Obj)
    return schema.objects()->Get(static_cast<unsigned>(field.type()->index()))->is_struct() ? "table" : "";
  if (base_type != reflection::Vector)
    return flatbuffers::IsInteger(base_type) && base_type != reflection::UType ? "" : "type";
  const auto element = field.type()->element();
  const bool counted = attribute(field, "count").has_value();
  if (element == reflection::String) return !attribute(field, "text") ? "text" : counted ? "" : "count";
  if (element == reflection::Obj) return counted ? "" : "count";
  if (element != reflection::UByte && element != reflection::UShort) return "element";
  if (attribute(field, "codes")) return counted ? "" : "count";
  return element == reflection::UByte && attribute(field, "bytes") ? "" : "bytes";
}

std::vector<std::string> fields_without_rule(Family family) {
  std::vector<std::string> out;
  const auto& schema = schema_of(family);
  for (const auto* object : *schema.objects()) {
    for (const auto* field : *object->fields()) {
      const auto missing = missing_rule(*field, schema);
      if (!missing.empty()) {
        out.push_back(object->name()->str() + "." + field->name()->str() + " lacks " + std::string(missing));
      }
    }
  }
  return out;
}

}  // namespace besa::wire
