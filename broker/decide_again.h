// One entry of the log decided once more from what lies beside it: the heart of a rebuild and of a recovery.
#pragma once

#include <string>
#include <variant>

#include "core/decide.h"
#include "journal/log_reader.h"

namespace besa::broker {

struct DecidedAgain {
  core::Decided decided;
  core::ParsedStatement statement;
};

// The same bytes come out, or why not.
using Verdict = std::variant<DecidedAgain, std::string>;

// On the view as it was before the entry, at the time that the entry records. Changes nothing. Errors: damaged (the
// view).
[[nodiscard]] base::Result<Verdict> decide_again(const core::View& view, base::ByteView entry, base::ByteView beside);

}  // namespace besa::broker
