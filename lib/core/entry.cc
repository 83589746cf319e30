#include "core/entry.h"

#include <algorithm>

#include "base/check.h"
#include "base/limits.h"
#include "crypto/verify/hash.h"

namespace besa::core {
namespace {

namespace limits = base::limits;
using base::ErrorKind;
using base::fail;

constexpr std::uint8_t kEntryVersion = 1;
constexpr std::string_view kEffectsContext("besa/1 effects\0", 15);

void write_item(base::ByteWriter& writer, const Item& item) {
  BESA_CHECK(in_list(item.verdict));
  writer.reference(item.reference).u16(item.section).u8(number_of(item.verdict)).u16(item.reason).u16(item.rule);
  writer.u8(number_of(item.basis));
}

Item read_item(base::ByteReader& reader) {
  Item item;
  item.reference = reader.reference();
  item.section = reader.u16();
  item.verdict = static_cast<Verdict>(reader.u8());
  item.reason = reader.u16();
  item.rule = reader.u16();
  item.basis = static_cast<Basis>(reader.u8());
  return item;
}

void write_decision(base::ByteWriter& writer, const Decision& decision) {
  BESA_CHECK(in_list(decision.verdict) && decision.items.size() <= limits::kDecisionItems);
  writer.u8(number_of(decision.verdict)).u16(number_of(decision.reason)).u16(decision.rule);
  writer.u16(static_cast<std::uint16_t>(decision.items.size()));
  for (const Item& item : decision.items) write_item(writer, item);
}

Result<Decision> read_decision(base::ByteReader& reader) {
  Decision decision;
  decision.verdict = static_cast<Verdict>(reader.u8());
  decision.reason = static_cast<Reason>(reader.u16());
  decision.rule = reader.u16();
  const std::size_t count = reader.u16();
  if (!reader.ok() || !in_list(decision.verdict) || count > limits::kDecisionItems) {
    return fail(ErrorKind::malformed, "the entry holds no decision");
  }
  decision.items.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    decision.items.push_back(read_item(reader));
    if (!reader.ok() || !in_list(decision.items.back().verdict)) {
      return fail(ErrorKind::malformed, "the entry holds a broken decision item");
    }
  }
  return decision;
}

}  // namespace

Bytes encode_effect(const Effect& effect) {
  base::ByteWriter writer;
  writer.u16(number_of(effect.code)).reference(effect.reference).u16(effect.section).raw(effect.member);
  return writer.u64(effect.value).take();
}

Digest chain_effects(const Digest& previous, const std::vector<Effect>& effects) {
  std::vector<Bytes> encoded;
  encoded.reserve(effects.size());
  for (const Effect& effect : effects) encoded.push_back(encode_effect(effect));
  std::sort(encoded.begin(), encoded.end());
  crypto::Sha256 hash;
  hash.update(base::as_bytes(kEffectsContext)).update(previous.view());
  for (const Bytes& effect : encoded) hash.update(effect);
  return hash.finish();
}

Bytes encode_decision(const Decision& decision) {
  base::ByteWriter writer;
  write_decision(writer, decision);
  return writer.take();
}

Bytes encode_entry(const Entry& entry) {
  BESA_CHECK(in_list(entry.type));
  const std::string type = media_type(entry.type);
  base::ByteWriter writer;
  writer.u8(kEntryVersion).sequence(entry.sequence).time(entry.now);
  writer.u8(static_cast<std::uint8_t>(type.size())).raw(type).raw(entry.id);
  writer.raw(entry.blocks_hash).raw(entry.rows_root).raw(entry.submitter);
  write_decision(writer, entry.decision);
  writer.raw(entry.effects_chain).sequence(entry.governance_previous).sequence(entry.keys_previous);
  return writer.take();
}

Result<Entry> decode_entry(ByteView bytes) {
  if (bytes.size() > limits::kEntryBytes) return fail(ErrorKind::malformed, "the entry is too long");
  base::ByteReader reader(bytes);
  const std::uint8_t version = reader.u8();
  if (!reader.ok()) return fail(ErrorKind::malformed, "the entry is empty");
  if (version != kEntryVersion) return fail(ErrorKind::malformed, "the entry has an unknown version");
  Entry entry;
  entry.sequence = reader.sequence();
  entry.now = reader.time();
  const auto type = parse_media_type(base::as_text(reader.raw(reader.u8())));
  if (!reader.ok() || !type) return fail(ErrorKind::malformed, "the entry names an unknown statement type");
  entry.type = *type;
  entry.id = reader.id<StatementId>();
  entry.blocks_hash = reader.id<Digest>();
  entry.rows_root = reader.id<Digest>();
  entry.submitter = reader.id<MemberId>();
  BESA_ASSIGN(entry.decision, read_decision(reader));
  entry.effects_chain = reader.id<Digest>();
  entry.governance_previous = reader.sequence();
  entry.keys_previous = reader.sequence();
  if (!reader.done()) return fail(ErrorKind::malformed, "the entry is cut off or has bytes left over");
  return entry;
}

Bytes encode_beside(const Beside& beside) {
  base::ByteWriter rows;
  for (const Bytes& row : beside.rows) rows.sized(row);
  base::ByteWriter writer;
  return writer.sized(beside.body).sized(beside.blocks).sized(rows.bytes()).sized(beside.policy).take();
}

Result<Beside> decode_beside(ByteView bytes) {
  base::ByteReader reader(bytes);
  Beside beside;
  beside.body = base::to_bytes(reader.sized());
  beside.blocks = base::to_bytes(reader.sized());
  base::ByteReader rows(reader.sized());
  beside.policy = base::to_bytes(reader.sized());
  if (!reader.done()) return fail(ErrorKind::malformed, "what lies beside the entry is cut off or has bytes left over");
  while (rows.left() > 0) {
    beside.rows.push_back(base::to_bytes(rows.sized()));
    if (!rows.ok()) return fail(ErrorKind::malformed, "a row beside the entry is cut off");
  }
  return beside;
}

Beside beside_of(const ParsedStatement& statement) {
  return {statement.body_bytes, statement.blocks_bytes, statement.rows_bytes, statement.policy_bytes};
}

}  // namespace besa::core
