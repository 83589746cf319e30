// What a string may hold.
//
// Every text is valid UTF-8 in normal form C, without NUL, control characters, bidirectional controls and overrides,
// surrogates, private-use and unassigned code points, non-characters and invisible separators: what a person sees is
// what is stored, and equal texts have equal bytes.
#pragma once

#include <optional>
#include <string_view>

namespace besa::wire {

// The value of the attribute `text` in a schema.
//   line      at most 256 bytes, no line break
//   long      at most 16 KiB, line breaks and tabs allowed
//   ascii     at most 256 bytes of visible ASCII and spaces (machine words, rule ids)
//   note      at most 16 KiB of text with line breaks, not otherwise checked beyond UTF-8 and controls (signed notes)
//   date      ISO 8601 calendar date, also "1998" and "1998-04"; years 1900 to 2199
//   time      "18:30"
//   phone     E.164: '+' and 7 to 15 digits
//   email     one '@', visible ASCII, at most 254 bytes
//   country   ISO 3166-1 alpha-2, two capitals
//   language  ISO 639, two or three small letters
//   currency  ISO 4217, three capitals
//   name      letters, digits, '.' and '-', at most 64 bytes (the network's name)
//   media     a media type: "application/pdf"
// A text may be absent or empty ("not said"), where the schema does not say `required`.
enum class TextKind {
  line,
  paragraph,
  ascii,
  note,
  date,
  time,
  phone,
  email,
  country,
  language,
  currency,
  name,
  media
};

std::optional<TextKind> parse_text_kind(std::string_view attribute);

// Empty if the text is fine, otherwise the rule that it breaks, in words and without the text.
// Cost: linear; plain ASCII takes a short way.
std::string_view text_fault(TextKind kind, std::string_view text);

}  // namespace besa::wire
