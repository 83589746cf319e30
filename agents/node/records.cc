#include "agents/node/records.h"

#include <limits>

#include "agents/node/json_text.h"

namespace besa::node {
namespace {

using program::Json;

bool read_number(const Json& json, std::uint64_t& out) {
  if (!json.is_number_integer() || (!json.is_number_unsigned() && json.get<std::int64_t>() < 0)) return false;
  out = json.get<std::uint64_t>();
  return true;
}

// Reads fields of our own records. What does not fit turns `ok` false for good; the caller asks once.
class Fields {
 public:
  explicit Fields(base::ByteView bytes) {
    auto parsed = program::parse_json(base::as_text(bytes), 4 * base::limits::kMessageBytes);
    ok_ = parsed.has_value() && parsed->is_object();
    if (ok_) json_ = std::move(*parsed);
  }
  explicit Fields(const Json& json) : json_(json), ok_(json.is_object()) {}

  void number(const char* name, auto& out) {
    const Json* field = find(name);
    std::uint64_t value = 0;
    using Number = std::remove_reference_t<decltype(out)>;
    if (field == nullptr || !read_number(*field, value) || value > std::numeric_limits<Number>::max()) {
      ok_ = false;
      return;
    }
    out = static_cast<Number>(value);
  }
  void text(const char* name, std::string& out) {
    const Json* field = find(name);
    if (field == nullptr || !field->is_string()) {
      ok_ = false;
      return;
    }
    out = field->get_ref<const std::string&>();
  }
  void flag(const char* name, bool& out) {
    const Json* field = find(name);
    if (field == nullptr || !field->is_boolean()) {
      ok_ = false;
      return;
    }
    out = field->get<bool>();
  }
  void id(const char* name, auto& out) {
    std::string hex_text;
    text(name, hex_text);
    if (!read_hex(hex_text, out)) ok_ = false;
  }
  void reference(const char* name, base::Reference& out) {
    std::string hex_text;
    text(name, hex_text);
    if (!read_reference(hex_text, out)) ok_ = false;
  }
  template <class Code>
  void code(const char* name, Code& out) {
    std::underlying_type_t<Code> value = 0;
    number(name, value);
    out = static_cast<Code>(value);
  }
  template <class Code>
  void codes(const char* name, std::vector<Code>& out) {
    for (const Json& item : list(name)) {
      std::uint64_t value = 0;
      if (!read_number(item, value) || value > std::numeric_limits<std::underlying_type_t<Code>>::max()) {
        ok_ = false;
        return;
      }
      out.push_back(static_cast<Code>(value));
    }
  }
  Json list(const char* name) {
    const Json* field = find(name);
    if (field != nullptr && field->is_array()) return *field;
    ok_ = false;
    return Json::array();
  }
  void fail() { ok_ = false; }
  bool ok() const { return ok_; }

