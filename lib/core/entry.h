// The entry: the leaf of the tree. What was decided about one statement, bound to its bytes by hash.
// Source: docs/protocol.md "The entry".
#pragma once

#include <vector>

#include "core/statement.h"

namespace besa::core {

struct Item {
  Reference reference;  // zeros for a section of the statement itself
  std::uint16_t section = kNoSection;
  Verdict verdict = Verdict::none;
  std::uint16_t reason = 0;  // a Reason; in a tick a DueCode
  std::uint16_t rule = 0;
  Basis basis = Basis::none;
  friend auto operator<=>(const Item&, const Item&) = default;
};

struct Decision {
  Verdict verdict = Verdict::none;
  Reason reason = Reason::none;
  std::uint16_t rule = 0;
  std::vector<Item> items;  // at most 256, in input order
  bool accepted() const { return verdict == Verdict::accepted; }
  friend auto operator<=>(const Decision&, const Decision&) = default;
};

// One thing that the rules name and that changed, or that somebody must do.
struct Effect {
  EffectCode code = EffectCode::none;
  Reference reference;
  std::uint16_t section = kNoSection;
  MemberId member;  // for due_set and due_cleared: fourteen zeros and the due code (2)
  std::uint64_t value = 0;
  friend auto operator<=>(const Effect&, const Effect&) = default;
};

// code (2), reference (56), section (2), member (16), value (8).
Bytes encode_effect(const Effect& effect);
// SHA-256("besa/1 effects" 00 previous effects), the effects sorted bytewise.
Digest chain_effects(const Digest& previous, const std::vector<Effect>& effects);

struct Entry {
  Sequence sequence;
  Timestamp now;
  StatementType type = StatementType::none;
  StatementId id;
  Digest blocks_hash;
  Digest rows_root;
  MemberId submitter;
  Decision decision;
  Digest effects_chain;
  Sequence governance_previous;
  Sequence keys_previous;
  friend auto operator<=>(const Entry&, const Entry&) = default;
};

// Canonical bytes, version 1 first, under 65,535. Type and verdicts (of items too) must be codes of their lists, and
// there are at most 256 items: anything else is a programmer error when encoding, malformed when decoding. Reasons,
// rules and bases are kept as they came. Decoding accepts exactly what encoding gives.
Bytes encode_entry(const Entry& entry);
[[nodiscard]] Result<Entry> decode_entry(ByteView bytes);
Bytes encode_decision(const Decision& decision);

// What lies beside an entry: body, blocks, rows, policy, each length (4) and bytes, rows again each sized.
struct Beside {
  Bytes body;
  Bytes blocks;
  std::vector<Bytes> rows;
  Bytes policy;
};
Bytes encode_beside(const Beside& beside);
[[nodiscard]] Result<Beside> decode_beside(ByteView bytes);
Beside beside_of(const ParsedStatement& statement);

}  // namespace besa::core
