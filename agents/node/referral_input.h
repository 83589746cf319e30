// A referral as operators write it (JSON).
//
//   {"kind": "referral", "purpose": "protection", "priority": "urgent_72h", "person_class": "adult",
//    "references": [{"type": "legal_ground", "text": "…"}],
//    "sections": {"identity": {"basis": "legal_obligation", "handling": ["no_onward"], "content": {…}},
//                 "health": {"basis": "consent", "grant": "now", "content": {…}}},
//    "consent": "c3", "break_glass": "danger_to_life",
//    "to": {"shelter": {"sections": ["identity", "health"]}, "iom": {}}}
//
// `kind`, `references`, `consent`, `break_glass`, `to`, `grant` and `handling` may be left out. `to` names who gets
// which sections; without `sections` all. The texts of references stay in this node; only salted hashes travel.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agents/node/input.h"
#include "agents/node/records.h"
#include "envelope/random.h"

namespace besa::node {

struct Addressee {
  std::string name;                                     // local
  std::optional<std::vector<core::Category>> sections;  // none: all
};

struct ReferralInput {
  Draft draft;  // without recipient
  std::vector<Addressee> to;
};

// Every section's content is checked against its category; a mistake names the pointer inside it.
Input<ReferralInput> read_referral(const program::Json& json, const envelope::RandomSource& random);

// The field "sections" alone, for an update.
Input<std::vector<SectionDraft>> read_sections(const program::Json& json, const std::string& pointer);

// "s17", "r42", "c3": a letter and a number. None for anything else.
std::optional<std::uint64_t> parse_local_id(std::string_view text, char letter);

}  // namespace besa::node
