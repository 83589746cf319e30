#include "wire/check.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "wire/reflection.h"
#include "wire/structure.h"
#include "wire/text.h"

namespace besa::wire {
namespace {

using base::ByteView;
using base::ErrorKind;
using base::Status;
using flatbuffers::Table;
using flatbuffers::uoffset_t;
using flatbuffers::VectorOfAny;
using flatbuffers::voffset_t;
using reflection::BaseType;

constexpr std::size_t kLeastBytes = 8;
constexpr std::size_t kMostPadding = 7;
constexpr std::size_t kEndAlignment = 4;  // builders work from the end: what lies there is aligned to an offset
constexpr std::size_t kFixedVtableBytes = 4;
constexpr std::size_t kIdentifierBytes = 4;

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool shareable = false;  // a vtable
  friend auto operator<=>(const Span&, const Span&) = default;
};

bool all_zero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
}

class Walk {
 public:
  Walk(const reflection::Schema& schema, ByteView bytes, std::string_view pointer)
      : schema_(schema), bytes_(bytes), pointer_(pointer) {}

  Status run(const reflection::Object& root, std::string_view identifier) {
    std::size_t head = sizeof(uoffset_t);
    if (!identifier.empty()) {
      if (base::as_text(bytes_.subspan(head, kIdentifierBytes)) != identifier) return wrong("has another identifier");
      head += kIdentifierBytes;
    }
    spans_.push_back({0, head, false});
    BESA_TRY(table(root, *flatbuffers::GetAnyRoot(bytes_.data())));
    return coverage();
  }

 private:
  std::size_t place(const void* pointer) const {
    return static_cast<std::size_t>(static_cast<const std::uint8_t*>(pointer) - bytes_.data());
  }

  Status wrong(std::string_view rule) const {
    return base::fail(ErrorKind::malformed,
                      (pointer_.empty() ? std::string("the buffer") : pointer_) + ": " + std::string(rule));
  }

  // Runs `step` with one more part in the pointer.
  template <class Step>
  Status at(std::string_view part, Step step) {
    const std::size_t length = pointer_.size();
    pointer_.append("/").append(part);
    Status status = step();
    pointer_.resize(length);
    return status;
  }

  Status table(const reflection::Object& object, const Table& table) {
    BESA_TRY(layout(object, table));
    for (const auto* field : *object.fields()) {
      BESA_TRY(at(field->name()->string_view(), [&] { return this->field(*field, object, table); }));
    }
    return {};
  }

  // The table's own bytes: nothing the schema does not know, fields apart from each other, zeros in between.
  Status layout(const reflection::Object& object, const Table& table) {
    const std::uint8_t* const vtable = table.GetVTable();
    const auto vtable_bytes = flatbuffers::ReadScalar<voffset_t>(vtable);
    if (vtable_bytes < kFixedVtableBytes) return wrong("has a broken table");
    const auto table_bytes = flatbuffers::ReadScalar<voffset_t>(vtable + sizeof(voffset_t));
    const std::size_t begin = place(&table);
    if (table_bytes < sizeof(uoffset_t) || table_bytes > bytes_.size() - begin) return wrong("has a broken table");

    std::vector<Span> inside = {{0, sizeof(uoffset_t), false}};
    std::size_t known = 0;
    for (const auto* field : *object.fields()) {
      const voffset_t offset = table.GetOptionalFieldOffset(field->offset());
      if (offset == 0) continue;
      ++known;
      inside.push_back({offset, offset + flatbuffers::GetTypeSize(field->type()->base_type()), false});
    }
    std::size_t present = 0;
    for (std::size_t at = kFixedVtableBytes; at < vtable_bytes; at += sizeof(voffset_t)) {
      present += flatbuffers::ReadScalar<voffset_t>(vtable + at) != 0 ? 1 : 0;
    }
    if (present != known) return wrong("has a field that the schema does not know");
    BESA_TRY(apart(inside, bytes_.subspan(begin, table_bytes)));
    spans_.push_back({place(vtable), place(vtable) + vtable_bytes, true});
    spans_.push_back({begin, begin + table_bytes, false});
    return {};
  }

  // Spans must not touch each other's bytes, and what lies between them and up to the end must be padding.
  Status apart(std::vector<Span>& spans, ByteView bytes) const {
    BESA_ASSIGN(const std::size_t end, last_end(spans, bytes));
    return padding(bytes.subspan(end));
  }

