// Inside lib/wire: checked access to a FlatBuffers table, and small conversions in both directions.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "core/codes.h"
#include "wire/check.h"

namespace besa::wire {

using ByteVector = flatbuffers::Vector<std::uint8_t>;
using CodeVector = flatbuffers::Vector<std::uint16_t>;
using Builder = flatbuffers::FlatBufferBuilder;

// A table that passed check(), in aligned memory of its own.
template <class Table>
class Checked {
 public:
  static base::Result<Checked> make(Family family, std::string_view name, base::ByteView bytes,
                                    const Bounds& bounds = {}) {
    if (bytes.size() > bounds.most_bytes) return base::fail(base::ErrorKind::malformed, "the buffer: is too large");
    Checked out;
    out.bytes_ = base::to_bytes(bytes);
    BESA_TRY(check(family, name, out.bytes_, bounds));
    return out;
  }
  const Table* operator->() const { return flatbuffers::GetRoot<Table>(bytes_.data()); }
  const Table& operator*() const { return *flatbuffers::GetRoot<Table>(bytes_.data()); }

 private:
  base::Bytes bytes_;
};

// --- Reading ---

inline base::ByteView view_of(const ByteVector* bytes) {
  return bytes == nullptr ? base::ByteView() : base::ByteView(bytes->data(), bytes->size());
}
inline base::Bytes bytes_of(const ByteVector* bytes) { return base::to_bytes(view_of(bytes)); }
inline std::string text_of(const flatbuffers::String* text) { return text == nullptr ? std::string() : text->str(); }

// An id whose length the check has proved.
template <class Id>
Id fixed(const ByteVector* bytes) {
  base::ByteReader reader(view_of(bytes));
  return reader.id<Id>();
}
inline base::Reference reference_in(const ByteVector* bytes) { return base::ByteReader(view_of(bytes)).reference(); }
inline std::vector<base::Reference> references_in(const ByteVector* bytes) {
  base::ByteReader reader(view_of(bytes));
  std::vector<base::Reference> out;
  while (reader.left() > 0 && reader.ok()) out.push_back(reader.reference());
  return out;
}
inline std::vector<base::Digest> digests_in(const ByteVector* bytes) {
  base::ByteReader reader(view_of(bytes));
  std::vector<base::Digest> out;
  while (reader.left() > 0 && reader.ok()) out.push_back(reader.id<base::Digest>());
  return out;
}

// No list reaches this number: it stands for all numbers that a set of bits cannot hold, so that none gets lost.
inline constexpr std::uint16_t kUnknownInSet = 63;

template <class Code, class Number>
core::CodeSet<Code> code_set(const flatbuffers::Vector<Number>* numbers) {
  core::CodeSet<Code> out;
  if (numbers == nullptr) return out;
  for (const Number number : *numbers) {
    out.insert(static_cast<Code>(std::min<std::uint16_t>(number, kUnknownInSet)));
  }
  return out;
}

// Whether a set holds nothing but codes of its list.
template <class Code>
bool all_known(core::CodeSet<Code> set) {
  const std::uint64_t list = ((std::uint64_t{1} << core::names_of(Code{}).size()) - 1) << 1;
  return (set.bits() & ~list) == 0;
}

// --- Writing ---

inline flatbuffers::Offset<ByteVector> put(Builder& builder, base::ByteView bytes) {
  return builder.CreateVector(bytes.data(), bytes.size());
}
template <class Tag, std::size_t N>
flatbuffers::Offset<ByteVector> put(Builder& builder, const base::FixedBytes<Tag, N>& id) {
  return put(builder, base::ByteView(id.view()));
}
inline flatbuffers::Offset<ByteVector> put(Builder& builder, const base::Reference& reference) {
  base::ByteWriter writer;
  writer.reference(reference);
  return put(builder, base::ByteView(writer.bytes()));
}
inline flatbuffers::Offset<ByteVector> put(Builder& builder, const std::vector<base::Reference>& references) {
  base::ByteWriter writer;
  for (const base::Reference& reference : references) writer.reference(reference);
  return put(builder, base::ByteView(writer.bytes()));
}
inline flatbuffers::Offset<ByteVector> put(Builder& builder, const std::vector<base::Digest>& digests) {
  base::ByteWriter writer;
  for (const base::Digest& digest : digests) writer.raw(digest);
  return put(builder, base::ByteView(writer.bytes()));
}
// Nothing where there is nothing to say.
inline flatbuffers::Offset<ByteVector> put_any(Builder& builder, base::ByteView bytes) {
  return bytes.empty() ? 0 : put(builder, bytes);
}
inline flatbuffers::Offset<flatbuffers::String> put_text(Builder& builder, std::string_view text) {
  return text.empty() ? 0 : builder.CreateString(text.data(), text.size());
}

template <class Number, class Code>
flatbuffers::Offset<flatbuffers::Vector<Number>> put_codes(Builder& builder, core::CodeSet<Code> set) {
  std::vector<Number> numbers;
  for (std::uint16_t number = 1; number < 64; ++number) {
    if (set.contains(static_cast<Code>(number))) numbers.push_back(static_cast<Number>(number));
  }
  return numbers.empty() ? 0 : builder.CreateVector(numbers);
}
template <class Code>
flatbuffers::Offset<CodeVector> put_codes(Builder& builder, core::CodeSet<Code> set) {
  return put_codes<std::uint16_t>(builder, set);
}
template <class Table>
flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<Table>>> put_tables(
    Builder& builder, const std::vector<flatbuffers::Offset<Table>>& tables) {
  return tables.empty() ? 0 : builder.CreateVector(tables);
}

template <class Table>
base::Bytes finish(Builder& builder, flatbuffers::Offset<Table> root) {
  builder.Finish(root);
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

}  // namespace besa::wire
