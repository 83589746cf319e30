// The rule table as administrators write it (TOML), and the policy that is compiled from it.
//
// `[set]` gives names to lists of sectors or categories; a set may be used wherever its members may. Everything that is
// misspelt, unknown or of the wrong type is a complaint with file, line and the nearest name; nothing is guessed.
// Source of the format: docs/protocol.md "Policy".
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "core/policy.h"

namespace besa::admin {

// The informed checks of a consent, in the order of their bits.
inline constexpr std::array<std::string_view, 7> kCheckNames = {
    "interview", "purpose", "actual_and_potential_use", "research_use", "request_data", "retention", "withdrawal"};

// Errors: configuration with every complaint, a line each; not_found, io.
[[nodiscard]] base::Result<core::Policy> load_policy(const std::string& path);

// A place to look at in a policy that compiles. `rule` 0: the policy as a whole.
struct Finding {
  bool error = false;  // the rule cannot mean what it says
  std::uint16_t rule = 0;
  std::string text;
};

// Finds rules with one id, rules that can never match because a deny rule beats all of them, categories that a basis
// cannot carry, `later` categories that are not sent, and allow rules that allow nothing. Cost: O(rules^2).
std::vector<Finding> check_policy(const core::Policy& policy);

}  // namespace besa::admin
