// UTF-8, read strictly (RFC 3629): no overlong forms, no surrogates, nothing past U+10FFFF.
#pragma once

#include <optional>
#include <string_view>

namespace besa::base {

// Takes the first code point off `rest`. Empty, with `rest` left alone, if `rest` is empty or does not begin with one.
std::optional<char32_t> take_code_point(std::string_view& rest);

bool is_utf8(std::string_view text);

}  // namespace besa::base
