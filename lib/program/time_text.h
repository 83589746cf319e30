// Times as people and JSON write them. Source: RFC 3339 section 5.6.
#pragma once

#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"

namespace besa::program {

// "2025-03-01T08:30:00Z"; with ".250" if there are milliseconds. Years 1970 to 9999; later: the last moment of 9999.
std::string format_time(base::Timestamp time);

// "WHAT 2025-03-01T08:30:00Z, and the clock of this computer says 2025-03-01T07:00:00Z: look at the clock first". For a
// time that does not fit the own clock, which may be the one that is wrong.
std::string against_clock(std::string_view what, base::Timestamp time, base::Timestamp now);

// RFC 3339 with Z or an offset, up to three digits of a second's fraction; 1970 to 9999. Impossible dates, leap
// seconds, lower case and anything around it are refused. Errors: malformed.
[[nodiscard]] base::Result<base::Timestamp> parse_time(std::string_view text);

// "250ms", "10s", "30m", "12h", "90d". Errors: malformed.
[[nodiscard]] base::Result<base::Duration> parse_duration(std::string_view text);

}  // namespace besa::program
