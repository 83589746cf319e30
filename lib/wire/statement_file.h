// A statement as a file: how a statement that several administrators sign travels between them and to the broker.
//
//   besa-statement v1
//   BASE64            lines of 76 characters, the last one shorter
//
// The bytes are the table Statement of schemas/wire.fbs: media type, body, signature blocks, rows, policy. A file
// carries no ciphertext. Each statement has exactly one armour: the text ends with a newline and nothing stands around
// it. Nothing is checked about the statement itself: parse_statement (statement.h) does that.
// Source: docs/protocol.md "Statement files".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"
#include "wire/messages.h"

namespace besa::wire {

inline constexpr std::string_view kStatementFileHeader = "besa-statement v1";
inline constexpr std::size_t kStatementFileBytes = 2 * base::limits::kFrameBytes;  // of text; for whoever reads a file

// `parts.chunks` are left out. Errors: full (over kFrameBytes of statement).
[[nodiscard]] base::Result<std::string> encode_statement_file(const StatementParts& parts);

// Errors: malformed (another header, loose armour, not the table, chunks inside), unsupported (a later version).
[[nodiscard]] base::Result<StatementParts> decode_statement_file(std::string_view text);

}  // namespace besa::wire
