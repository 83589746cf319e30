#include "agents/auditor/show.h"

#include "core/checkpoint.h"
#include "core/entry.h"
#include "core/merkle.h"
#include "program/json.h"
#include "program/time_text.h"
#include "tiles/reader.h"
#include "wire/sentences.h"
#include "wire/statement.h"

namespace besa::auditor {
namespace {

using program::Json;

template <class Id>
std::string hex(const Id& id) {
  return base::to_hex(id.view());
}

Json reference_json(const base::Reference& reference) {
  return {{"author", hex(reference.author)}, {"counter", reference.counter.value}, {"id", hex(reference.id)}};
}

Json item_json(const core::Item& item, bool tick) {
  Json out;
  if (!item.reference.is_none()) out["reference"] = reference_json(item.reference);
  if (item.section != core::kNoSection) out["section"] = item.section;
  out["verdict"] = core::name_of(item.verdict);
  if (item.reason != 0) {
    out[tick ? "due" : "reason"] = tick ? core::name_of(static_cast<core::DueCode>(item.reason))
                                        : core::name_of(static_cast<core::Reason>(item.reason));
  }
  if (item.rule != 0) out["rule"] = item.rule;
  if (item.basis != core::Basis::none) out["basis"] = core::name_of(item.basis);
  return out;
}

Json envelope_json(const core::Envelope& envelope) {
  const core::Context& context = envelope.context;
  Json out = {{"sender", hex(context.sender)},
              {"recipient", hex(context.recipient)},
              {"kind", core::name_of(context.kind)},
              {"purpose", core::name_of(context.purpose)},
              {"priority", core::name_of(context.priority)},
              {"person_class", core::name_of(context.person_class)}};
  if (context.sets != core::Sets::none) out["sets"] = core::name_of(context.sets);
  if (!context.thread.is_none()) out["thread"] = reference_json(context.thread);
  Json sections = Json::array();
  for (const core::Section& section : envelope.sections) {
    sections.push_back({{"category", core::name_of(section.category)},
                        {"basis", core::name_of(section.basis)},
                        {"grant", core::name_of(section.grant)},
                        {"padded_length", section.padded_length}});
  }
  out["sections"] = sections;
  return out;
}

// An auditor has no names of members, and reads one entry: a rule is its place in the policy in force then.
wire::Names names() {
  wire::Names out;
  out.member = [](const base::MemberId& member) { return member.is_none() ? "the broker" : hex(member); };
  out.message = [](const base::Reference& reference) { return hex(reference.id) + " of " + hex(reference.author); };
  out.rule = [](std::uint16_t rule) { return std::to_string(rule); };
  return out;
}

Json loss_json(const core::LossAccepted& loss) {
  return {{"kept_size", loss.kept_size.value},
          {"kept_root", hex(loss.kept_root)},
          {"lost_epoch", loss.lost_epoch},
          {"lost_size", loss.lost_size.value},
          {"epoch", loss.epoch},
          {"until", program::format_time(loss.until)}};
}

Json entry_json(const core::Entry& entry) {
  Json items = Json::array();
  const bool tick = entry.type == core::StatementType::tick;
  for (const core::Item& item : entry.decision.items) items.push_back(item_json(item, tick));
  return {{"sequence", entry.sequence.value},
          {"now", program::format_time(entry.now)},
          {"type", core::name_of(entry.type)},
          {"statement", hex(entry.id)},
          {"submitter", hex(entry.submitter)},
          {"verdict", core::name_of(entry.decision.verdict)},
          {"reason", core::name_of(entry.decision.reason)},
          {"rule", entry.decision.rule},
          {"items", items},
          {"effects_chain", hex(entry.effects_chain)},
          {"governance_previous", entry.governance_previous.value},
          {"keys_previous", entry.keys_previous.value}};
}

// Is this entry the one that the signed root has at its place? Cost: the level-0 tiles.
base::Status check_in_tree(const tiles::Reader& reader, const core::Checkpoint& checkpoint,
                           const tiles::Record& record) {
  core::Frontier frontier;
  base::Digest logged;
  for (std::uint64_t index = 0; index * tiles::kTileWidth < checkpoint.size.value; ++index) {
    BESA_ASSIGN(const std::vector<base::Digest> hashes, reader.tile(0, index));
    for (const base::Digest& hash : hashes) {
      if (frontier.size().value == record.sequence.value) logged = hash;
      frontier.append(hash);
    }
  }
  if (frontier.root() == checkpoint.root && logged == core::leaf_hash(record.entry)) return {};
  return base::fail(base::ErrorKind::bad_signature,
                    "this entry is not the one that the log signed: run besa-audit verify to see what was changed");
}

base::Result<core::ParsedStatement> statement_beside(const core::Entry& entry, const core::Beside& beside) {
  const std::vector<base::ByteView> rows(beside.rows.begin(), beside.rows.end());
  BESA_ASSIGN(core::ParsedStatement statement,
              wire::parse_statement(core::media_type(entry.type), beside.body, beside.blocks, rows, beside.policy));
  const bool bound =
      statement.id == entry.id && statement.blocks_hash == entry.blocks_hash && statement.rows_root == entry.rows_root;
  if (bound) return statement;
  return base::fail(base::ErrorKind::bad_signature, "what lies beside this entry is not what it binds");
}

base::Status show_entry(const std::string& folder, const Anchor& anchor, base::Sequence sequence, Shown& out) {
  BESA_ASSIGN(const std::string note, tiles::Reader::checkpoint(folder));
  BESA_ASSIGN(const ShownNote shown, verify_note(note, anchor));
  const core::SignedCheckpoint& checkpoint = shown.checkpoint;
  const tiles::Reader reader(folder, checkpoint.checkpoint.size);
  BESA_ASSIGN(const tiles::Record record, reader.record(sequence));
  BESA_TRY(check_in_tree(reader, checkpoint.checkpoint, record));
  BESA_ASSIGN(const core::Entry entry, core::decode_entry(record.entry));
  BESA_ASSIGN(const core::Beside beside, core::decode_beside(record.beside));
  BESA_ASSIGN(const core::ParsedStatement statement, statement_beside(entry, beside));
  Json json = entry_json(entry);
  json["signatures"] = statement.blocks.size();
  json["rows"] = beside.rows.size();
  if (const auto* loss = std::get_if<core::LossAccepted>(&statement.body)) json["loss"] = loss_json(*loss);
  if (const auto* clock = std::get_if<core::ClockConfirmed>(&statement.body)) {
    json["clock"] = program::format_time(clock->clock);
  }
  if (const auto header = core::author_header(statement)) json["author"] = hex(header->author);
  if (const auto* envelope = std::get_if<core::Envelope>(&statement.body)) json["envelope"] = envelope_json(*envelope);
  json["sentences"] = wire::explain(entry, &statement, names()).sentences;
  out.text = program::to_pretty(json);
  if (out.json != nullptr) *out.json = std::move(json);
  return {};
}

}  // namespace

base::Status show(const std::string& folder, const Anchor& anchor, base::Sequence sequence, Shown& out) {
  auto shown = show_entry(folder, anchor, sequence, out);
  if (shown || shown.error().kind != base::ErrorKind::malformed) return shown;
  return base::fail(base::ErrorKind::damaged, "the export does not hold: " + shown.error().message);
}

}  // namespace besa::auditor
