// The content of sections: one table a category, its JSON, and attachments.
//
// Shapes: the content of a record is a FlatBuffer of the category's table (schemas/sections.fbs) with the file
// identifier "BRnn", of an attachment one of the table Attachment with "BAnn", where nn is the category's number in two
// decimal digits. So a text sealed under one category cannot pass for another.
// JSON has the same field names; a field that was not said is left out, an enum value is its name.
// Source: schemas/sections.fbs, whose comments give the HTCDS names.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "core/codes.h"

namespace besa::wire {

// JSON (at most 1 MiB) to the content of a record.
// Errors: malformed; the message begins with the JSON pointer of the field where it can be told
// ("/birth_date/value: not a calendar date"), and never repeats a value.
// Cost: about 50 us.
[[nodiscard]] base::Result<base::Bytes> content_from_json(core::Category category, std::string_view json);

// The content of a record as JSON, two spaces of indentation, not-said fields left out.
// Errors: malformed if check_content would refuse it.
[[nodiscard]] base::Result<std::string> content_to_json(core::Category category, base::ByteView content);

// Whether these bytes are a whole and sound record of this category.
// Errors: malformed, with the JSON pointer, never the value.
[[nodiscard]] base::Status check_content(core::Category category, base::ByteView content);

// What the file identifier of a content says; none if it has none of ours.
core::Category category_in(base::ByteView content);

// A JSON Schema (draft 2019-09) for people and their tools, made from the same reflection.
std::string content_schema_json(core::Category category);

// A file: its name and type are inside the sealed content, never outside.
struct Attachment {
  std::string media_type;  // "application/pdf"
  std::string title;
  base::Bytes data;
};
[[nodiscard]] base::Result<base::Bytes> encode_attachment(core::Category category, const Attachment& attachment);
// Errors: malformed.
[[nodiscard]] base::Result<Attachment> decode_attachment(core::Category category, base::ByteView content);

}  // namespace besa::wire
