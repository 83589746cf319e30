#include "core/policy.h"

#include <algorithm>

namespace besa::core {
namespace {

template <class Code>
bool is_any_or_contains(CodeSet<Code> set, Code code) {
  return set.empty() || set.contains(code);
}

// Whoever is not known to be an adult counts as a minor.
bool admits_person(CodeSet<PersonClass> set, PersonClass person) {
  if (set.empty()) return true;
  if (person == PersonClass::adult) return set.contains(PersonClass::adult);
  return set.contains(PersonClass::minor) || set.contains(PersonClass::unknown);
}

bool denies_category(const Rule& rule, Category category) {
  return is_any_or_contains(rule.category, category) && !rule.except.contains(category);
}

bool denies_origin(const Rule& rule, CodeSet<Purpose> origins) {
  return rule.origin_purpose.empty() || (rule.origin_purpose.bits() & origins.bits()) != 0;
}

bool denies(const Rule& rule, const Passage& passage, const Section& section) {
  return rule.deny && is_any_or_contains(rule.from, passage.sender_sector) &&
         is_any_or_contains(rule.to, passage.recipient_sector) && is_any_or_contains(rule.kind, passage.opening_kind) &&
         is_any_or_contains(rule.purpose, passage.purpose) && is_any_or_contains(rule.priority, passage.priority) &&
         admits_person(rule.person, passage.person_class) && denies_category(rule, section.category) &&
         denies_origin(rule, passage.origin_purposes);
}

bool lists(const BasisCategories& categories, const Section& section) {
  const auto found = categories.find(section.basis);
  return found != categories.end() && found->second.contains(section.category);
}

bool is_candidate(const Rule& rule, const Passage& passage, const Section& section) {
  return !rule.deny && rule.from.contains(passage.opener_sector) && rule.to.contains(passage.receiver_sector) &&
         rule.kind.contains(passage.opening_kind) && rule.purpose.contains(passage.purpose) &&
         lists(passage.from_opener ? rule.send : rule.back, section);
}

// What `basis` demands under this rule.
BasisDemand demand_for(const Policy& policy, const Rule& rule, Basis basis) {
  BasisDemand out;
  out.basis = basis;
  const auto lay_over = [&](const std::vector<BasisDemand>& demands) {
    for (const BasisDemand& demand : demands) {
      if (demand.basis != basis) continue;
      if (demand.reference != ReferenceType::none) out.reference = demand.reference;
      if (!demand.person.empty()) out.person = demand.person;
    }
  };
  lay_over(policy.basis);
  lay_over(rule.demands);
  return out;
}

bool carries_reference(const Passage& passage, ReferenceType type) {
  if (type == ReferenceType::none) return true;
  return std::find(passage.references.begin(), passage.references.end(), type) != passage.references.end();
}

bool is_emergency(const Policy& policy, const Passage& passage, Category category) {
  return policy.emergency_priority.contains(passage.priority) && policy.emergency_category.contains(category);
}

bool comes_too_early(const Policy& policy, const Rule& rule, const Passage& passage, const Section& section) {
  return rule.later.contains(section.category) && section.grant != Grant::later &&
         !is_emergency(policy, passage, section.category);
}

// The first requirement of a candidate that fails; none if all hold.
Reason failing_requirement(const Policy& policy, const Rule& rule, const Passage& passage, const Section& section) {
  if (!admits_person(rule.person, passage.person_class)) return Reason::class_not_allowed;
  if (!is_any_or_contains(rule.priority, passage.priority)) return Reason::priority_not_allowed;
  const BasisDemand demand = demand_for(policy, rule, section.basis);
  if (!carries_reference(passage, demand.reference)) return Reason::reference_missing;
  if (!admits_person(demand.person, passage.person_class)) return Reason::class_not_allowed;
  if (comes_too_early(policy, rule, passage, section)) return Reason::later_required;
  if (!rule.links.empty()) return Reason::link_missing;
  return Reason::none;
}

std::uint16_t number_at(std::size_t place) { return static_cast<std::uint16_t>(place + 1); }

std::uint64_t hours_of(Priority priority) {
  switch (priority) {
    case Priority::immediate_1h: return 1;
    case Priority::emergency_24h: return 24;
    case Priority::urgent_72h: return 72;
    case Priority::none:
    case Priority::normal_2weeks: return 336;
  }
  return 336;
}

}  // namespace

RuleVerdict check_denied(const Policy& policy, const Passage& passage, const Section& section) {
  for (std::size_t i = 0; i < policy.rules.size(); ++i) {
    if (denies(policy.rules[i], passage, section)) return {Reason::denied, number_at(i)};
  }
  return {};
}

RuleVerdict check_allowed(const Policy& policy, const Passage& passage, const Section& section) {
  if (!basis_carries(section.basis, section.category)) return {Reason::no_rule, 0};
  if (section.basis == Basis::in_thread) return {passage.opens_thread ? Reason::no_rule : Reason::none, 0};
  RuleVerdict first = {Reason::no_rule, 0};
  for (std::size_t i = 0; i < policy.rules.size(); ++i) {
    const Rule& rule = policy.rules[i];
    if (!is_candidate(rule, passage, section)) continue;
    const RuleVerdict verdict = {failing_requirement(policy, rule, passage, section), number_at(i)};
    if (verdict.allowed()) return verdict;
    if (first.rule == 0) first = verdict;
  }
  return first;
}

bool basis_carries(Basis basis, Category category) {
  if (basis == Basis::in_thread) return category == Category::response;
  if (basis == Basis::not_personal) return category == Category::summary || category == Category::counts;
  return true;
}

Duration time_to_answer(const Policy& policy, std::uint16_t rule, Priority priority) {
  const bool named = rule >= 1 && rule <= policy.rules.size();
  const std::uint32_t by_rule = named ? policy.rules[rule - 1U].answer_hours : 0;
  return base::hours(by_rule == 0 ? hours_of(priority) : by_rule);
}

Duration time_to_answer_withdrawal(const Policy& policy) {
  if (policy.withdrawal_seconds == 0) return base::hours(72);
  return Duration{std::uint64_t{policy.withdrawal_seconds} * 1000};
}

}  // namespace besa::core
