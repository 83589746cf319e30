// Why the broker did not even decide a request: answered, counted in metrics, never an entry.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace besa::wire {

// Closed list, numbers from 1 as sent.
// clang-format off: the tool does not come to rest on this list.
#define BESA_WIRE_ERROR_LIST(X)                                                                        \
  X(malformed)                                                                                         \
  X(unsupported) X(bad_signature) X(wrong_submitter) X(wrong_network) X(not_member) X(counter_too_old) \
      X(ciphertext_mismatch) X(busy) X(full) X(stopped) X(not_found) X(denied) X(rollback_seen) X(too_large) X(clock) \
      X(recovering)

// clang-format on

#define BESA_ENUMERATOR(name) name,
enum class WireError : std::uint16_t { none = 0, BESA_WIRE_ERROR_LIST(BESA_ENUMERATOR) };
#undef BESA_ENUMERATOR

// "none" for 0, "unknown" for a number outside the list (a newer broker's).
std::string_view name_of(WireError error);
std::optional<WireError> parse_wire_error(std::string_view name);

// What the broker answers for its own errors, and what a client makes of an answer.
WireError wire_error_of(base::ErrorKind kind);
base::ErrorKind error_kind_of(WireError error);
// Whether the same request may succeed later without a change: busy, full, stopped, rollback_seen, clock,
// recovering (from a loss: what is offered again is kept until all of it is decided, what is new waits).
bool is_temporary(WireError error);

}  // namespace besa::wire
