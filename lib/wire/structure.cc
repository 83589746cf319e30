#include "wire/structure.h"

namespace besa::wire {
namespace {

using flatbuffers::Table;
using flatbuffers::uoffset_t;
using flatbuffers::Verifier;
using flatbuffers::voffset_t;
using reflection::BaseType;

Verifier::Options options_for(const Bounds& bounds) {
  Verifier::Options options;
  options.max_depth = static_cast<uoffset_t>(base::limits::kFlatBufferDepth);
  options.max_tables = static_cast<uoffset_t>(bounds.most_tables);
  return options;
}

class Structure {
 public:
  Structure(const reflection::Schema& schema, base::ByteView bytes, const Bounds& bounds)
      : schema_(schema), bytes_(bytes), verifier_(bytes.data(), bytes.size(), options_for(bounds)) {}

  bool run(const reflection::Object& root) {
    const uoffset_t offset = verifier_.VerifyOffset(0);
    return offset != 0 && table(root, bytes_.data() + offset);
  }

 private:
  bool table(const reflection::Object& object, const std::uint8_t* data) {
    if (object.is_struct() || !verifier_.VerifyTableStart(data)) return false;
    const auto& table = *reinterpret_cast<const Table*>(data);
    for (const auto* field : *object.fields()) {
      const voffset_t offset = table.GetOptionalFieldOffset(field->offset());
      if (offset != 0 && !this->field(*field, data, offset)) return false;
    }
    return verifier_.EndTable();
  }

  bool field(const reflection::Field& field, const std::uint8_t* table, voffset_t offset) {
    const BaseType type = field.type()->base_type();
    const std::size_t size = flatbuffers::GetTypeSize(type);
    if (size == 0 || !verifier_.VerifyFieldStruct(table, offset, size, size)) return false;
    return flatbuffers::IsScalar(type) || pointed(field, type, table + offset);
  }

  // What the offset at `slot`, which lies in the buffer, leads to.
  bool pointed(const reflection::Field& field, BaseType type, const std::uint8_t* slot) {
    const uoffset_t offset = verifier_.VerifyOffset(static_cast<std::size_t>(slot - bytes_.data()));
    if (offset == 0) return false;
    const std::uint8_t* const data = slot + offset;
    if (type == reflection::String) return verifier_.VerifyString(reinterpret_cast<const flatbuffers::String*>(data));
    if (type == reflection::Obj) return table(child_of(field), data);
    return type == reflection::Vector && vector(field, data);
  }

  bool vector(const reflection::Field& field, const std::uint8_t* data) {
    const BaseType element = field.type()->element();
    const std::size_t size = flatbuffers::GetTypeSize(element);
    if (size == 0 || !verifier_.VerifyVectorOrString(data, size)) return false;
    if (flatbuffers::IsScalar(element)) return true;
    if (element != reflection::String && element != reflection::Obj) return false;
    const auto count = flatbuffers::ReadScalar<uoffset_t>(data);
    for (uoffset_t i = 0; i < count; ++i) {
      if (!pointed(field, element, data + sizeof(uoffset_t) * (std::size_t{i} + 1))) return false;
    }
    return true;
  }

  const reflection::Object& child_of(const reflection::Field& field) const {
    return *schema_.objects()->Get(static_cast<uoffset_t>(field.type()->index()));
  }

  const reflection::Schema& schema_;
  base::ByteView bytes_;
  Verifier verifier_;
};

}  // namespace

bool is_sound(const reflection::Schema& schema, const reflection::Object& root, base::ByteView bytes,
              const Bounds& bounds) {
  return Structure(schema, bytes, bounds).run(root);
}

}  // namespace besa::wire
