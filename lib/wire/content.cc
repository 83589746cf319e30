#include "wire/content.h"

#include <flatbuffers/idl.h>

#include "base/check.h"
#include "schemas/sections_generated.h"
#include "wire/content_tables.h"
#include "wire/table_view.h"

namespace besa::wire {
namespace {

using base::ByteView;
using base::ErrorKind;
using base::fail;
using base::Result;
using base::Status;
namespace limits = base::limits;

constexpr std::size_t kIdentifierPlace = 4;
constexpr std::size_t kIdentifierBytes = 4;

Status check_category(core::Category category) {
  return core::in_list(category) ? Status{} : fail(ErrorKind::malformed, "no such category");
}

std::string pointer_of(core::Category category) { return "/" + std::string(core::name_of(category)); }

// What a library's error says may repeat a value: only the place is ours to tell.
Result<base::Bytes> build(core::Category category, std::string_view json) {
  flatbuffers::IDLOptions options;
  options.strict_json = true;
  options.skip_unexpected_fields_in_json = false;
  options.allow_non_utf8 = false;
  options.force_defaults = true;  // a 0 that was said stays said
  flatbuffers::Parser parser(options);
  const ByteView schema = schema_bytes(Family::sections);
  if (!parser.Deserialize(schema.data(), schema.size()) ||
      !parser.SetRootType(qualified_name(Family::sections, content_table_name(category)).c_str())) {
    return fail(ErrorKind::damaged, "the built-in schema of sections cannot be read");
  }
  parser.file_identifier_ = content_identifier(core::Form::record, category);
  if (!parser.ParseJson(std::string(json).c_str())) {
    return fail(ErrorKind::malformed, pointer_of(category) + ": does not fit the schema");
  }
  const auto& builder = parser.builder_;
  return base::Bytes(builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize());
}

}  // namespace

std::string content_identifier(core::Form form, core::Category category) {
  const auto number = static_cast<unsigned>(core::number_of(category));
  std::string out = form == core::Form::attachment ? "BA" : "BR";
  out.push_back(static_cast<char>('0' + number / 10 % 10));
  out.push_back(static_cast<char>('0' + number % 10));
  return out;
}

std::string content_table_name(core::Category category) {
  std::string out;
  bool capital = true;
  for (const char c : core::name_of(category)) {
    if (c == '_') {
      capital = true;
      continue;
    }
    out.push_back(capital ? static_cast<char>(c - 'a' + 'A') : c);
    capital = false;
  }
  return out;
}

const reflection::Object& content_table(core::Category category) {
  const auto name = qualified_name(Family::sections, content_table_name(category));
  const auto* const object = schema_of(Family::sections).objects()->LookupByKey(name.c_str());
  BESA_CHECK(object != nullptr);
  return *object;
}

Bounds content_bounds(std::string_view identifier) {
  return {limits::kMessageBytes, limits::kFlatBufferTables, identifier};
}

Result<base::Bytes> content_from_json(core::Category category, std::string_view json) {
  BESA_TRY(check_category(category));
  const std::string pointer = pointer_of(category);
  if (json.size() > limits::kJsonBytes) return fail(ErrorKind::malformed, pointer + ": is over 1 MiB");
  const auto& schema = schema_of(Family::sections);
  const auto& table = content_table(category);
  BESA_TRY(check_json_shape(schema, table, json, pointer));
  BESA_ASSIGN(base::Bytes bytes, build(category, json));
  sort_codes(schema, table, *flatbuffers::GetAnyRoot(bytes.data()));
  auto checked = check_content(category, bytes);
  if (checked) return bytes;
  // The bytes are our own and of the right form: what does not name its place is a bound of the whole.
  if (checked.error().message.starts_with('/')) return tl::unexpected(std::move(checked).error());
  return fail(ErrorKind::malformed, pointer + ": holds more than a section may (at most " +
                                        std::to_string(limits::kFlatBufferTables) + " entries in all)");
}

Result<std::string> content_to_json(core::Category category, ByteView content) {
  BESA_TRY(check_content(category, content));
  const base::Bytes aligned = base::to_bytes(content);
  return json_of(schema_of(Family::sections), content_table(category), *flatbuffers::GetAnyRoot(aligned.data())) + "\n";
}

Status check_content(core::Category category, ByteView content) {
  BESA_TRY(check_category(category));
  const std::string identifier = content_identifier(core::Form::record, category);
  return check_reflected(schema_of(Family::sections), content_table(category), content, content_bounds(identifier),
                         pointer_of(category));
}

core::Category category_in(ByteView content) {
  if (content.size() < kIdentifierPlace + kIdentifierBytes) return core::Category::none;
  const auto found = base::as_text(content.subspan(kIdentifierPlace, kIdentifierBytes));
  for (std::size_t number = 1; number <= core::names_of(core::Category{}).size(); ++number) {
    const auto category = static_cast<core::Category>(number);
    if (found == content_identifier(core::Form::record, category)) return category;
    if (found == content_identifier(core::Form::attachment, category)) return category;
  }
  return core::Category::none;
}

Result<base::Bytes> encode_attachment(core::Category category, const Attachment& attachment) {
  BESA_TRY(check_category(category));
  const std::string identifier = content_identifier(core::Form::attachment, category);
  if (attachment.data.size() > limits::kMessageBytes) return fail(ErrorKind::full, "the attachment is over 64 MiB");
  Builder builder(attachment.data.size() + limits::kRowBytes);
  const auto data = put(builder, ByteView(attachment.data));
  const auto title = put_text(builder, attachment.title);
  const auto media_type = builder.CreateString(attachment.media_type);
  builder.Finish(section::CreateAttachment(builder, media_type, title, data), identifier.c_str());
  const base::Bytes bytes(builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize());
  BESA_TRY(check(Family::sections, "Attachment", bytes, content_bounds(identifier)));
  return bytes;
}

Result<Attachment> decode_attachment(core::Category category, ByteView content) {
  BESA_TRY(check_category(category));
  const std::string identifier = content_identifier(core::Form::attachment, category);
  BESA_ASSIGN(const auto table,
              Checked<section::Attachment>::make(Family::sections, "Attachment", content, content_bounds(identifier)));
  return Attachment{text_of(table->media_type()), text_of(table->title()), bytes_of(table->data())};
}

}  // namespace besa::wire
