// One line that must not be seen or kept: from a terminal without echo, or from a pipe.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace besa::program {

// Reads one line from standard input, without its end. Where that is a terminal, `prompt` goes to standard error and
// what is typed does not show; a signal that comes meanwhile is delivered once the terminal is as it was.
// Errors: malformed (longer than `most_bytes`, or nothing there), io.
[[nodiscard]] base::Result<std::string> read_hidden_line(const char* prompt, std::size_t most_bytes);

// Overwrites a text that was secret; the compiler cannot drop it.
void wipe_text(std::string& text);

}  // namespace besa::program
