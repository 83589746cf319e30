// Inside lib/wire: the body of each statement type.
#pragma once

#include "base/result.h"
#include "core/bodies.h"

namespace besa::wire {

// Errors: malformed, unsupported (a type that this version has no body for).
[[nodiscard]] base::Result<core::Body> read_body(core::StatementType type, base::ByteView bytes);
[[nodiscard]] base::Result<core::Envelope> read_envelope(base::ByteView bytes);

}  // namespace besa::wire
