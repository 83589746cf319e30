// Ids, references and codes as JSON texts and back, for this folder's .cc files. Heavy (nlohmann).
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/ids.h"
#include "core/codes.h"
#include "program/json.h"

namespace besa::node {

template <class Tag, std::size_t N>
std::string hex(const base::FixedBytes<Tag, N>& id) {
  return base::to_hex(id.view());
}

template <class Id>
bool read_hex(std::string_view text, Id& out) {
  const auto bytes = base::from_hex(text);
  return bytes && Id::read(*bytes, out);
}

// 112 hex digits: author, counter, id.
inline std::string reference_text(const base::Reference& reference) {
  return base::to_hex(base::ByteWriter().reference(reference).bytes());
}
inline bool read_reference(std::string_view text, base::Reference& out) {
  const auto bytes = base::from_hex(text);
  if (!bytes) return false;
  base::ByteReader reader(*bytes);
  out = reader.reference();
  return reader.done();
}

inline std::string code_text(auto code) { return std::string(core::name_of(code)); }

}  // namespace besa::node
