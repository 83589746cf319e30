// A policy for people: what they read before they sign its adoption.
#pragma once

#include <string>
#include <vector>

#include "core/policy.h"

namespace besa::admin {

// What holds for all, then one line a rule with everything that the rule asks. Nothing of the policy is left out.
std::vector<std::string> describe_policy(const core::Policy& policy);

// The rules that speak of a sector, opening or receiving: what a member of it will be allowed, and what never.
std::vector<std::string> describe_for(const core::Policy& policy, core::Sector sector);

}  // namespace besa::admin
