// How a table travels as a text file:
//
//   besa-WORD v1
//   BASE64            lines of 76 characters, the last one shorter
//
// Each content has exactly one armour: the text ends with a newline and nothing stands around it.
// Source: docs/protocol.md "Statement files".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace besa::wire {

// `word` without the version: "besa-statement".
std::string armour(std::string_view word, base::ByteView bytes);

// `what` is the file's name in errors: "statement file". Errors: malformed (another word, over `most` characters, loose
// armour), unsupported (a later version).
[[nodiscard]] base::Result<base::Bytes> unarmour(std::string_view word, std::string_view what, std::string_view text,
                                                 std::size_t most);

}  // namespace besa::wire