 private:
  const Json* find(const char* name) const {
    if (!json_.is_object()) return nullptr;
    const auto found = json_.find(name);
    return found == json_.end() ? nullptr : &*found;
  }
  Json json_;
  bool ok_ = true;
};

tl::unexpected<base::Error> damaged() {
  return base::fail(base::ErrorKind::damaged, "a stored record is not what this program writes");
}

template <class Code>
Json numbers_of(const std::vector<Code>& codes) {
  Json out = Json::array();
  for (const Code code : codes) out.push_back(core::number_of(code));
  return out;
}

Bytes text_bytes(const Json& json) { return base::to_bytes(base::as_bytes(program::to_line(json))); }

Json section_json(const SectionDraft& section) {
  return {{"category", core::number_of(section.category)},
          {"basis", core::number_of(section.basis)},
          {"grant", core::number_of(section.grant)},
          {"handling", numbers_of(section.handling)},
          {"content", section.content},
          {"rule", section.rule}};
}

void read_section(Fields& fields, SectionDraft& out) {
  fields.code("category", out.category);
  fields.code("basis", out.basis);
  fields.code("grant", out.grant);
  fields.codes("handling", out.handling);
  fields.text("content", out.content);
  fields.text("rule", out.rule);
}

void write_message_fields(const Draft& draft, Json& json) {
  json["to"] = hex(draft.to);
  json["kind"] = core::number_of(draft.kind);
  json["purpose"] = core::number_of(draft.purpose);
  json["priority"] = core::number_of(draft.priority);
  json["person_class"] = core::number_of(draft.person_class);
  json["sets"] = core::number_of(draft.sets);
  json["break_glass"] = core::number_of(draft.break_glass);
  json["thread"] = reference_text(draft.thread);
  json["thread_draft"] = draft.thread_draft;
  json["reply_to"] = reference_text(draft.reply_to);
  json["consent_draft"] = draft.consent_draft;
  json["sections"] = Json::array();
  for (const SectionDraft& section : draft.sections) json["sections"].push_back(section_json(section));
  json["references"] = Json::array();
  for (const ReferenceDraft& reference : draft.references) {
    json["references"].push_back(
        {{"type", core::number_of(reference.type)}, {"salt", hex(reference.salt)}, {"text", reference.text}});
  }
}

void read_message_fields(Fields& fields, Draft& draft) {
  fields.id("to", draft.to);
  fields.code("kind", draft.kind);
  fields.code("purpose", draft.purpose);
  fields.code("priority", draft.priority);
  fields.code("person_class", draft.person_class);
  fields.code("sets", draft.sets);
  fields.code("break_glass", draft.break_glass);
  fields.reference("thread", draft.thread);
  fields.number("thread_draft", draft.thread_draft);
  fields.reference("reply_to", draft.reply_to);
  fields.number("consent_draft", draft.consent_draft);
  for (const Json& item : fields.list("sections")) {
    Fields section(item);
    read_section(section, draft.sections.emplace_back());
    if (!section.ok()) fields.fail();
  }
  for (const Json& item : fields.list("references")) {
    Fields reference(item);
    ReferenceDraft& out = draft.references.emplace_back();
    reference.code("type", out.type);
    reference.id("salt", out.salt);
    reference.text("text", out.text);
    if (!reference.ok()) fields.fail();
  }
}

void write_outcome(const Draft& draft, Json& json) {
  json["attempts"] = draft.attempts;
  json["offered"] = draft.offered;
  json["lost"] = draft.lost;
  json["id"] = hex(draft.id);
  json["counter"] = draft.counter.value;
  json["pair"] = draft.pair;
  json["sequence"] = draft.sequence.value;
  json["decided"] = draft.decided.ms;
  json["refusal"] = core::number_of(draft.refusal);
  json["rule"] = draft.rule;
  json["rule_id"] = draft.rule_id;
  json["refused_section"] = core::number_of(draft.refused_section);
  json["note"] = draft.note;
}

void read_outcome(Fields& fields, Draft& draft) {
  fields.number("attempts", draft.attempts);
  fields.flag("offered", draft.offered);
  fields.number("lost", draft.lost);
  fields.id("id", draft.id);
  fields.number("counter", draft.counter.value);
  fields.number("pair", draft.pair);
  fields.number("sequence", draft.sequence.value);
  fields.number("decided", draft.decided.ms);
  fields.code("refusal", draft.refusal);
  fields.number("rule", draft.rule);
  fields.text("rule_id", draft.rule_id);
  fields.code("refused_section", draft.refused_section);
  fields.text("note", draft.note);
}

}  // namespace

std::string_view name_of(DraftState state) {
  switch (state) {
    case DraftState::none: return "none";
    case DraftState::waiting: return "queued";
    case DraftState::sent: return "sent";
    case DraftState::accepted: return "accepted";
    case DraftState::refused: return "refused";
    case DraftState::failed: return "failed";
    case DraftState::dropped: return "taken_back";
  }
  return "unknown";
}

Bytes encode_draft(const Draft& draft) {
  Json json = {{"number", draft.number},
               {"type", core::number_of(draft.type)},
               {"state", static_cast<std::uint8_t>(draft.state)},
               {"made", draft.made.ms}};
  write_message_fields(draft, json);
  json["consent"] = draft.consent;
  json["consent_salt"] = hex(draft.consent_salt);
  json["code_tag"] = hex(draft.code_tag);
  json["code_key"] = hex(draft.code_key);
  json["messages"] = Json::array();
  for (const base::Reference& reference : draft.messages) json["messages"].push_back(reference_text(reference));
  json["purposes"] = numbers_of(draft.purposes);
  json["rows"] = Json::array();
  for (const base::Digest& row : draft.rows) json["rows"].push_back(hex(row));
  json["answer"] = core::number_of(draft.answer);
  json["kept_on"] = core::number_of(draft.kept_on);
  json["reason"] = core::number_of(draft.reason);
  json["role"] = core::number_of(draft.role);
  json["person"] = hex(draft.person);
  write_outcome(draft, json);
  return text_bytes(json);
}

Result<Draft> decode_draft(base::ByteView bytes) {
  Fields fields(bytes);
  Draft draft;
  fields.number("number", draft.number);
  fields.code("type", draft.type);
  std::uint8_t state = 0;
  fields.number("state", state);
  draft.state = static_cast<DraftState>(state);
  fields.number("made", draft.made.ms);
  read_message_fields(fields, draft);
  fields.text("consent", draft.consent);
  fields.id("consent_salt", draft.consent_salt);
  fields.id("code_tag", draft.code_tag);
  fields.id("code_key", draft.code_key);
  for (const Json& item : fields.list("messages")) {
    if (!item.is_string() || !read_reference(item.get_ref<const std::string&>(), draft.messages.emplace_back())) {
      fields.fail();
    }
  }
  fields.codes("purposes", draft.purposes);
  for (const Json& item : fields.list("rows")) {
    if (!item.is_string() || !read_hex(item.get_ref<const std::string&>(), draft.rows.emplace_back())) fields.fail();
  }
  fields.code("answer", draft.answer);
  fields.code("kept_on", draft.kept_on);
  fields.code("reason", draft.reason);
  fields.code("role", draft.role);
  fields.id("person", draft.person);
  read_outcome(fields, draft);
  if (!fields.ok()) return damaged();
  return draft;
}

Bytes encode_parts(const wire::StatementParts& parts) {
  base::ByteWriter out;
  out.sized(base::as_bytes(parts.type)).sized(parts.body).sized(parts.blocks).sized(parts.policy);
  out.u32(static_cast<std::uint32_t>(parts.rows.size()));
  for (const Bytes& row : parts.rows) out.sized(row);
  out.u32(static_cast<std::uint32_t>(parts.chunks.size()));
  for (const wire::Chunk& chunk : parts.chunks) out.u16(chunk.section).u32(chunk.index).sized(chunk.data);
  return out.take();
}

Result<wire::StatementParts> decode_parts(base::ByteView bytes) {
  base::ByteReader in(bytes);
  wire::StatementParts parts;
  parts.type = base::as_text(in.sized());
  parts.body = base::to_bytes(in.sized());
  parts.blocks = base::to_bytes(in.sized());
  parts.policy = base::to_bytes(in.sized());
  for (std::uint32_t i = 0, n = in.u32(); in.ok() && i < n; ++i) parts.rows.push_back(base::to_bytes(in.sized()));
  for (std::uint32_t i = 0, n = in.u32(); in.ok() && i < n; ++i) {
    wire::Chunk chunk;
    chunk.section = in.u16();
    chunk.index = in.u32();
    chunk.data = base::to_bytes(in.sized());
    parts.chunks.push_back(std::move(chunk));
  }
  if (!in.done()) return damaged();
  return parts;
}

Bytes encode_inbox(const InboxMessage& message) {
  Json json = {{"sequence", message.sequence.value},
               {"reference", reference_text(message.reference)},
               {"thread", reference_text(message.thread)},
               {"reply_to", reference_text(message.reply_to)},
               {"decided", message.decided.ms},
               {"expires", message.expires.ms},
               {"kind", core::number_of(message.kind)},
               {"purpose", core::number_of(message.purpose)},
               {"priority", core::number_of(message.priority)},
               {"person_class", core::number_of(message.person_class)},
               {"sets", core::number_of(message.sets)},
               {"break_glass", core::number_of(message.break_glass)},
               {"unreadable", core::number_of(message.unreadable)},
               {"detail", message.detail},
               {"opened", message.opened},
               {"withdrawn", message.withdrawn},
               {"settled", core::number_of(message.settled)},
               {"sections", Json::array()}};
  for (const InboxSection& section : message.sections) {
    json["sections"].push_back({{"index", section.index},
                                {"category", core::number_of(section.category)},
                                {"form", core::number_of(section.form)},
                                {"grant", core::number_of(section.grant)},
                                {"basis", core::number_of(section.basis)},
                                {"handling", numbers_of(section.handling)}});
  }
  return text_bytes(json);
}

Result<InboxMessage> decode_inbox(base::ByteView bytes) {
  Fields fields(bytes);
  InboxMessage out;
  fields.number("sequence", out.sequence.value);
  fields.reference("reference", out.reference);
  fields.reference("thread", out.thread);
  fields.reference("reply_to", out.reply_to);
  fields.number("decided", out.decided.ms);
  fields.number("expires", out.expires.ms);
  fields.code("kind", out.kind);
  fields.code("purpose", out.purpose);
  fields.code("priority", out.priority);
  fields.code("person_class", out.person_class);
  fields.code("sets", out.sets);
  fields.code("break_glass", out.break_glass);
  fields.code("unreadable", out.unreadable);
  fields.text("detail", out.detail);
  fields.flag("opened", out.opened);
  fields.flag("withdrawn", out.withdrawn);
  fields.code("settled", out.settled);
  for (const Json& item : fields.list("sections")) {
    Fields section(item);
    InboxSection& read = out.sections.emplace_back();
    section.number("index", read.index);
    section.code("category", read.category);
    section.code("form", read.form);
    section.code("grant", read.grant);
    section.code("basis", read.basis);
    section.codes("handling", read.handling);
    if (!section.ok()) fields.fail();
  }
  if (!fields.ok()) return damaged();
  return out;
}

Bytes encode_content(const std::vector<StoredSection>& sections) {
  base::ByteWriter out;
  out.u32(static_cast<std::uint32_t>(sections.size()));
  for (const StoredSection& section : sections) {
    out.u16(section.index).u16(core::number_of(section.category)).sized(base::as_bytes(section.content));
    out.sized(section.cek);
  }
  return out.take();
}

Result<std::vector<StoredSection>> decode_content(base::ByteView bytes) {
  base::ByteReader in(bytes);
  std::vector<StoredSection> out;
  for (std::uint32_t i = 0, n = in.u32(); in.ok() && i < n; ++i) {
    StoredSection section;
    section.index = in.u16();
    section.category = static_cast<core::Category>(in.u16());
    section.content = base::as_text(in.sized());
    section.cek = base::to_bytes(in.sized());
    out.push_back(std::move(section));
  }
  if (!in.done()) return damaged();
  return out;
}

Bytes encode_alarm(const Alarm& alarm) {
  return text_bytes({{"number", alarm.number},
                     {"kind", alarm.kind},
                     {"key", alarm.key},
                     {"words", alarm.words},
                     {"file", alarm.file},
                     {"raised", alarm.raised.ms},
                     {"over", alarm.over}});
}

Result<Alarm> decode_alarm(base::ByteView bytes) {
  Fields fields(bytes);
  Alarm out;
  fields.number("number", out.number);
  fields.text("kind", out.kind);
  fields.text("key", out.key);
  fields.text("words", out.words);
  fields.text("file", out.file);
  fields.number("raised", out.raised.ms);
  fields.flag("over", out.over);
  if (!fields.ok()) return damaged();
  return out;
}

}  // namespace besa::node
