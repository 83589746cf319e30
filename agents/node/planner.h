// What would happen: the broker's own function, run on this node's verified view before anything is sent.
#pragma once

#include <string>
#include <vector>

#include "agents/node/node.h"

namespace besa::node {

// A section that may not go to this recipient.
struct LeftOut {
  core::Category category = core::Category::none;
  core::Reason reason = core::Reason::none;
  std::string rule_id;  // of the rule that said so; empty if none did
  std::string words;
};

struct Plan {
  Draft draft;        // sections that go, each with the rule that allows it
  bool known = true;  // false: it rests on something whose decision is not known yet
  bool accepted = false;
  std::vector<LeftOut> left_out;             // fitting: dropped; otherwise: why the whole is refused
  core::Reason reason = core::Reason::none;  // of a refusal
  std::string rule_id;
  std::string words;  // why, or why it is not known yet
};

// `fitting`: sections that may not go are dropped for this recipient instead of refusing the whole. The lock is held.
// Errors: unavailable (no policy is known yet), damaged.
[[nodiscard]] base::Result<Plan> plan(Node& node, Draft draft, bool fitting);

}  // namespace besa::node
