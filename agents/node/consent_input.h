// A consent as operators write it (JSON), with members by their local names.
//
//   {"person_class": "adult", "given_by": "self", "form": "written",
//    "checks": ["interview", "purpose", …],
//    "valid_from": "2025-03-01T00:00:00Z", "valid_until": "2025-09-01T00:00:00Z",
//    "child_assent": false, "best_interest": "text", "guardian_conflict": false,
//    "kept_here": {"language": "fr", "interpreter": true},
//    "rows": [{"member": "shelter", "allow": ["identity", "health"], "purposes": ["protection"]},
//             {"sector": "police", "excluded": true}]}
//
// `valid_from` may be left out (now); `kept_here` never leaves this node, only its salted hash does. A row names
// exactly one of member, sector, organisation (32 hex digits).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agents/node/config.h"
#include "core/bodies.h"

#include "agents/node/input.h"

namespace besa::node {

struct ConsentInput {
  core::Consent consent;  // without header, salt and root
  std::vector<core::ConsentRow> rows;
};

// `salt` goes into the salted hashes. Cost: a few hashes.
Input<ConsentInput> read_consent(const program::Json& json, const Peers& peers, const base::Salt& salt,
                                 base::Timestamp now);

// SHA-256 over salt and text.
base::Digest salted_hash(const base::Salt& salt, std::string_view text);

// The seven informed checks in the order of their bits.
std::span<const std::string_view> check_names();

}  // namespace besa::node
