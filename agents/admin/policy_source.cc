#include "agents/admin/policy_source.h"

#include <algorithm>
#include <map>

#include "program/nearest.h"
#include "program/toml.h"

namespace besa::admin {
namespace {

using program::TomlFile;
using program::TomlTable;
using Names = std::vector<std::string>;

constexpr std::int64_t kMostHours = 24 * 365;
constexpr std::int64_t kMostRetentionDays = 3650;
constexpr std::int64_t kMostLifeHours = 720;

class Compiler {
 public:
  explicit Compiler(TomlTable root) : root_(std::move(root)) {}

  core::Policy compile() {
    read_sets();
    core::Policy policy;
    policy.retention_days = number(root_, "retention_days", 1, kMostRetentionDays, 365);
    policy.life_hours = number(root_, "life_hours", 1, kMostLifeHours, kMostLifeHours);
    policy.withdrawal_seconds = read_withdrawal_answer();
    policy.required_checks = read_checks();
    TomlTable basis = root_.table("basis");
    for (const std::string& name : basis.keys()) policy.basis.push_back(read_demand(basis, name));
    TomlTable emergency = root_.table("emergency");
    policy.emergency_priority = codes<core::Priority>(emergency, "priority", "priority");
    policy.emergency_category = codes<core::Category>(emergency, "category", "category");
    for (TomlTable& rule : root_.tables("rule")) policy.rules.push_back(read_rule(rule));
    if (policy.rules.empty()) root_.complain("rule", "a policy without rules lets nothing through; add a [[rule]]");
    return policy;
  }

 private:
  void read_sets() {
    TomlTable sets = root_.table("set");
    for (const std::string& name : sets.keys()) {
      sets_[name] = sets.texts(name);
      if (is_code(name)) sets.complain(name, "a set must not have the name of a code: it would hide the code");
    }
  }

  static bool is_code(const std::string& name) {
    return core::parse_code<core::Sector>(name) || core::parse_code<core::Category>(name) ||
           core::parse_code<core::Purpose>(name) || core::parse_code<core::Kind>(name) ||
           core::parse_code<core::Priority>(name) || core::parse_code<core::PersonClass>(name);
  }

  static std::uint32_t number(TomlTable& table, std::string_view key, std::int64_t least, std::int64_t most,
                              std::int64_t fallback) {
    return static_cast<std::uint32_t>(table.integer(key, least, most, fallback));
  }

  // In whole seconds, as the policy has it.
  std::uint32_t read_withdrawal_answer() {
    const base::Duration time = root_.duration("withdrawal_answer", base::hours(72));
    if (time.ms < 1000 || time > base::days(kMostRetentionDays)) {
      root_.complain("withdrawal_answer", "must be from 1s to 3650d");
      return 0;
    }
    return static_cast<std::uint32_t>(time.ms / 1000);
  }

  // A list, or a single name, with sets replaced by their members.
  Names names(TomlTable& table, std::string_view key) {
    Names given;
    if (!table.has(key)) return given;
    given = table.texts(key);
    Names out;
    for (const std::string& name : given) {
      const auto set = sets_.find(name);
      if (set == sets_.end()) {
        out.push_back(name);
      } else {
        out.insert(out.end(), set->second.begin(), set->second.end());
      }
    }
    return out;
  }

  template <class Code>
  std::optional<Code> code(TomlTable& table, std::string_view key, const std::string& name, std::string_view what) {
    const auto parsed = core::parse_code<Code>(name);
    if (!parsed) table.complain(key, "no such " + std::string(what) + " or set '" + name + "'" + guess<Code>(name));
    return parsed;
  }

  template <class Code>
  std::string guess(const std::string& name) const {
    const auto names = core::names_of(Code{});
    Names known(names.begin(), names.end());
    for (const auto& [set, members] : sets_) known.push_back(set);
    const std::string nearest = program::did_you_mean(name, known);
    return nearest.empty() ? "; docs/protocol.md lists the codes" : nearest;
  }

  template <class Code>
  core::CodeSet<Code> codes(TomlTable& table, std::string_view key, std::string_view what) {
    core::CodeSet<Code> out;
    for (const std::string& name : names(table, key)) {
      if (const auto parsed = code<Code>(table, key, name, what)) out.insert(*parsed);
    }
    return out;
  }

