#include "agents/admin/policy_words.h"

#include "agents/admin/policy_source.h"
#include "base/limits.h"

namespace besa::admin {
namespace {

constexpr auto kLifeHours = static_cast<std::uint32_t>(base::limits::kStatementLife.ms / base::hours(1).ms);

template <class Code>
std::string list_of(core::CodeSet<Code> set) {
  if (set.empty()) return "any";
  std::string out;
  for (std::size_t i = 1; i <= core::names_of(Code{}).size(); ++i) {
    if (!set.contains(static_cast<Code>(i))) continue;
    if (!out.empty()) out += ", ";
    out += core::name_of(static_cast<Code>(i));
  }
  return out;
}

template <class Code>
std::string only(std::string_view label, core::CodeSet<Code> set) {
  return set.empty() ? std::string() : "; " + std::string(label) + " " + list_of(set);
}

std::string hours(std::string_view label, std::uint32_t count) {
  return count == 0 ? std::string() : "; " + std::string(label) + " " + std::to_string(count) + " hours";
}

std::string by_basis(std::string_view label, const core::BasisCategories& categories) {
  std::string out;
  for (const auto& [basis, set] : categories) {
    if (set.empty()) continue;
    out += "; " + std::string(label) + " on " + std::string(core::name_of(basis)) + ": " + list_of(set);
  }
  return out;
}

std::string demand_words(const core::BasisDemand& demand) {
  std::string out(core::name_of(demand.basis));
  if (demand.reference != core::ReferenceType::none) {
    out += " needs a reference of type " + std::string(core::name_of(demand.reference));
  }
  return out + only("only for", demand.person);
}

std::string link_words(const core::LinkDemand& link) {
  std::string out =
      "; needs " + std::string(core::name_of(link.role)) + only("of kind", link.kind) + only("by", link.from);
  if (link.value != core::Screening::none) out += "; with the value " + std::string(core::name_of(link.value));
  if (link.same_reference != core::ReferenceType::none) {
    out += "; with the same " + std::string(core::name_of(link.same_reference));
  }
  return out + hours("not older than", link.max_hours) + (link.once ? "; used once" : "");
}

std::string conditions(const core::Rule& rule) {
  return only("in threads opened by", rule.kind) + only("for", rule.purpose) + only("only of priority", rule.priority) +
         only("only for a person who is", rule.person);
}

std::string deny_words(const core::Rule& rule) {
  const std::string what =
      rule.except.empty() ? list_of(rule.category) + " category" : "anything but " + list_of(rule.except);
  return what + " from " + list_of(rule.from) + " to " + list_of(rule.to) + conditions(rule) +
         only("if passed on from", rule.origin_purpose);
}

std::string allow_words(const core::Rule& rule) {
  std::string out = "from " + list_of(rule.from) + " to " + list_of(rule.to) + conditions(rule) +
                    by_basis("send", rule.send) + by_basis("back", rule.back) +
                    only("only after acceptance", rule.later);
  for (const core::BasisDemand& demand : rule.demands) out += "; here " + demand_words(demand);
  for (const core::LinkDemand& link : rule.links) out += link_words(link);
  if (rule.fresh_matter) out += "; in a matter of its own";
  if (rule.responsible) out += "; by the responsible agency";
  return out + hours("answer within", rule.answer_hours) + hours("review within", rule.review_hours);
}

std::string check_words(std::uint16_t checks) {
  std::string out;
  for (std::size_t i = 0; i < kCheckNames.size(); ++i) {
    if ((checks & (1U << i)) == 0) continue;
    out += (out.empty() ? "" : ", ") + std::string(kCheckNames[i]);
  }
  return out.empty() ? "none" : out;
}

std::string rule_line(const core::Policy& policy, std::size_t i) {
  const core::Rule& rule = policy.rules[i];
  return std::to_string(i + 1) + " " + rule.id + ": " +
         (rule.deny ? "never " + deny_words(rule) : "may " + allow_words(rule));
}

// An empty set in a deny rule means any.
bool speaks_of(const core::Rule& rule, core::CodeSet<core::Sector> set, core::Sector sector) {
  return set.contains(sector) || (rule.deny && set.empty());
}

}  // namespace

std::vector<std::string> describe_for(const core::Policy& policy, core::Sector sector) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < policy.rules.size(); ++i) {
    const core::Rule& rule = policy.rules[i];
    const bool from = speaks_of(rule, rule.from, sector);
    const bool to = speaks_of(rule, rule.to, sector);
    if (!from && !to) continue;
    if (rule.deny) {
      out.push_back(rule_line(policy, i));
    } else {
      out.push_back(std::string(from && to ? "opens and gets " : from ? "opens " : "gets ") + rule_line(policy, i));
    }
  }
  return out;
}

std::vector<std::string> describe_policy(const core::Policy& policy) {
  std::vector<std::string> out;
  out.push_back("ended threads stay " + std::to_string(policy.retention_days) + " days; a statement lives at most " +
                std::to_string(policy.life_hours == 0 ? kLifeHours : policy.life_hours) + " hours");
  out.push_back("checks that a consent must have answered yes: " + check_words(policy.required_checks));
  for (const core::BasisDemand& demand : policy.basis) out.push_back(demand_words(demand));
  if (!policy.emergency_category.empty()) {
    out.push_back("in an emergency (" + list_of(policy.emergency_priority) +
                  ") these go at once: " + list_of(policy.emergency_category));
  }
  for (std::size_t i = 0; i < policy.rules.size(); ++i) out.push_back(rule_line(policy, i));
  return out;
}

}  // namespace besa::admin
