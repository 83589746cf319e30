// JSON in: the shape that the schema asks for, told by pointer.
#include <simdjson.h>

#include <set>

#include "wire/content_tables.h"

namespace besa::wire {
namespace {

using base::ErrorKind;
using base::fail;
using base::Status;
using reflection::BaseType;
namespace dom = simdjson::dom;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kLongestFieldName = 40;

bool is_field_name(std::string_view key) {
  return !key.empty() && key.size() <= kLongestFieldName && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

class Shape {
 public:
  Shape(const reflection::Schema& schema, std::string_view pointer) : schema_(schema), pointer_(pointer) {}

  Status object(const reflection::Object& table, const dom::element& element) {
    dom::object members;
    if (element.get_object().get(members) != simdjson::SUCCESS) return wrong("must be an object");
    std::set<std::string_view> seen;
    for (const auto member : members) {
      const auto* const field = table.fields()->LookupByKey(std::string(member.key).c_str());
      if (field == nullptr) return unknown(member.key);
      BESA_TRY(at(member.key, [&] {
        if (!seen.insert(member.key).second) return wrong("is there twice");
        return value(*field, field->type()->base_type(), member.value);
      }));
    }
    return {};
  }

 private:
  Status wrong(std::string_view rule) const { return fail(ErrorKind::malformed, pointer_ + ": " + std::string(rule)); }

  // A name may be repeated if it looks like one; anything else could be data in the wrong place.
  Status unknown(std::string_view key) const {
    if (!is_field_name(key)) return wrong("has a field that the schema does not know");
    return fail(ErrorKind::malformed, pointer_ + "/" + std::string(key) + ": is not a field of the schema");
  }

  template <class Step>
  Status at(std::string_view part, Step step) {
    const std::size_t length = pointer_.size();
    pointer_.append("/").append(part);
    Status status = step();
    pointer_.resize(length);
    return status;
  }

  Status value(const reflection::Field& field, BaseType type, const dom::element& element) {
    if (element.is_null()) return wrong("must not be null: leave it out");
    if (type == reflection::Vector) return array(field, element);
    if (type == reflection::Obj) return object(child_of(field), element);
    if (type == reflection::String) return element.is_string() ? Status{} : wrong("must be a string");
    if (type == reflection::Bool) return element.is_bool() ? Status{} : wrong("must be true or false");
    const auto* const codes = enum_of(schema_, *field.type());
    return codes != nullptr ? code(*codes, element) : integer(type, element);
  }

  const reflection::Object& child_of(const reflection::Field& field) const {
    return *schema_.objects()->Get(static_cast<unsigned>(field.type()->index()));
  }

  Status array(const reflection::Field& field, const dom::element& element) {
    dom::array items;
    if (element.get_array().get(items) != simdjson::SUCCESS) return wrong("must be an array");
    std::size_t index = 0;
    for (const auto item : items) {
      BESA_TRY(at(std::to_string(index++), [&] { return value(field, field.type()->element(), item); }));
    }
    return {};
  }

  Status code(const reflection::Enum& codes, const dom::element& element) const {
    std::string_view name;
    if (element.get_string().get(name) != simdjson::SUCCESS) return wrong("must be the name of a code");
    for (const auto* known : *codes.values()) {
      if (known->name()->string_view() == name) return {};
    }
    return wrong("is not in its list of codes");
  }

  Status integer(BaseType type, const dom::element& element) const {
    std::uint64_t number = 0;
    if (!element.is_uint64() && !element.is_int64()) return wrong("must be a whole number");
    if (element.get_uint64().get(number) != simdjson::SUCCESS) return wrong("must not be negative");
    const std::size_t bits = 8 * flatbuffers::GetTypeSize(type);
    return bits >= 64 || number >> bits == 0 ? Status{} : wrong("is too large");
  }

  const reflection::Schema& schema_;
  std::string pointer_;
};

}  // namespace

const reflection::Enum* enum_of(const reflection::Schema& schema, const reflection::Type& type) {
  const bool scalar =
      flatbuffers::IsInteger(type.base_type() == reflection::Vector ? type.element() : type.base_type());
  return scalar && type.index() >= 0 ? schema.enums()->Get(static_cast<unsigned>(type.index())) : nullptr;
}

Status check_json_shape(const reflection::Schema& schema, const reflection::Object& table, std::string_view json,
                        std::string_view pointer) {
  const auto not_json = [&] { return fail(ErrorKind::malformed, std::string(pointer) + ": is not valid JSON"); };
  if (json.starts_with(kByteOrderMark)) return not_json();
  dom::parser parser;
  dom::element root;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) return not_json();
  return Shape(schema, pointer).object(table, root);
}

}  // namespace besa::wire
