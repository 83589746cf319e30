// JSON out, and the order of codes.
#include <algorithm>

#include "wire/content_tables.h"

namespace besa::wire {
namespace {

using flatbuffers::Table;
using flatbuffers::VectorOfAny;

// The checks let only these through that JSON has to escape.
void print_text(std::string& out, std::string_view text) {
  out.push_back('"');
  for (const char c : text) {
    switch (c) {
      case '"': out.append("\\\""); break;
      case '\\': out.append("\\\\"); break;
      case '\n': out.append("\\n"); break;
      case '\t': out.append("\\t"); break;
      default: out.push_back(c);
    }
  }
  out.push_back('"');
}

class Printer {
 public:
  explicit Printer(const reflection::Schema& schema) : schema_(schema) {}

  void table(const reflection::Object& object, const Table& table) {
    std::vector<const reflection::Field*> fields(object.fields()->begin(), object.fields()->end());
    std::sort(fields.begin(), fields.end(), [](const auto* a, const auto* b) { return a->id() < b->id(); });
    open('{');
    for (const auto* field : fields) {
      if (!is_said(*field, table)) continue;
      next();
      print_text(out_, field->name()->string_view());
      out_.append(": ");
      value(*field, table);
    }
    close('}');
  }

  std::string take() { return std::move(out_); }

 private:
  void open(char bracket) {
    out_.push_back(bracket);
    indent_ += 2;
    first_ = true;
  }
  void next() {
    if (!first_) out_.push_back(',');
    first_ = false;
    line();
  }
  void close(char bracket) {
    indent_ -= 2;
    if (!first_) line();
    first_ = false;
    out_.push_back(bracket);
  }
  void line() {
    out_.push_back('\n');
    out_.append(indent_, ' ');
  }

  bool is_said(const reflection::Field& field, const Table& table) const {
    if (!table.CheckField(field.offset())) return false;
    const auto type = field.type()->base_type();
    if (type == reflection::String) return flatbuffers::GetFieldS(table, field)->size() != 0;
    if (type == reflection::Vector) return flatbuffers::GetFieldAnyV(table, field)->size() != 0;
    return enum_of(schema_, *field.type()) == nullptr || flatbuffers::GetAnyFieldI(table, field) != 0;
  }

  const reflection::Object& child_of(const reflection::Field& field) const {
    return *schema_.objects()->Get(static_cast<unsigned>(field.type()->index()));
  }

  void value(const reflection::Field& field, const Table& table) {
    const auto type = field.type()->base_type();
    if (type == reflection::String) return print_text(out_, flatbuffers::GetFieldS(table, field)->string_view());
    if (type == reflection::Obj) return this->table(child_of(field), *flatbuffers::GetFieldT(table, field));
    if (type == reflection::Vector) return vector(field, *flatbuffers::GetFieldAnyV(table, field));
    number(field, flatbuffers::GetAnyFieldI(table, field));
  }

  void number(const reflection::Field& field, std::int64_t value) {
    if (const auto* const codes = enum_of(schema_, *field.type())) {
      return print_text(out_, codes->values()->LookupByKey(value)->name()->string_view());
    }
    out_.append(std::to_string(static_cast<std::uint64_t>(value)));
  }

  void vector(const reflection::Field& field, const VectorOfAny& vector) {
    const auto element = field.type()->element();
    open('[');
    for (std::size_t i = 0; i < vector.size(); ++i) {
      next();
      if (element == reflection::String) {
        print_text(out_, flatbuffers::GetAnyVectorElemPointer<const flatbuffers::String>(&vector, i)->string_view());
      } else if (element == reflection::Obj) {
        table(child_of(field), *flatbuffers::GetAnyVectorElemPointer<const Table>(&vector, i));
      } else {
        number(field, flatbuffers::GetAnyVectorElemI(&vector, element, i));
      }
    }
    close(']');
  }

  const reflection::Schema& schema_;
  std::string out_;
  std::size_t indent_ = 0;
  bool first_ = true;
};

void sort_vector(const reflection::Schema& schema, const reflection::Field& field, VectorOfAny& vector) {
  if (field.type()->element() == reflection::Obj) {
    const auto& child = *schema.objects()->Get(static_cast<unsigned>(field.type()->index()));
    for (std::size_t i = 0; i < vector.size(); ++i) {
      std::uint8_t* const slot = vector.Data() + i * sizeof(flatbuffers::uoffset_t);
      sort_codes(schema, child,
                 *reinterpret_cast<Table*>(slot + flatbuffers::ReadScalar<flatbuffers::uoffset_t>(slot)));
    }
  } else if (field.type()->element() == reflection::UByte && attribute(field, "codes")) {
    std::sort(vector.Data(), vector.Data() + vector.size());
  }
}

}  // namespace

void sort_codes(const reflection::Schema& schema, const reflection::Object& object, Table& table) {
  for (const auto* field : *object.fields()) {
    if (!table.CheckField(field->offset())) continue;
    if (field->type()->base_type() == reflection::Vector) {
      sort_vector(schema, *field, *flatbuffers::GetFieldAnyV(table, *field));
    } else if (field->type()->base_type() == reflection::Obj) {
      sort_codes(schema, *schema.objects()->Get(static_cast<unsigned>(field->type()->index())),
                 *flatbuffers::GetFieldT(table, *field));
    }
  }
}

std::string json_of(const reflection::Schema& schema, const reflection::Object& object, const Table& table) {
  Printer printer(schema);
  printer.table(object, table);
  return printer.take();
}

}  // namespace besa::wire