  base::Result<std::size_t> last_end(std::vector<Span>& spans, ByteView bytes) const {
    std::sort(spans.begin(), spans.end());
    std::size_t end = 0;
    const Span* last = nullptr;
    for (const Span& span : spans) {
      if (last != nullptr && span.shareable && span == *last) continue;
      if (span.begin < end || span.end > bytes.size()) return tl::unexpected(wrong("has parts that overlap").error());
      BESA_TRY(padding(bytes.subspan(end, span.begin - end)));
      end = span.end;
      last = &span;
    }
    return end;
  }

  Status padding(ByteView gap) const {
    return gap.size() <= kMostPadding && all_zero(gap) ? Status{} : wrong("has bytes that belong to nothing");
  }

  Status coverage() {
    pointer_.clear();
    BESA_ASSIGN(const std::size_t end, last_end(spans_, bytes_));
    const std::size_t whole = (end + kEndAlignment - 1) / kEndAlignment * kEndAlignment;
    return bytes_.size() == whole ? padding(bytes_.subspan(end)) : wrong("does not end with its last object");
  }

  Status field(const reflection::Field& field, const reflection::Object& object, const Table& table) {
    if (!missing_rule(field, schema_).empty()) return wrong("has no rule in the schema");
    const BaseType type = field.type()->base_type();
    if (flatbuffers::IsScalar(type)) return scalar(field, object, table);
    if (!table.CheckField(field.offset())) return absent(field);
    if (type == reflection::String) return string(field, flatbuffers::GetFieldS(table, field));
    if (type == reflection::Obj) return this->table(child_of(field), *flatbuffers::GetFieldT(table, field));
    return vector(field, flatbuffers::GetFieldAnyV(table, field));
  }

  const reflection::Object& child_of(const reflection::Field& field) const {
    return *schema_.objects()->Get(static_cast<uoffset_t>(field.type()->index()));
  }

  Status absent(const reflection::Field& field) const {
    const auto count = attribute(field, "count");
    const auto bytes = attribute(field, "bytes");
    const bool some = count && parse_range(*count)->least > 0;
    const bool fixed = bytes && !count && *bytes != "any";
    return field.required() || some || fixed ? wrong("is missing") : Status{};
  }

  // An integer's place among its bounds and its enum's values.
  Status value(const reflection::Field& field, std::int64_t number, bool is_wide) const {
    const auto range = attribute(field, "range");
    if (range) {
      const auto bounds = parse_range(*range);
      const auto plain = static_cast<std::uint64_t>(number);
      if (!bounds || is_wide || plain < bounds->least || plain > bounds->most) return wrong("is out of range");
    }
    if (field.type()->index() >= 0) {
      const auto* const codes = schema_.enums()->Get(static_cast<uoffset_t>(field.type()->index()));
      if (codes->values()->LookupByKey(number) == nullptr) return wrong("is not in its list");
    }
    return {};
  }

  Status scalar(const reflection::Field& field, const reflection::Object& object, const Table& table) const {
    const BaseType type = field.type()->base_type();
    const std::int64_t number = flatbuffers::GetAnyFieldI(table, field);
    if (type == reflection::Bool && number != 0 && number != 1) return wrong("is neither true nor false");
    BESA_TRY(value(field, number, type == reflection::ULong && number < 0));
    const auto about = attribute(field, "certain");
    return about ? certain(number, *about, object, table) : Status{};
  }

  // `certainty` and the fields that it speaks of: known and claimed have a value, unknown has none, and nothing is
  // left unsaid.
  Status certain(std::int64_t number, std::string_view about, const reflection::Object& object,
                 const Table& table) const {
    bool said = false;
    while (!about.empty()) {
      const auto space = std::min(about.find(' '), about.size());
      const auto* const field = object.fields()->LookupByKey(std::string(about.substr(0, space)).c_str());
      if (field == nullptr) return wrong("has no rule in the schema");
      const auto* const text = flatbuffers::GetFieldS(table, *field);
      said = said || (text != nullptr && text->size() != 0);
      about.remove_prefix(std::min(space + 1, about.size()));
    }
    constexpr std::int64_t kNotSaid = 0;
    constexpr std::int64_t kUnknown = 3;
    if (number == kNotSaid) return wrong("must be known, claimed or unknown");
    if (number == kUnknown && said) return wrong("is unknown, but there is a value");
    if (number != kUnknown && !said) return wrong("is not unknown, but there is no value");
    return {};
  }

