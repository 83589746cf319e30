// Standard base64 (RFC 4648, section 4), strict in both directions. For public text: it takes no care of timing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace besa::base {

std::string base64_encode(ByteView bytes);

// Each byte string has exactly one accepted text: padding must be there, unused trailing bits must be zero, and
// whitespace, the URL alphabet or anything after the end is refused. The empty text gives no bytes.
[[nodiscard]] std::optional<Bytes> base64_decode(std::string_view text);

}  // namespace besa::base
