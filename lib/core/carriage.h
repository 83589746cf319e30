// What rules and consent look at when a section travels: from a fresh envelope at submission, or from an accepted
// message when it is handed out. Internal to the decision files of lib/core.
#pragma once

#include "core/consent.h"

namespace besa::core {

struct ConsentCandidate {
  Reference reference;
  ConsentRecord consent;
};

struct Carriage {
  Passage passage;
  ConsentParty sender;
  ConsentParty recipient;
  std::vector<Section> sections;
  bool returning = false;                    // from the thread's receiver to its opener
  std::vector<ConsentCandidate> candidates;  // used in the thread, then cited now; oldest first
  Moment now;
};

struct SectionFailure {
  Reason reason = Reason::none;
  std::uint16_t rule = 0;
  std::size_t section = 0;
};

// Deny rules over all sections, then allow rules over all sections; fills `rules` with the rule of each section.
std::optional<SectionFailure> check_rules(const Policy& policy, const Carriage& carriage,
                                          std::vector<std::uint16_t>& rules);

// Does any of the candidates exclude the recipient? Binds every basis; a consent's author is not excluded by it.
bool is_excluded(const Carriage& carriage);

// The consent that carries `category`: the named one, or the oldest that does if none is named. Empty: not covered.
std::optional<Reference> find_carrying(const Carriage& carriage, Category category, const Reference& named);

// Those that are in the view, in order. Errors: damaged.
[[nodiscard]] Result<std::vector<ConsentCandidate>> read_candidates(const View& view,
                                                                    const std::vector<Reference>& references);

}  // namespace besa::core
