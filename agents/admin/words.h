// What a decision on a governance statement means to the people who made it, and what to do next.
#pragma once

#include <string>

#include "core/codes.h"

namespace besa::admin {

// "too few administrators have signed it: ... [below_threshold]"
std::string reason_words(core::Reason reason);

}  // namespace besa::admin
