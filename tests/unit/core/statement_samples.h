// Small statements for tests. Their bytes mean nothing: what they say lies in the body.
#pragma once

#include "core/statement.h"

namespace besa::core::samples {

template <class Id>
Id id_of(std::uint8_t number) {
  Id out;
  out.bytes.fill(number);
  return out;
}

inline const MemberId kMember = id_of<MemberId>(1);
inline const MemberId kOther = id_of<MemberId>(2);

inline ParsedStatement statement_of(StatementType type, Body body) {
  ParsedStatement out;
  out.type = type;
  out.body = std::move(body);
  out.body_bytes = {1, 2, 3, static_cast<std::uint8_t>(type)};
  out.id = statement_id(type, out.body_bytes);
  return out;
}

inline ParsedStatement prekeys_by(const MemberId& author) {
  Prekeys body;
  body.header.author = author;
  body.header.counter = Counter{77};
  return statement_of(StatementType::prekeys, body);
}

}  // namespace besa::core::samples
