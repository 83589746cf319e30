// The compiled rule table, in both directions.
#include "schemas/policy_generated.h"

#include <set>

#include "wire/statement.h"
#include "wire/table_view.h"

namespace besa::wire {
namespace {

using base::ErrorKind;
using base::fail;
using base::Result;
using base::Status;
using flatbuffers::Offset;

// Reads codes and remembers whether all of them were in their lists.
class CodeReader {
 public:
  template <class Code, class Number>
  core::CodeSet<Code> set(const flatbuffers::Vector<Number>* numbers) {
    const auto out = code_set<Code>(numbers);
    known_ = known_ && all_known(out);
    return out;
  }
  template <class Code>
  Code some(std::uint16_t number) {
    const auto code = static_cast<Code>(number);
    known_ = known_ && core::in_list(code);
    return code;
  }
  template <class Code>
  Code some_or_none(std::uint16_t number) {
    return number == 0 ? Code::none : some<Code>(number);
  }
  bool known() const { return known_; }

 private:
  bool known_ = true;
};

using CategoryTables = flatbuffers::Vector<Offset<schema::BasisCategories>>;
using DemandTables = flatbuffers::Vector<Offset<schema::BasisDemand>>;

Result<core::BasisCategories> read_categories(CodeReader& codes, const CategoryTables* tables) {
  core::BasisCategories out;
  if (tables == nullptr) return out;
  for (const auto* table : *tables) {
    const auto basis = codes.some<core::Basis>(table->basis());
    if (!out.emplace(basis, codes.set<core::Category>(table->categories())).second) {
      return fail(ErrorKind::malformed, "a rule names a basis twice");
    }
  }
  return out;
}

std::vector<core::BasisDemand> read_demands(CodeReader& codes, const DemandTables* tables) {
  std::vector<core::BasisDemand> out;
  if (tables == nullptr) return out;
  for (const auto* table : *tables) {
    out.push_back({codes.some<core::Basis>(table->basis()), codes.some_or_none<core::ReferenceType>(table->reference()),
                   codes.set<core::PersonClass>(table->person())});
  }
  return out;
}

core::LinkDemand read_link(CodeReader& codes, const schema::LinkDemand& table) {
  core::LinkDemand out;
  out.role = codes.some<core::RowRole>(table.role());
  out.kind = codes.set<core::Kind>(table.kind());
  out.from = codes.set<core::Sector>(table.from());
  out.value = codes.some_or_none<core::Screening>(table.value());
  out.same_reference = codes.some_or_none<core::ReferenceType>(table.same_reference());
  out.max_hours = table.max_hours();
  out.once = table.once() != 0;
  return out;
}

Result<core::Rule> read_rule(CodeReader& codes, const schema::Rule& table) {
  core::Rule out;
  out.id = text_of(table.id());
  if (out.id.empty()) return fail(ErrorKind::malformed, "a rule has no id");
  out.deny = table.deny() != 0;
  out.from = codes.set<core::Sector>(table.from());
  out.to = codes.set<core::Sector>(table.to());
  out.kind = codes.set<core::Kind>(table.kind());
  out.purpose = codes.set<core::Purpose>(table.purpose());
  out.priority = codes.set<core::Priority>(table.priority());
  out.person = codes.set<core::PersonClass>(table.person());
  BESA_ASSIGN(out.send, read_categories(codes, table.send()));
  BESA_ASSIGN(out.back, read_categories(codes, table.back()));
  out.later = codes.set<core::Category>(table.later());
  out.demands = read_demands(codes, table.demands());
  out.category = codes.set<core::Category>(table.category());
  out.except = codes.set<core::Category>(table.except());
  out.origin_purpose = codes.set<core::Purpose>(table.origin_purpose());
  if (table.links() != nullptr) {
    for (const auto* link : *table.links()) out.links.push_back(read_link(codes, *link));
  }
  out.fresh_matter = table.fresh_matter() != 0;
  out.responsible = table.responsible() != 0;
  out.answer_hours = table.answer_hours();
  out.review_hours = table.review_hours();
  return out;
}

Offset<CategoryTables> put_categories(Builder& builder, const core::BasisCategories& categories) {
  std::vector<Offset<schema::BasisCategories>> out;
  for (const auto& [basis, set] : categories) {
    const auto codes = put_codes(builder, set);
    out.push_back(schema::CreateBasisCategories(builder, core::number_of(basis), codes));
  }
  return put_tables(builder, out);
}

Offset<DemandTables> put_demands(Builder& builder, const std::vector<core::BasisDemand>& demands) {
  std::vector<Offset<schema::BasisDemand>> out;
  for (const core::BasisDemand& demand : demands) {
    const auto person = put_codes(builder, demand.person);
    out.push_back(
        schema::CreateBasisDemand(builder, core::number_of(demand.basis), core::number_of(demand.reference), person));
  }
  return put_tables(builder, out);
}

Offset<schema::LinkDemand> put_link(Builder& builder, const core::LinkDemand& link) {
  const auto kind = put_codes(builder, link.kind);
  const auto from = put_codes(builder, link.from);
  return schema::CreateLinkDemand(builder, core::number_of(link.role), kind, from, core::number_of(link.value),
                                  core::number_of(link.same_reference), link.max_hours, link.once ? 1 : 0);
}

Offset<schema::Rule> put_rule(Builder& builder, const core::Rule& rule) {
  const auto id = put_text(builder, rule.id);
  const auto from = put_codes(builder, rule.from);
  const auto to = put_codes(builder, rule.to);
  const auto kind = put_codes(builder, rule.kind);
  const auto purpose = put_codes(builder, rule.purpose);
  const auto priority = put_codes<std::uint8_t>(builder, rule.priority);
  const auto person = put_codes(builder, rule.person);
  const auto send = put_categories(builder, rule.send);
  const auto back = put_categories(builder, rule.back);
  const auto later = put_codes(builder, rule.later);
  const auto demands = put_demands(builder, rule.demands);
  const auto category = put_codes(builder, rule.category);
  const auto except = put_codes(builder, rule.except);
  const auto origin_purpose = put_codes(builder, rule.origin_purpose);
  std::vector<Offset<schema::LinkDemand>> links;
  for (const core::LinkDemand& link : rule.links) links.push_back(put_link(builder, link));
  const auto link_vector = put_tables(builder, links);
  return schema::CreateRule(builder, id, rule.deny ? 1 : 0, from, to, kind, purpose, priority, person, send, back,
                            later, demands, category, except, origin_purpose, link_vector, rule.fresh_matter ? 1 : 0,
                            rule.responsible ? 1 : 0, rule.answer_hours, rule.review_hours);
}

}  // namespace

Result<core::Policy> parse_policy(base::ByteView bytes) {
  BESA_ASSIGN(const auto table,
              Checked<schema::Policy>::make(Family::policy, "Policy", bytes,
                                            {base::limits::kPolicyBytes, base::limits::kFrameTables}));
  CodeReader codes;
  core::Policy out;
  out.basis = read_demands(codes, table->basis());
  out.emergency_priority = codes.set<core::Priority>(table->emergency_priority());
  out.emergency_category = codes.set<core::Category>(table->emergency_category());
  out.required_checks = table->required_checks();
  out.retention_days = table->retention_days();
  out.life_hours = table->life_hours();
  out.withdrawal_seconds = table->withdrawal_seconds();
  std::set<std::string> ids;
  if (table->rules() != nullptr) {
    for (const auto* rule_table : *table->rules()) {
      BESA_ASSIGN(core::Rule rule, read_rule(codes, *rule_table));
      if (!ids.insert(rule.id).second) return fail(ErrorKind::malformed, "two rules have the same id");
      out.rules.push_back(std::move(rule));
    }
  }
  if (!codes.known()) return fail(ErrorKind::malformed, "the policy names a code that is in no list");
  return out;
}

base::Bytes encode_policy(const core::Policy& policy) {
  Builder builder;
  const auto basis = put_demands(builder, policy.basis);
  const auto priority = put_codes<std::uint8_t>(builder, policy.emergency_priority);
  const auto category = put_codes(builder, policy.emergency_category);
  std::vector<Offset<schema::Rule>> rules;
  for (const core::Rule& rule : policy.rules) rules.push_back(put_rule(builder, rule));
  const auto rule_vector = put_tables(builder, rules);
  return finish(builder,
                schema::CreatePolicy(builder, basis, priority, category, policy.required_checks, policy.retention_days,
                                     policy.life_hours, rule_vector, policy.withdrawal_seconds));
}

}  // namespace besa::wire