  Status string(const reflection::Field& field, const flatbuffers::String* text) {
    const auto kind = parse_text_kind(*attribute(field, "text"));
    if (!kind) return wrong("has no rule in the schema");
    if (field.required() && field.type()->base_type() == reflection::String && text->size() == 0)
      return wrong("is empty");
    spans_.push_back({place(text), place(text) + sizeof(uoffset_t) + text->size() + 1, false});
    const auto fault = text_fault(*kind, text->string_view());
    return fault.empty() ? Status{} : wrong(fault);
  }

  Status vector(const reflection::Field& field, const VectorOfAny* vector) {
    const BaseType element = field.type()->element();
    const std::size_t size = vector->size();
    spans_.push_back(
        {place(vector), place(vector) + sizeof(uoffset_t) + size * flatbuffers::GetTypeSize(element), false});
    if (const auto bytes = attribute(field, "bytes")) return byte_vector(field, *bytes, size);
    BESA_TRY(counted(field, size));
    if (element == reflection::String) return strings(field, vector);
    if (element == reflection::Obj) return tables(field, vector);
    return codes(field, vector);
  }

  Status counted(const reflection::Field& field, std::size_t count) const {
    const auto range = attribute(field, "count");
    const auto bounds = range ? parse_range(*range) : std::nullopt;
    if (!bounds) return wrong("has no rule in the schema");
    if (count < bounds->least) return wrong("has too few elements");
    return count > bounds->most ? wrong("has too many elements") : Status{};
  }

  Status byte_vector(const reflection::Field& field, std::string_view bytes, std::size_t size) const {
    if (bytes == "any") return {};
    std::size_t unit = 0;
    for (const char digit : bytes) unit = unit * 10 + static_cast<std::size_t>(digit - '0');
    if (!attribute(field, "count")) return size == unit ? Status{} : wrong("has the wrong length");
    if (size % unit != 0) return wrong("has the wrong length");
    return counted(field, size / unit);
  }

  Status codes(const reflection::Field& field, const VectorOfAny* vector) {
    std::int64_t previous = 0;
    for (std::size_t i = 0; i < vector->size(); ++i) {
      const std::int64_t code = flatbuffers::GetAnyVectorElemI(vector, field.type()->element(), i);
      if (code <= previous) return wrong("is not ascending, or names a code twice");
      BESA_TRY(at(std::to_string(i), [&] { return value(field, code, false); }));
      previous = code;
    }
    return {};
  }

  Status strings(const reflection::Field& field, const VectorOfAny* vector) {
    for (std::size_t i = 0; i < vector->size(); ++i) {
      const auto* const text = flatbuffers::GetAnyVectorElemPointer<const flatbuffers::String>(vector, i);
      BESA_TRY(at(std::to_string(i), [&] { return text->size() == 0 ? wrong("is empty") : string(field, text); }));
    }
    return {};
  }

  Status tables(const reflection::Field& field, const VectorOfAny* vector) {
    const auto& child = child_of(field);
    for (std::size_t i = 0; i < vector->size(); ++i) {
      const auto* const element = flatbuffers::GetAnyVectorElemPointer<const Table>(vector, i);
      BESA_TRY(at(std::to_string(i), [&] { return table(child, *element); }));
    }
    return {};
  }

  const reflection::Schema& schema_;
  ByteView bytes_;
  std::string pointer_;
  std::vector<Span> spans_;
};

Status verify(const reflection::Schema& schema, const reflection::Object& root, ByteView bytes, const Bounds& bounds) {
  if (bytes.size() < kLeastBytes) return base::fail(ErrorKind::malformed, "the buffer: is too short");
  if (bytes.size() > bounds.most_bytes) return base::fail(ErrorKind::malformed, "the buffer: is too large");
  if (!is_sound(schema, root, bytes, bounds)) {
    return base::fail(ErrorKind::malformed, "the buffer: is not a sound FlatBuffer within the limits");
  }
  return {};
}

}  // namespace

Status check_reflected(const reflection::Schema& schema, const reflection::Object& root, ByteView bytes,
                       const Bounds& bounds, std::string_view pointer) {
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(std::uint64_t) != 0) {
    const base::Bytes aligned = base::to_bytes(bytes);
    return check_reflected(schema, root, aligned, bounds, pointer);
  }
  BESA_TRY(verify(schema, root, bytes, bounds));
  return Walk(schema, bytes, pointer).run(root, bounds.identifier);
}

Status check(Family family, std::string_view table, ByteView bytes, const Bounds& bounds) {
  const auto& schema = schema_of(family);
  const auto* const root = schema.objects()->LookupByKey(qualified_name(family, table).c_str());
  BESA_CHECK(root != nullptr);
  return check_reflected(schema, *root, bytes, bounds);
}

}  // namespace besa::wire
