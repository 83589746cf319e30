#include "wire/wire_error.h"

#include <array>

#include "base/check.h"

namespace besa::wire {
namespace {

using base::ErrorKind;

#define BESA_NAME(name) std::string_view(#name),
constexpr std::array kNames = {BESA_WIRE_ERROR_LIST(BESA_NAME)};
#undef BESA_NAME

}  // namespace

std::string_view name_of(WireError error) {
  const auto number = static_cast<std::size_t>(error);
  if (number == 0) return "none";
  return number <= kNames.size() ? kNames[number - 1] : "unknown";
}

std::optional<WireError> parse_wire_error(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<WireError>(i + 1);
  }
  return std::nullopt;
}

WireError wire_error_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::malformed: return WireError::malformed;
    case ErrorKind::bad_signature: return WireError::bad_signature;
    case ErrorKind::unsupported: return WireError::unsupported;
    case ErrorKind::not_found: return WireError::not_found;
    case ErrorKind::already_exists:
    case ErrorKind::denied: return WireError::denied;
    case ErrorKind::busy:
    case ErrorKind::unavailable: return WireError::busy;
    case ErrorKind::full: return WireError::full;
    case ErrorKind::io:
    case ErrorKind::damaged:
    case ErrorKind::configuration:
    case ErrorKind::misbehaviour: return WireError::stopped;
  }
  BESA_CHECK(false);
}

ErrorKind error_kind_of(WireError error) {
  switch (error) {
    case WireError::none:
    case WireError::malformed:
    case WireError::too_large:
    case WireError::ciphertext_mismatch: return ErrorKind::malformed;
    case WireError::unsupported: return ErrorKind::unsupported;
    case WireError::bad_signature: return ErrorKind::bad_signature;
    case WireError::wrong_submitter:
    case WireError::wrong_network:
    case WireError::not_member:
    case WireError::counter_too_old:
    case WireError::denied: return ErrorKind::denied;
    case WireError::recovering:
    case WireError::busy: return ErrorKind::busy;
    case WireError::full: return ErrorKind::full;
    case WireError::stopped:
    case WireError::rollback_seen:
    case WireError::clock: return ErrorKind::unavailable;
    case WireError::not_found: return ErrorKind::not_found;
  }
  return ErrorKind::unsupported;  // a number that a newer broker sent
}

bool is_temporary(WireError error) {
  return error == WireError::busy || error == WireError::full || error == WireError::stopped ||
         error == WireError::rollback_seen || error == WireError::clock || error == WireError::recovering;
}

}  // namespace besa::wire
