#include "program/json.h"

#include <simdjson.h>

#include <set>

namespace besa::program {
namespace {

using simdjson::dom::element_type;

tl::unexpected<base::Error> malformed(const std::string& why) { return base::fail(base::ErrorKind::malformed, why); }

base::Result<std::string> convert_text(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return malformed("JSON: a text holds a NUL");
  return std::string{text};
}

// Depth is bounded by the parser. Pointers of places are made by the caller's field readers, not here.
base::Result<Json> convert(const simdjson::dom::element& element);

base::Result<Json> convert_object(const simdjson::dom::object& object) {
  Json out = Json::object();
  std::set<std::string_view> seen;
  for (const auto field : object) {
    if (!seen.insert(field.key).second) return malformed("JSON: an object names a field twice");
    BESA_ASSIGN(std::string key, convert_text(field.key));
    BESA_ASSIGN(Json value, convert(field.value));
    out.push_back(Json::object_t::value_type(std::move(key), std::move(value)));
  }
  return out;
}

base::Result<Json> convert_array(const simdjson::dom::array& array) {
  Json out = Json::array();
  for (const auto item : array) {
    BESA_ASSIGN(Json value, convert(item));
    out.push_back(std::move(value));
  }
  return out;
}

base::Result<Json> convert(const simdjson::dom::element& element) {
  switch (element.type()) {
    case element_type::ARRAY: return convert_array(simdjson::dom::array(element));
    case element_type::OBJECT: return convert_object(simdjson::dom::object(element));
    case element_type::INT64: return Json(std::int64_t(element));
    case element_type::UINT64: return Json(std::uint64_t(element));
    case element_type::DOUBLE: return Json(double(element));
    case element_type::BOOL: return Json(bool(element));
    case element_type::NULL_VALUE: return Json(nullptr);
    case element_type::STRING: {
      BESA_ASSIGN(std::string text, convert_text(std::string_view(element)));
      return Json(std::move(text));
    }
  }
  return malformed("JSON: an unknown kind of value");
}

std::string pointer(std::string_view at, std::string_view key) { return std::string{at} + "/" + std::string{key}; }

base::Result<const Json*> field_of(const Json& object, std::string_view key, std::string_view at) {
  if (!object.is_object()) return malformed((at.empty() ? "the top" : std::string{at}) + " must be an object");
  const auto found = object.find(std::string{key});
  if (found == object.end()) return malformed(pointer(at, key) + " is missing");
  return &*found;
}

}  // namespace

base::Result<Json> parse_json(std::string_view text, std::size_t most) {
  if (text.size() > most) return malformed("JSON: over " + std::to_string(most) + " bytes");
  if (text.rfind("\xef\xbb\xbf", 0) == 0) return malformed("JSON: starts with a byte order mark");
  try {
    simdjson::dom::parser parser(most);
    if (parser.allocate(std::max<std::size_t>(text.size(), 1), kJsonDepth) != simdjson::SUCCESS) {
      return base::fail(base::ErrorKind::full, "no memory to read JSON");
    }
    simdjson::dom::element root;
    const auto error = parser.parse(text.data(), text.size()).get(root);
    if (error == simdjson::DEPTH_ERROR) return malformed("JSON: nested deeper than " + std::to_string(kJsonDepth));
    if (error != simdjson::SUCCESS) return malformed(std::string{"JSON: "} + simdjson::error_message(error));
    return convert(root);
  } catch (const std::exception&) {
    return malformed("JSON: cannot be read");
  }
}

std::string to_line(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }
std::string to_pretty(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace); }

base::Result<std::string> json_text(const Json& object, std::string_view key, std::string_view at) {
  BESA_ASSIGN(const Json* value, field_of(object, key, at));
  if (!value->is_string()) return malformed(pointer(at, key) + " must be a text");
  return value->get<std::string>();
}

base::Result<std::uint64_t> json_number(const Json& object, std::string_view key, std::string_view at) {
  BESA_ASSIGN(const Json* value, field_of(object, key, at));
  const bool whole = value->is_number_unsigned() || (value->is_number_integer() && value->get<std::int64_t>() >= 0);
  if (!whole) return malformed(pointer(at, key) + " must be a whole number from 0");
  return value->get<std::uint64_t>();
}

base::Result<bool> json_boolean(const Json& object, std::string_view key, std::string_view at) {
  BESA_ASSIGN(const Json* value, field_of(object, key, at));
  if (!value->is_boolean()) return malformed(pointer(at, key) + " must be true or false");
  return value->get<bool>();
}

}  // namespace besa::program
