#include "program/json.h"

#include <simdjson.h>

#include <algorithm>
#include <set>

namespace besa::program {
namespace {

using simdjson::dom::element_type;

tl::unexpected<base::Error> malformed(const std::string& why) { return base::fail(base::ErrorKind::malformed, why); }

// RFC 6901; a name that is not plain, or long, is not repeated: it may be a value in the wrong place.
std::string pointer_token(std::string_view name) {
  constexpr std::size_t kLongest = 40;
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  const bool plain = name.size() <= kLongest && name.find_first_not_of(kPlain) == std::string_view::npos;
  return plain ? std::string(name) : "...";
}

// "line 3, column 7: " of a text that is no JSON, or nothing if the other reader sees no mistake there. Only the place
// is taken from it: what it says would repeat the text.
std::string place_of_mistake(std::string_view text) {
  std::size_t at = 0;
  try {
    [[maybe_unused]] const Json other = Json::parse(text);
    return {};
  } catch (const Json::parse_error& error) {
    at = std::min(error.byte == 0 ? 0 : error.byte - 1, text.size());
  } catch (const std::exception&) {
    return {};
  }
  const std::string_view before = text.substr(0, at);
  const auto line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
  const std::size_t newline = before.rfind('\n');
  const std::size_t column = at - (newline == std::string_view::npos ? 0 : newline + 1) + 1;
  return "line " + std::to_string(line) + ", column " + std::to_string(column) + ": ";
}

std::string words_of(simdjson::error_code error, std::string_view text) {
  if (error == simdjson::EMPTY) return "there is nothing in it";
  const std::string place = place_of_mistake(text);
  if (error == simdjson::UTF8_ERROR) return place + "it is not UTF-8";
  return place + "it is no JSON here: look for a missing or superfluous comma, quote or bracket";
}

// Where the reader stands, as a JSON pointer; names the place of a mistake, never a value.
using Place = std::string;

tl::unexpected<base::Error> malformed_at(const Place& place, const std::string& why) {
  return malformed("JSON: " + (place.empty() ? "the top" : place) + ": " + why);
}

base::Result<std::string> convert_text(std::string_view text, const Place& place) {
  if (text.find('\0') != std::string_view::npos) return malformed_at(place, "holds a NUL");
  return std::string{text};
}

// Depth is bounded by the parser.
base::Result<Json> convert(const simdjson::dom::element& element, Place& place);

base::Result<Json> convert_object(const simdjson::dom::object& object, Place& place) {
  Json out = Json::object();
  std::set<std::string_view> seen;
  for (const auto field : object) {
    if (!seen.insert(field.key).second) return malformed_at(place, "names a field twice");
    BESA_ASSIGN(std::string key, convert_text(field.key, place));
    const std::size_t before = place.size();
    place += "/" + pointer_token(key);
    BESA_ASSIGN(Json value, convert(field.value, place));
    place.resize(before);
    out.push_back(Json::object_t::value_type(std::move(key), std::move(value)));
  }
  return out;
}

base::Result<Json> convert_array(const simdjson::dom::array& array, Place& place) {
  Json out = Json::array();
  for (const auto item : array) {
    const std::size_t before = place.size();
    place += "/" + std::to_string(out.size());
    BESA_ASSIGN(Json value, convert(item, place));
    place.resize(before);
    out.push_back(std::move(value));
  }
  return out;
}

base::Result<Json> convert(const simdjson::dom::element& element, Place& place) {
  switch (element.type()) {
    case element_type::ARRAY: return convert_array(simdjson::dom::array(element), place);
    case element_type::OBJECT: return convert_object(simdjson::dom::object(element), place);
    case element_type::INT64: return Json(std::int64_t(element));
    case element_type::UINT64: return Json(std::uint64_t(element));
    case element_type::DOUBLE: return Json(double(element));
    case element_type::BOOL: return Json(bool(element));
    case element_type::NULL_VALUE: return Json(nullptr);
    case element_type::STRING: {
      BESA_ASSIGN(std::string text, convert_text(std::string_view(element), place));
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
    if (error != simdjson::SUCCESS) return malformed("JSON: " + words_of(error, text));
    Place place;
    return convert(root, place);
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
