// Makes the signed statement of a draft: fills in what is only known when it is sent (counter, times, policy in force,
// prekey, gossip), seals and signs. Also the same unsealed, for deciding locally.
#pragma once

#include <optional>

#include "agents/node/node.h"
#include "client/session.h"
#include "core/statement.h"

namespace besa::node {

struct Made {
  wire::StatementParts parts;
  base::StatementId id;
  std::uint64_t pair = 0;
};

// A draft that cannot be made yet: it refers to one that is not accepted, or its recipient has no prekey in force.
struct NotYet {
  std::string words;
  bool never = false;  // what it refers to was refused
};

using Making = tl::expected<Made, NotYet>;

// The lock is held. Errors: NotYet inside the result; damaged, io, full, malformed outside.
[[nodiscard]] base::Result<Making> make_statement(Node& node, const Draft& draft, base::Counter counter,
                                                  const std::optional<core::SignedCheckpoint>& held);

// What a draft of an envelope would ask for, with nothing sealed: for core::preview.
// Errors: not_found (its thread or consent is not known).
[[nodiscard]] base::Result<core::ParsedStatement> unsealed(Node& node, const Draft& draft);

// How long a statement may wait: `life`, bounded by the format and the policy in force.
base::Duration life_of(const Node& node, core::StatementType type);

// The prekey of a member that is in force for longest; none if none is.
[[nodiscard]] base::Result<std::optional<base::BoxKey>> prekey_in_force(const core::View& view,
                                                                        const base::MemberId& member,
                                                                        base::Timestamp now);

// Until when this member's published prekeys reach; 0 without any.
[[nodiscard]] base::Result<base::Timestamp> prekeys_cover(const core::View& view, const base::MemberId& member);

// Pair counters: the next one for a recipient, and what became of the 64 before it.
[[nodiscard]] base::Result<std::pair<std::uint64_t, std::uint64_t>> next_pair(const Store& store,
                                                                              const base::MemberId& to);
enum class PairFate : std::uint8_t { open = 0, accepted = 1, voided = 2 };
void put_pair(Store::Batch& batch, const base::MemberId& to, std::uint64_t pair, PairFate fate);

}  // namespace besa::node
