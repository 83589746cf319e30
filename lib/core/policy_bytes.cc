// The bytes of a policy inside the view. Everything is written in the order of the structures; sets as their bits.
#include "base/check.h"
#include "core/policy.h"

namespace besa::core {
namespace {

using base::ByteReader;
using base::ByteWriter;

constexpr std::uint8_t kVersion = 1;

std::uint8_t flag_byte(bool value) { return value ? 1 : 0; }

template <class List, class Write>
void write_list(ByteWriter& writer, const List& list, Write write) {
  BESA_CHECK(list.size() <= UINT16_MAX);
  writer.u16(static_cast<std::uint16_t>(list.size()));
  for (const auto& element : list) write(writer, element);
}

template <class Element, class Read>
std::vector<Element> read_list(ByteReader& reader, Read read) {
  std::vector<Element> list;
  const std::size_t count = reader.u16();
  for (std::size_t i = 0; i < count && reader.ok(); ++i) list.push_back(read(reader));
  return list;
}

template <class Code>
CodeSet<Code> read_set(ByteReader& reader) {
  return CodeSet<Code>::from_bits(reader.u64());
}

void write_demand(ByteWriter& writer, const BasisDemand& demand) {
  writer.u8(number_of(demand.basis)).u16(number_of(demand.reference)).u64(demand.person.bits());
}

BasisDemand read_demand(ByteReader& reader) {
  BasisDemand demand;
  demand.basis = static_cast<Basis>(reader.u8());
  demand.reference = static_cast<ReferenceType>(reader.u16());
  demand.person = read_set<PersonClass>(reader);
  return demand;
}

void write_link(ByteWriter& writer, const LinkDemand& link) {
  writer.u8(number_of(link.role)).u64(link.kind.bits()).u64(link.from.bits()).u16(number_of(link.value));
  writer.u16(number_of(link.same_reference)).u32(link.max_hours).u8(flag_byte(link.once));
}

LinkDemand read_link(ByteReader& reader) {
  LinkDemand link;
  link.role = static_cast<RowRole>(reader.u8());
  link.kind = read_set<Kind>(reader);
  link.from = read_set<Sector>(reader);
  link.value = static_cast<Screening>(reader.u16());
  link.same_reference = static_cast<ReferenceType>(reader.u16());
  link.max_hours = reader.u32();
  link.once = reader.u8() != 0;
  return link;
}

void write_categories(ByteWriter& writer, const BasisCategories& categories) {
  write_list(writer, categories,
             [](ByteWriter& w, const auto& one) { w.u8(number_of(one.first)).u64(one.second.bits()); });
}

BasisCategories read_categories(ByteReader& reader) {
  BasisCategories categories;
  const std::size_t count = reader.u16();
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    const auto basis = static_cast<Basis>(reader.u8());
    categories[basis] = read_set<Category>(reader);
  }
  return categories;
}

void write_rule(ByteWriter& writer, const Rule& rule) {
  writer.sized(base::as_bytes(rule.id)).u8(flag_byte(rule.deny)).u64(rule.from.bits()).u64(rule.to.bits());
  writer.u64(rule.kind.bits()).u64(rule.purpose.bits()).u64(rule.priority.bits()).u64(rule.person.bits());
  write_categories(writer, rule.send);
  write_categories(writer, rule.back);
  writer.u64(rule.later.bits());
  write_list(writer, rule.demands, write_demand);
  writer.u64(rule.category.bits()).u64(rule.except.bits()).u64(rule.origin_purpose.bits());
  write_list(writer, rule.links, write_link);
  writer.u8(flag_byte(rule.fresh_matter)).u8(flag_byte(rule.responsible));
  writer.u32(rule.answer_hours).u32(rule.review_hours);
}

Rule read_rule(ByteReader& reader) {
  Rule rule;
  rule.id = std::string(base::as_text(reader.sized()));
  rule.deny = reader.u8() != 0;
  rule.from = read_set<Sector>(reader);
  rule.to = read_set<Sector>(reader);
  rule.kind = read_set<Kind>(reader);
  rule.purpose = read_set<Purpose>(reader);
  rule.priority = read_set<Priority>(reader);
  rule.person = read_set<PersonClass>(reader);
  rule.send = read_categories(reader);
  rule.back = read_categories(reader);
  rule.later = read_set<Category>(reader);
  rule.demands = read_list<BasisDemand>(reader, read_demand);
  rule.category = read_set<Category>(reader);
  rule.except = read_set<Category>(reader);
  rule.origin_purpose = read_set<Purpose>(reader);
  rule.links = read_list<LinkDemand>(reader, read_link);
  rule.fresh_matter = reader.u8() != 0;
  rule.responsible = reader.u8() != 0;
  rule.answer_hours = reader.u32();
  rule.review_hours = reader.u32();
  return rule;
}

}  // namespace

Bytes encode_policy(const Policy& policy) {
  ByteWriter writer;
  writer.u8(kVersion);
  write_list(writer, policy.basis, write_demand);
  writer.u64(policy.emergency_priority.bits()).u64(policy.emergency_category.bits()).u16(policy.required_checks);
  writer.u32(policy.retention_days).u32(policy.life_hours).u32(policy.withdrawal_seconds);
  write_list(writer, policy.rules, write_rule);
  return writer.take();
}

Result<Policy> decode_policy(ByteView bytes) {
  ByteReader reader(bytes);
  const std::uint8_t version = reader.u8();
  Policy policy;
  policy.basis = read_list<BasisDemand>(reader, read_demand);
  policy.emergency_priority = read_set<Priority>(reader);
  policy.emergency_category = read_set<Category>(reader);
  policy.required_checks = reader.u16();
  policy.retention_days = reader.u32();
  policy.life_hours = reader.u32();
  policy.withdrawal_seconds = reader.u32();
  policy.rules = read_list<Rule>(reader, read_rule);
  // Writing it back is the shortest strict check: flags, order of bases, bases named twice.
  if (version != kVersion || !reader.done() || !base::equal(encode_policy(policy), bytes)) {
    return base::fail(base::ErrorKind::malformed, "the bytes are no policy");
  }
  return policy;
}

}  // namespace besa::core
