// What people here do with a message that came: open it, accept it, decline it.
#include <algorithm>

#include "agents/node/answers.h"
#include "agents/node/consent_input.h"
#include "agents/node/json_text.h"
#include "agents/node/words.h"
#include "wire/content.h"

namespace besa::node {
namespace {

using program::Json;

tl::unexpected<ApiError> wrong(const std::string& pointer, const std::string& message) {
  return tl::unexpected(api_error(InputError{pointer, message}));
}

// An answer in the thread of a message that came.
Draft answer_to(const InboxMessage& message, core::Sets sets, const Json& response) {
  Draft draft;
  draft.type = core::StatementType::envelope;
  draft.to = message.reference.author;
  draft.kind = core::Kind::answer;
  draft.sets = sets;
  draft.purpose = message.purpose;
  draft.priority = message.priority;
  draft.person_class = message.person_class;
  draft.thread = message.thread;
  draft.reply_to = message.reference;
  if (!response.empty()) {
    SectionDraft section;
    section.category = core::Category::response;
    section.basis = core::Basis::in_thread;
    section.content = program::to_line(response);
    draft.sections.push_back(std::move(section));
  }
  return draft;
}

// Whether somebody here has opened the message and the statement of it is still on its way.
bool opening_under_way(const Node& node, const InboxMessage& message) {
  return std::any_of(node.drafts().begin(), node.drafts().end(), [&](const auto& item) {
    const Draft& draft = item.second;
    return draft.is_open() &&
           (draft.type == core::StatementType::opened || draft.type == core::StatementType::received) &&
           std::find(draft.messages.begin(), draft.messages.end(), message.thread) != draft.messages.end();
  });
}

Operation lay_answer(Node& node, const std::string& id, core::Sets sets, const Json& response) {
  const auto found = received_message(node, id);
  if (!found) return tl::unexpected(found.error());
  const InboxMessage& message = **found;
  if (!message.opened) {
    return tl::unexpected(
        ApiError{409, "not_opened", "open the message before answering it", "/message", Json::object()});
  }
  Draft draft = answer_to(message, sets, response);
  for (const SectionDraft& section : draft.sections) {
    const auto content = wire::content_from_json(section.category, section.content);
    if (!content) return wrong({}, content.error().message);
  }
  return lay_one(node, std::move(draft), !opening_under_way(node, message));
}

// 32 hex digits as they are; any other text becomes an id that means nothing outside this node.
tl::expected<base::PersonId, ApiError> person_id(Node& node, const std::string& text) {
  base::PersonId person;
  if (text.empty()) return wrong("/person", "is missing: say who opens it");
  if (read_hex(text, person)) return person;
  const base::Digest hash = node.store().blind("person", text);
  std::copy_n(hash.bytes.begin(), person.bytes.size(), person.bytes.begin());
  return person;
}

bool stated_before(const Node& node, const InboxMessage& message, core::ReaderRole role, const base::PersonId& person) {
  return std::any_of(node.drafts().begin(), node.drafts().end(), [&](const auto& item) {
    const Draft& draft = item.second;
    return draft.type == core::StatementType::opened && draft.messages.front() == message.reference &&
           draft.role == role && draft.person == person && draft.state != DraftState::failed;
  });
}

tl::expected<Json, ApiError> content_json(Node& node, const InboxMessage& message) {
  const auto stored = node.store().get(Box::content, number_key(message.sequence.value));
  if (!stored) return tl::unexpected(api_error(stored.error()));
  const auto sections = decode_content(stored->value_or(base::ByteWriter().u32(0).take()));
  if (!sections) return tl::unexpected(api_error(sections.error()));
  Json out = Json::object();
  for (const StoredSection& section : *sections) {
    auto content = program::parse_json(section.content, base::limits::kMessageBytes);
    out[code_text(section.category)] = content ? std::move(*content) : Json(section.content);
  }
  return out;
}

}  // namespace

Operation lay_accept(Node& node, const Json& body) {
  ObjectReader reader(body, "", {"message", "note"});
  const std::string id = reader.text("message", true);
  const std::string note = reader.text("note", false);
  if (reader.wrong()) return tl::unexpected(api_error(reader.mistake()));
  const Json response = note.empty() ? Json::object() : Json{{"text", note}};
  return lay_answer(node, id, core::Sets::accepted, response);
}

Operation lay_decline(Node& node, const Json& body) {
  ObjectReader reader(body, "", {"message", "reason", "note"});
  const std::string id = reader.text("message", true);
  const std::string reason = reader.text("reason", true);
  const std::string note = reader.text("note", false);
  if (reader.wrong()) return tl::unexpected(api_error(reader.mistake()));
  Json response = {{"decline_reason", reason}};
  if (!note.empty()) response["text"] = note;
  return lay_answer(node, id, core::Sets::declined, response);
}

Operation lay_open(Node& node, const Json& body) {
  ObjectReader reader(body, "", {"message", "role", "person"});
  const std::string id = reader.text("message", true);
  const auto role = reader.code<core::ReaderRole>("role", true);
  const std::string who = reader.text("person", true);
  if (reader.wrong()) return tl::unexpected(api_error(reader.mistake()));
  const auto found = received_message(node, id);
  if (!found) return tl::unexpected(found.error());
  InboxMessage message = **found;
  if (message.unreadable != core::Unreadable::none) {
    return tl::unexpected(ApiError{422, "unreadable", std::string(unreadable_words(message.unreadable)), "/message",
                                   Json{{"reason", code_text(message.unreadable)}}});
  }
  const auto person = person_id(node, who);
  if (!person) return tl::unexpected(person.error());
  const auto content = content_json(node, message);
  if (!content) return tl::unexpected(content.error());
  Laid laid;
  if (!stated_before(node, message, role, *person)) {
    Draft draft;
    draft.type = core::StatementType::opened;
    draft.messages = {message.reference};
    draft.role = role;
    draft.person = *person;
    laid.drafts.push_back(std::move(draft));
  }
  message.opened = true;
  const auto marked = node.put_inbox(message);
  if (!marked) return tl::unexpected(api_error(marked.error()));
  laid.answer = [&node, message, content = *content](const std::vector<std::uint64_t>&) {
    Json out = inbox_json(node, message);
    Json opened = Json::object();
    Json sealed = Json::array();
    for (Json& section : out["sections"]) {
      const std::string category = section["category"].get<std::string>();
      if (!content.contains(category)) {
        sealed.push_back(category);
        continue;
      }
      opened[category] = {
          {"basis", section["basis"]}, {"handling", section["handling"]}, {"content", content[category]}};
    }
    out["sections"] = std::move(opened);
    out["sealed"] = std::move(sealed);
    return out;
  };
  return laid;
}

}  // namespace besa::node
