// Rules of style that a machine can check: each looks at one file's text and says what is wrong with it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace besa::tidy {

// A longer file is a question about the design.
inline constexpr std::size_t kFileLines = 600;

using Findings = std::vector<std::string>;

// The text with comments, string and character literals blanked out; line breaks stay, so that line numbers hold.
std::string code_only(std::string_view text);

Findings check_length(std::string_view text);
// Words that promise later work, as whole words in capitals.
Findings check_words(std::string_view text);
// #pragma once, and no using-directive outside a function.
Findings check_header(std::string_view text);
// Every namespace of ours at the left margin is the folder's one, or lies in it; a header opens it. A block that only
// declares classes of another layer is no opening.
Findings check_namespace(std::string_view text, std::string_view name_space, bool is_header);
// No floating point and no exception is thrown.
Findings check_no_floating_point(std::string_view text);
Findings check_no_throw(std::string_view text);
// A switch over our own enumerations names every value instead of a default.
Findings check_no_default(std::string_view text);

}  // namespace besa::tidy
