// "Did you mean": the known name closest to a mistyped one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace besa::program {

// The closest candidate by edits (insert, delete, replace, swap of neighbours), if it takes at most a third of the
// name's length (at least one, at most three edits); otherwise empty. Ties: the first. Cost: O(length²) a candidate.
std::string nearest(std::string_view name, const std::vector<std::string>& candidates);

// "; did you mean 'X'?" or nothing.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace besa::program
