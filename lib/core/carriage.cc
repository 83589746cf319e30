#include "core/carriage.h"

#include <algorithm>

namespace besa::core {

std::optional<SectionFailure> check_rules(const Policy& policy, const Carriage& carriage,
                                          std::vector<std::uint16_t>& rules) {
  for (std::size_t i = 0; i < carriage.sections.size(); ++i) {
    const RuleVerdict verdict = check_denied(policy, carriage.passage, carriage.sections[i]);
    if (!verdict.allowed()) return SectionFailure{verdict.reason, verdict.rule, i};
  }
  for (std::size_t i = 0; i < carriage.sections.size(); ++i) {
    const RuleVerdict verdict = check_allowed(policy, carriage.passage, carriage.sections[i]);
    if (!verdict.allowed()) return SectionFailure{verdict.reason, verdict.rule, i};
    rules.push_back(verdict.rule);
  }
  return std::nullopt;
}

bool is_excluded(const Carriage& carriage) {
  return std::any_of(carriage.candidates.begin(), carriage.candidates.end(), [&](const ConsentCandidate& candidate) {
    return candidate.reference.author != carriage.recipient.member && excludes(candidate.consent, carriage.recipient);
  });
}

std::optional<Reference> find_carrying(const Carriage& carriage, Category category, const Reference& named) {
  for (const ConsentCandidate& candidate : carriage.candidates) {
    if (!named.is_none() && candidate.reference != named) continue;
    if (covers(candidate.consent, candidate.reference.author, carriage.sender, carriage.recipient, category,
               carriage.passage.purpose, carriage.now, carriage.returning)) {
      return candidate.reference;
    }
  }
  return std::nullopt;
}

Result<std::vector<ConsentCandidate>> read_candidates(const View& view, const std::vector<Reference>& references) {
  std::vector<ConsentCandidate> out;
  for (const Reference& reference : references) {
    BESA_ASSIGN(auto consent, find_consent(view, reference));
    if (consent) out.push_back({reference, std::move(*consent)});
  }
  return out;
}

}  // namespace besa::core
