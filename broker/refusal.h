// Why a request gets no answer of its kind. Answered and counted, never an entry.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "base/result.h"
#include "wire/wire_error.h"

namespace besa::broker {

struct Refusal {
  wire::WireError error = wire::WireError::none;
  std::string detail;  // one sentence for people

  Refusal() = default;
  Refusal(wire::WireError code, std::string sentence) : error(code), detail(std::move(sentence)) {}
  // An operating error, said to the client as far as it concerns it. Implicit, so that BESA_TRY passes it on.
  Refusal(const base::Error& from) : error(wire::wire_error_of(from.kind)), detail(from.message) {}  // NOLINT
};

template <class T>
using Answered = tl::expected<T, Refusal>;

inline tl::unexpected<Refusal> refuse(wire::WireError error, std::string detail) {
  return tl::unexpected<Refusal>(Refusal(error, std::move(detail)));
}

}  // namespace besa::broker
