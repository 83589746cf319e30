// JSON in and out. In: simdjson judges the text (strict grammar, UTF-8, size, depth), duplicate keys are refused, and
// only then it becomes a nlohmann value. Out: nlohmann. Objects keep the order in which they were written.
//
// This header is heavy (nlohmann). Headers of programs include "program/json_fwd.h" instead.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"

namespace besa::program {

using Json = nlohmann::ordered_json;

inline constexpr std::size_t kJsonDepth = 32;

// Errors: malformed, with what is wrong (never a value of the text). Numbers beyond 64 bits, NUL, comments, a BOM,
// trailing text and duplicate keys are refused. Cost: O(text).
[[nodiscard]] base::Result<Json> parse_json(std::string_view text, std::size_t most = base::limits::kJsonBytes);

// On one line, or indented by two. Invalid UTF-8 in a value becomes U+FFFD: never throws.
std::string to_line(const Json& json);
std::string to_pretty(const Json& json);

// Fields of an object that must be there and have the type; errors are `malformed` and name the JSON pointer
// (`at` is the pointer of the object itself, "" for the top).
[[nodiscard]] base::Result<std::string> json_text(const Json& object, std::string_view key, std::string_view at = "");
[[nodiscard]] base::Result<std::uint64_t> json_number(const Json& object, std::string_view key,
                                                      std::string_view at = "");
[[nodiscard]] base::Result<bool> json_boolean(const Json& object, std::string_view key, std::string_view at = "");

// An id or key as hex digits, exactly as many as it has bytes twice.
template <class Id>
[[nodiscard]] base::Result<Id> json_id(const Json& object, std::string_view key, std::string_view at = "") {
  BESA_ASSIGN(const std::string text, json_text(object, key, at));
  const auto bytes = base::from_hex(text);
  Id out;
  if (bytes && Id::read(*bytes, out)) return out;
  return base::fail(base::ErrorKind::malformed, std::string(at) + "/" + std::string(key) + " must be " +
                                                    std::to_string(2 * Id::kSize) + " hex digits");
}

}  // namespace besa::program
