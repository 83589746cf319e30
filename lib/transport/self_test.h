// Inside lib/transport only: proves at start that a gate's socket keeps strangers out.
#pragma once

#include "base/ids.h"
#include "base/result.h"

namespace besa::transport {

// Connects to `endpoint` with a fresh key and without any. Ok only if both were refused; no answer is no proof.
// Errors: configuration. Cost: some milliseconds; at most half a minute.
[[nodiscard]] base::Status strangers_are_refused(const std::string& endpoint, const base::TransportKey& server);

}  // namespace besa::transport