  template <class Code>
  core::CodeSet<Code> required_codes(TomlTable& table, std::string_view key, std::string_view what) {
    core::CodeSet<Code> out = codes<Code>(table, key, what);
    if (!table.has(key)) table.complain(key, "an allow rule must say '" + std::string(key) + "'");
    return out;
  }

  std::uint16_t read_checks() {
    std::uint16_t bits = 0;
    for (const std::string& name : root_.texts("required_checks")) {
      const auto* found = std::find(std::begin(kCheckNames), std::end(kCheckNames), name);
      if (found == std::end(kCheckNames)) {
        root_.complain("required_checks", "no such check '" + name +
                                              "'; known: interview, purpose, actual_and_potential_use, research_use, "
                                              "request_data, retention, withdrawal");
        continue;
      }
      bits = static_cast<std::uint16_t>(bits | (1U << (found - std::begin(kCheckNames))));
    }
    return bits;
  }

  core::BasisDemand read_demand(TomlTable& table, const std::string& name) {
    core::BasisDemand demand;
    if (const auto basis = code<core::Basis>(table, name, name, "basis")) demand.basis = *basis;
    TomlTable fields = table.table(name);
    if (const auto reference = fields.find_text("reference")) {
      if (const auto type = code<core::ReferenceType>(fields, "reference", *reference, "reference type")) {
        demand.reference = *type;
      }
    }
    demand.person = codes<core::PersonClass>(fields, "person", "person class");
    return demand;
  }

  core::BasisCategories read_categories(TomlTable& rule, std::string_view key) {
    core::BasisCategories out;
    TomlTable table = rule.table(key);
    for (const std::string& name : table.keys()) {
      const auto basis = code<core::Basis>(table, name, name, "basis");
      const auto categories = codes<core::Category>(table, name, "category");
      if (basis) out[*basis].merge(categories);
    }
    return out;
  }

  core::LinkDemand read_link(TomlTable& link) {
    core::LinkDemand out;
    if (const auto role = code<core::RowRole>(link, "role", link.text("role"), "row role")) out.role = *role;
    out.kind = codes<core::Kind>(link, "kind", "kind");
    out.from = codes<core::Sector>(link, "from", "sector");
    if (const auto value = link.find_text("value")) {
      if (const auto parsed = code<core::Screening>(link, "value", *value, "screening value")) out.value = *parsed;
    }
    if (const auto same = link.find_text("same_reference")) {
      if (const auto type = code<core::ReferenceType>(link, "same_reference", *same, "reference type")) {
        out.same_reference = *type;
      }
    }
    out.max_hours = number(link, "max_hours", 0, kMostHours, 0);
    out.once = link.boolean("once", false);
    return out;
  }

  core::Rule read_rule(TomlTable& table) {
    core::Rule rule;
    rule.id = table.text("id");
    rule.deny = table.boolean("deny", false);
    if (rule.deny) {
      rule.from = codes<core::Sector>(table, "from", "sector");
      rule.to = codes<core::Sector>(table, "to", "sector");
      rule.kind = codes<core::Kind>(table, "kind", "kind");
      rule.purpose = codes<core::Purpose>(table, "purpose", "purpose");
      rule.category = codes<core::Category>(table, "category", "category");
      rule.except = codes<core::Category>(table, "except", "category");
      rule.origin_purpose = codes<core::Purpose>(table, "origin_purpose", "purpose");
    } else {
      read_allow(table, rule);
    }
    rule.priority = codes<core::Priority>(table, "priority", "priority");
    rule.person = codes<core::PersonClass>(table, "person", "person class");
    return rule;
  }

  void read_allow(TomlTable& table, core::Rule& rule) {
    rule.from = required_codes<core::Sector>(table, "from", "sector");
    rule.to = required_codes<core::Sector>(table, "to", "sector");
    rule.kind = required_codes<core::Kind>(table, "kind", "kind");
    rule.purpose = required_codes<core::Purpose>(table, "purpose", "purpose");
    rule.send = read_categories(table, "send");
    rule.back = read_categories(table, "back");
    rule.later = codes<core::Category>(table, "later", "category");
    TomlTable references = table.table("reference");
    for (const std::string& name : references.keys()) {
      core::BasisDemand demand;
      if (const auto basis = code<core::Basis>(references, name, name, "basis")) demand.basis = *basis;
      const std::string type_name = references.text(name);
      if (const auto type = code<core::ReferenceType>(references, name, type_name, "reference type")) {
        demand.reference = *type;
      }
      rule.demands.push_back(demand);
    }
    TomlTable link = table.table("link");
    if (link.present()) rule.links.push_back(read_link(link));
    rule.fresh_matter = table.boolean("fresh_matter", false);
    rule.responsible = table.boolean("responsible", false);
    rule.answer_hours = number(table, "answer_hours", 0, kMostHours, 0);
    rule.review_hours = number(table, "review_hours", 0, kMostHours, 0);
  }

