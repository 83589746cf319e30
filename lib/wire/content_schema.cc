// JSON Schema of a category, for people and their tools.
#include <algorithm>

#include "base/check.h"
#include "wire/content.h"
#include "wire/content_tables.h"
#include "wire/text.h"

namespace besa::wire {
namespace {

std::string_view pattern_of(TextKind kind) {
  switch (kind) {
    case TextKind::line: return R"(, "maxLength": 256)";
    case TextKind::paragraph:
    case TextKind::note: return R"(, "maxLength": 16384)";
    case TextKind::ascii: return R"(, "maxLength": 256, "pattern": "^[ -~]*$")";
    case TextKind::date: return R"(, "pattern": "^(19|2[01])[0-9]{2}(-[01][0-9](-[0-3][0-9])?)?$")";
    case TextKind::time: return R"(, "pattern": "^[0-2][0-9]:[0-5][0-9]$")";
    case TextKind::phone: return R"(, "pattern": "^\\+[1-9][0-9]{6,14}$")";
    case TextKind::email: return R"(, "maxLength": 254, "pattern": "^[!-~]+@[!-~]+$")";
    case TextKind::country: return R"(, "pattern": "^[A-Z]{2}$")";
    case TextKind::language: return R"(, "pattern": "^[a-z]{2,3}$")";
    case TextKind::currency: return R"(, "pattern": "^[A-Z]{3}$")";
    case TextKind::name: return R"(, "pattern": "^[A-Za-z0-9.-]{1,64}$")";
    case TextKind::media: return R"(, "maxLength": 127)";
  }
  BESA_CHECK(false);
}

class SchemaPrinter {
 public:
  explicit SchemaPrinter(const reflection::Schema& schema) : schema_(schema) {}

  std::string object(const reflection::Object& object) const {
    std::vector<const reflection::Field*> fields(object.fields()->begin(), object.fields()->end());
    std::sort(fields.begin(), fields.end(), [](const auto* a, const auto* b) { return a->id() < b->id(); });
    std::string out = R"({"type": "object", "additionalProperties": false, "properties": {)";
    for (const auto* field : fields) {
      if (field != fields.front()) out.append(", ");
      out.append("\"").append(field->name()->string_view()).append("\": ").append(this->field(*field));
    }
    return out + "}}";
  }

 private:
  std::string field(const reflection::Field& field) const {
    const auto type = field.type()->base_type();
    if (type != reflection::Vector) return value(field, type);
    std::string out = R"({"type": "array")";
    if (attribute(field, "codes")) out.append(R"(, "uniqueItems": true)");
    if (const auto count = attribute(field, "count")) {
      out.append(", \"maxItems\": ").append(std::to_string(parse_range(*count)->most));
    }
    return out + ", \"items\": " + value(field, field.type()->element()) + "}";
  }

  std::string value(const reflection::Field& field, reflection::BaseType type) const {
    if (type == reflection::Obj) return object(*schema_.objects()->Get(static_cast<unsigned>(field.type()->index())));
    if (type == reflection::String) {
      return R"({"type": "string")" + std::string(pattern_of(*parse_text_kind(*attribute(field, "text")))) + "}";
    }
    if (const auto* const codes = enum_of(schema_, *field.type())) return names(*codes);
    std::uint64_t most = UINT64_MAX >> (64 - 8 * flatbuffers::GetTypeSize(type));
    if (const auto range = attribute(field, "range")) most = parse_range(*range)->most;
    return R"({"type": "integer", "minimum": 0, "maximum": )" + std::to_string(most) + "}";
  }

  static std::string names(const reflection::Enum& codes) {
    std::string out = R"({"enum": [)";
    for (const auto* code : *codes.values()) {
      if (code != *codes.values()->begin()) out.append(", ");
      out.append("\"").append(code->name()->string_view()).append("\"");
    }
    return out + "]}";
  }

  const reflection::Schema& schema_;
};

}  // namespace

std::string content_schema_json(core::Category category) {
  if (!core::in_list(category)) return "{}";
  const std::string body = SchemaPrinter(schema_of(Family::sections)).object(content_table(category));
  return R"({"$schema": "https://json-schema.org/draft/2019-09/schema", "title": ")" +
         std::string(core::name_of(category)) + "\", " + body.substr(1) + "\n";
}

}  // namespace besa::wire