  TomlTable root_;
  std::map<std::string, Names> sets_;
};

template <class Code>
bool within(core::CodeSet<Code> inner, core::CodeSet<Code> any_if_empty) {
  return any_if_empty.empty() || any_if_empty.contains_all(inner);
}

// Does this deny rule catch every section that `rule` would send under this category?
bool always_denied(const core::Rule& deny, const core::Rule& rule, core::Category category) {
  if (!within(rule.from, deny.from) || !within(rule.to, deny.to)) return false;
  if (!within(rule.kind, deny.kind) || !within(rule.purpose, deny.purpose)) return false;
  if (!deny.origin_purpose.empty() || !deny.priority.empty() || !deny.person.empty()) return false;
  if (!deny.category.empty()) return deny.category.contains(category);
  return !deny.except.contains(category);
}

template <class Code, class Visit>
void each_code(core::CodeSet<Code> set, Visit visit) {
  for (std::size_t number = 1; number <= core::names_of(Code{}).size(); ++number) {
    const auto code = static_cast<Code>(number);
    if (set.contains(code)) visit(code);
  }
}

core::CodeSet<core::Category> all_sent(const core::BasisCategories& by_basis) {
  core::CodeSet<core::Category> out;
  for (const auto& [basis, categories] : by_basis) out.merge(categories);
  return out;
}

void check_bases(const core::BasisCategories& by_basis, std::uint16_t number, std::vector<Finding>& findings) {
  for (const auto& [basis, categories] : by_basis) {
    each_code(categories, [&, carried_by = basis](core::Category category) {
      if (core::basis_carries(carried_by, category)) return;
      findings.push_back({true, number,
                          "basis " + std::string(core::name_of(carried_by)) + " can never carry " +
                              std::string(core::name_of(category))});
    });
  }
}

void check_never_matches(const core::Policy& policy, const core::Rule& rule, std::uint16_t number,
                         std::vector<Finding>& findings) {
  const core::CodeSet<core::Category> sent = all_sent(rule.send);
  each_code(sent, [&](core::Category category) {
    for (std::size_t i = 0; i < policy.rules.size(); ++i) {
      if (!policy.rules[i].deny || !always_denied(policy.rules[i], rule, category)) continue;
      findings.push_back({false, number,
                          "sending " + std::string(core::name_of(category)) + " can never pass: deny rule " +
                              std::to_string(i + 1) + " (" + policy.rules[i].id + ") beats it"});
    }
  });
}

void check_allow(const core::Policy& policy, const core::Rule& rule, std::uint16_t number,
                 std::vector<Finding>& findings) {
  if (rule.send.empty() && rule.back.empty()) findings.push_back({true, number, "allows nothing: no send and no back"});
  check_bases(rule.send, number, findings);
  check_bases(rule.back, number, findings);
  if (!all_sent(rule.send).contains_all(rule.later)) {
    findings.push_back({true, number, "later names a category that send does not"});
  }
  check_never_matches(policy, rule, number, findings);
}

}  // namespace

base::Result<core::Policy> load_policy(const std::string& path) {
  BESA_ASSIGN(TomlFile file, TomlFile::load(path));
  core::Policy policy = Compiler(file.root()).compile();
  BESA_TRY(file.finish());
  return policy;
}

std::vector<Finding> check_policy(const core::Policy& policy) {
  std::vector<Finding> findings;
  std::map<std::string, std::uint16_t> seen;
  for (std::size_t i = 0; i < policy.rules.size(); ++i) {
    const core::Rule& rule = policy.rules[i];
    const auto number = static_cast<std::uint16_t>(i + 1);
    const auto [earlier, is_new] = seen.emplace(rule.id, number);
    if (!is_new) findings.push_back({true, number, "has the id of rule " + std::to_string(earlier->second)});
    if (!rule.deny) check_allow(policy, rule, number, findings);
  }
  return findings;
}

}  // namespace besa::admin
