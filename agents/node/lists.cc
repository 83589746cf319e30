// What people look at: inbox, threads, consents, one message, the state of the node.
#include <algorithm>

#include "agents/node/answers.h"
#include "agents/node/json_text.h"
#include "agents/node/pair_watch.h"
#include "agents/node/referral_input.h"
#include "agents/node/statement_maker.h"
#include "agents/node/words.h"
#include "core/lifecycle.h"
#include "program/time_text.h"

namespace besa::node {
namespace {

using base::Reference;
using program::Json;

std::string time_text(Timestamp time) { return time.ms == 0 ? std::string() : program::format_time(time); }

Json codes_json(const std::vector<core::Handling>& codes) {
  Json out = Json::array();
  for (const core::Handling code : codes) out.push_back(code_text(code));
  return out;
}

std::string who(const Node& node, const base::MemberId& member) {
  return member == node.self ? "this agency" : node.config.peers.name_of(member);
}

Json event_json(const Node& node, const Event& event) {
  Json out = {{"what", code_text(event.what)}, {"at", time_text(event.at)}, {"sequence", event.sequence.value}};
  if (!event.by.is_none()) out["by"] = who(node, event.by);
  if (event.role != core::ReaderRole::none) out["role"] = code_text(event.role);
  if (event.reason != core::Unreadable::none) out["reason"] = code_text(event.reason);
  if (event.answer != core::DebtAnswer::none) out["reason"] = code_text(event.answer);
  return out;
}

Json events_json(const Node& node, const Reference& message) {
  Json out = Json::array();
  for (const Event& event : node.ledger.events(message)) out.push_back(event_json(node, event));
  return out;
}

std::string message_state(const Node& node, const Reference& reference) {
  const auto message = core::find_message(node.view, reference);
  return message && *message ? code_text((*message)->state) : std::string("unknown");
}

Reference reference_of(const Node& node, const Draft& draft) { return {node.self, draft.counter, draft.id}; }

Json sections_json(const Draft& draft) {
  Json out = Json::array();
  for (const SectionDraft& section : draft.sections) {
    out.push_back({{"category", code_text(section.category)},
                   {"basis", code_text(section.basis)},
                   {"grant", code_text(section.grant)},
                   {"handling", codes_json(section.handling)},
                   {"rule", section.rule}});
  }
  return out;
}

void add_refusal(const Node& node, const Draft& draft, Json& out) {
  if (draft.state != DraftState::refused) return;
  const std::string to = draft.to.is_none() ? std::string() : node.config.peers.name_of(draft.to);
  out["reason"] = code_text(draft.refusal);
  out["rule"] = draft.rule_id;
  out["section"] = draft.refused_section == core::Category::none ? std::string() : code_text(draft.refused_section);
  out["words"] = refusal_words(draft.refusal, draft.refused_section, to) + " [" + code_text(draft.refusal) + "]" +
                 (draft.rule_id.empty() ? std::string() : " (rule " + draft.rule_id + ")");
}

core::ThreadState thread_state(const Node& node, const Reference& thread) {
  const auto record = core::find_thread(node.view, thread);
  return record && *record ? (*record)->state : core::ThreadState::none;
}

// Its thread still says that it waits.
bool is_kept_back(const Node& node, const Reference& reference) {
  const auto message = core::find_message(node.view, reference);
  return message && *message && (*message)->state == core::MessageState::withheld;
}

bool opens_thread(const Draft& draft) {
  return draft.type == core::StatementType::envelope && core::is_opening_kind(draft.kind);
}

// How a message of ours stands: its draft until the broker took it, then its thread if it opened one, else itself.
std::string state_of(const Node& node, const Draft& draft) {
  if (draft.state != DraftState::accepted) return std::string(name_of(draft.state));
  const Reference reference = reference_of(node, draft);
  const bool by_thread = opens_thread(draft) && !is_kept_back(node, reference);
  return by_thread ? code_text(thread_state(node, reference)) : message_state(node, reference);
}

Json draft_json(const Node& node, const Draft& draft) {
  Json out = {{"message", "s" + std::to_string(draft.number)},
              {"direction", "sent"},
              {"to", node.config.peers.name_of(draft.to)},
              {"kind", code_text(draft.kind)},
              {"purpose", code_text(draft.purpose)},
              {"priority", code_text(draft.priority)},
              {"made", time_text(draft.made)},
              {"state", state_of(node, draft)}};
  if (draft.sets != core::Sets::none) out["sets"] = code_text(draft.sets);
  out["sections"] = sections_json(draft);
  add_refusal(node, draft, out);
  if (!draft.note.empty()) out["note"] = draft.note;
  if (draft.state == DraftState::accepted || draft.state == DraftState::refused) {
    out["sequence"] = draft.sequence.value;
    out["decided"] = time_text(draft.decided);
    out["id"] = hex(draft.id);
  }
  if (draft.state != DraftState::accepted) return out;
  const Reference reference = reference_of(node, draft);
  out["message_state"] = message_state(node, reference);
  out["events"] = events_json(node, reference);
  return out;
}

// Every message of a thread, ours and theirs, in the order of the log; ours that are not decided stand last.
Json thread_messages(const Node& node, const Reference& thread, std::uint64_t opening_draft) {
  std::vector<std::pair<std::uint64_t, Json>> messages;
  for (const auto& [number, draft] : node.drafts()) {
    if (draft.type != core::StatementType::envelope) continue;
    const bool mine = number == opening_draft || (opening_draft != 0 && draft.thread_draft == opening_draft) ||
                      (opening_draft == 0 && draft.thread == thread);
    const std::uint64_t place = draft.state == DraftState::accepted ? draft.sequence.value : UINT64_MAX;
    if (mine) messages.emplace_back(place, draft_json(node, draft));
  }
  for (const auto& [sequence, message] : node.inbox()) {
    if (message.thread == thread) messages.emplace_back(sequence.value, inbox_json(node, message));
  }
  std::stable_sort(messages.begin(), messages.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  Json out = Json::array();
  for (auto& [place, json] : messages) out.push_back(std::move(json));
  return out;
}

std::string_view words_of(const Node& node, const Reference& thread) {
  if (is_kept_back(node, thread)) return "kept back by the broker: see besa explain";
  return thread_words(thread_state(node, thread));
}

Json thread_json(const Node& node, const Reference& thread, const std::string& id, const base::MemberId& with,
                 bool ours, std::uint64_t opening_draft) {
  const std::string state =
      is_kept_back(node, thread) ? message_state(node, thread) : std::string(code_text(thread_state(node, thread)));
  const auto draft = node.drafts().find(opening_draft);
  const bool in_log = draft == node.drafts().end() || draft->second.state == DraftState::accepted;
  return {{"message", id},
          {"opened_by", ours ? "this agency" : node.config.peers.name_of(with)},
          {"with", node.config.peers.name_of(with)},
          {"state", in_log ? state : std::string(name_of(draft->second.state))},
          {"words", std::string(in_log ? words_of(node, thread) : draft_words(draft->second.state))},
          {"messages", thread_messages(node, thread, opening_draft)}};
}

Json alarms_json(const Node& node) {
  Json out = Json::array();
  for (const auto& [number, alarm] : node.alarms()) {
    if (alarm.over) continue;
    out.push_back({{"number", number},
                   {"kind", alarm.kind},
                   {"words", alarm.words},
                   {"raised", time_text(alarm.raised)},
                   {"evidence", alarm.file}});
  }
  return out;
}

// Numbers that are missing and may yet be voided: a line, no alarm.
Json gaps_json(Node& node) {
  Json out = Json::array();
  const auto rows = node.store().scan(Box::senders, {}, {}, 4096);
  if (!rows) return out;
  for (const kv::Row& row : *rows) {
    base::MemberId sender;
    const auto watch = PairWatch::decode(row.value);
    if (!watch || !base::MemberId::read(row.key, sender)) continue;
    for (const auto& [pair, gap] : watch->gaps()) {
      out.push_back({{"from", node.config.peers.name_of(sender)}, {"number", pair}, {"alarm", gap.alarm}});
    }
  }
  return out;
}

}  // namespace

Json inbox_json(const Node& node, const InboxMessage& message) {
  const bool readable = message.unreadable == core::Unreadable::none;
  Json out = {{"message", "r" + std::to_string(message.sequence.value)},
              {"direction", "received"},
              {"from", node.config.peers.name_of(message.reference.author)},
              {"kind", code_text(message.kind)},
              {"purpose", code_text(message.purpose)},
              {"priority", code_text(message.priority)},
              {"person_class", code_text(message.person_class)},
              {"at", time_text(message.decided)},
              {"opened", message.opened},
              {"sequence", message.sequence.value},
              {"id", hex(message.reference.id)},
              {"state", readable ? message_state(node, message.reference) : std::string("unreadable")}};
  if (message.sets != core::Sets::none) out["sets"] = code_text(message.sets);
  if (message.withdrawn) {
    const bool settled = message.settled != core::DebtAnswer::none;
    out["withdrawn"] = settled ? code_text(message.settled) : std::string("answer_owed");
  }
  if (message.unreadable != core::Unreadable::none) {
    out["unreadable"] = {{"reason", code_text(message.unreadable)},
                         {"words", std::string(unreadable_words(message.unreadable))}};
  }
  out["sections"] = Json::array();
  for (const InboxSection& section : message.sections) {
    out["sections"].push_back({{"category", code_text(section.category)},
                               {"form", code_text(section.form)},
                               {"grant", code_text(section.grant)},
                               {"basis", code_text(section.basis)},
                               {"handling", codes_json(section.handling)}});
  }
  return out;
}

Json plan_json(const Node& node, const Plan& plan) {
  Json out = {{"to", node.config.peers.name_of(plan.draft.to)},
              {"decision", !plan.known     ? "not_known_yet"
                           : plan.accepted ? "allowed"
                                           : "refused"},
              {"sections", sections_json(plan.draft)},
              {"left_out", Json::array()}};
  for (const LeftOut& left : plan.left_out) {
    out["left_out"].push_back({{"category", code_text(left.category)},
                               {"reason", code_text(left.reason)},
                               {"rule", left.rule_id},
                               {"words", left.words}});
  }
  if (!plan.accepted) out["words"] = plan.words;
  if (plan.known && !plan.accepted) {
    out["reason"] = code_text(plan.reason);
    out["rule"] = plan.rule_id;
  }
  return out;
}

Json refusal_json(const Node& node, const Plan& plan) {
  Json out = plan_json(node, plan);
  const bool named = !plan.left_out.empty();
  out["section"] = named ? code_text(plan.left_out.front().category) : std::string();
  return out;
}

tl::expected<const InboxMessage*, ApiError> received_message(const Node& node, const std::string& id) {
  const auto number = parse_local_id(id, 'r');
  if (!number) {
    return tl::unexpected(api_error(InputError{"/message", "must be the id of a received message, such as r42"}));
  }
  const auto found = node.inbox().find(base::Sequence{*number});
  if (found == node.inbox().end()) {
    return tl::unexpected(ApiError{404, "not_found", "no such message came to this node", "/message", Json::object()});
  }
  return &found->second;
}

tl::expected<const Draft*, ApiError> sent_message(const Node& node, const std::string& id) {
  const auto number = parse_local_id(id, 's');
  if (!number) {
    return tl::unexpected(api_error(InputError{"/message", "must be the id of a sent message, such as s17"}));
  }
  const auto found = node.drafts().find(*number);
  if (found == node.drafts().end() || found->second.type != core::StatementType::envelope) {
    return tl::unexpected(
        ApiError{404, "not_found", "no such message was sent from this node", "/message", Json::object()});
  }
  return &found->second;
}

Json inbox_list(Node& node) {
  Json messages = Json::array();
  for (auto it = node.inbox().rbegin(); it != node.inbox().rend(); ++it) {
    messages.push_back(inbox_json(node, it->second));
  }
  return {{"messages", std::move(messages)}};
}

Json thread_list(Node& node) {
  Json threads = Json::array();
  for (const auto& [number, draft] : node.drafts()) {
    if (!opens_thread(draft)) continue;
    threads.push_back(
        thread_json(node, reference_of(node, draft), "s" + std::to_string(number), draft.to, true, number));
  }
  for (const auto& [sequence, message] : node.inbox()) {
    if (!core::is_opening_kind(message.kind)) continue;
    threads.push_back(
        thread_json(node, message.reference, "r" + std::to_string(sequence.value), message.reference.author, false, 0));
  }
  Json sent = Json::array();
  for (const auto& [number, draft] : node.drafts()) {
    if (draft.type == core::StatementType::envelope) sent.push_back(draft_json(node, draft));
  }
  return {{"threads", std::move(threads)}, {"sent", std::move(sent)}};
}

namespace {

// "whole" or "part" of a consent that was taken back, else nothing.
std::string narrowed_text(const Node& node, const Draft& draft) {
  const auto consent = core::find_consent(node.view, reference_of(node, draft));
  if (!consent || !*consent) return {};
  if ((*consent)->withdrawn) return "whole";
  const bool part = !(*consent)->withdrawn_purposes.empty() ||
                    std::any_of((*consent)->rows.begin(), (*consent)->rows.end(),
                                [](const core::ConsentRowRecord& row) { return row.withdrawn; });
  return part ? "part" : "";
}

}  // namespace

Json consent_list(Node& node) {
  Json consents = Json::array();
  for (const auto& [number, draft] : node.drafts()) {
    if (draft.type != core::StatementType::consent) continue;
    const bool recorded = draft.state == DraftState::accepted;
    Json json = {{"consent", "c" + std::to_string(number)},
                 {"state", recorded ? std::string("recorded") : std::string(name_of(draft.state))},
                 {"made", time_text(draft.made)}};
    if (auto text = program::parse_json(draft.consent)) json["record"] = std::move(*text);
    if (recorded) {
      json["sequence"] = draft.sequence.value;
      if (const std::string narrowed = narrowed_text(node, draft); !narrowed.empty()) json["withdrawn"] = narrowed;
    }
    add_refusal(node, draft, json);
    if (!draft.note.empty()) json["note"] = draft.note;
    for (const auto& [later, withdrawal] : node.drafts()) {
      const bool pending = withdrawal.type == core::StatementType::withdrawal && withdrawal.consent_draft == number &&
                           withdrawal.state != DraftState::accepted;
      if (pending) json["withdrawal"] = std::string(name_of(withdrawal.state));
    }
    consents.push_back(std::move(json));
  }
  return {{"consents", std::move(consents)}};
}

Answer message_of(Node& node, const std::string& id) {
  if (!parse_local_id(id, 'r') && !parse_local_id(id, 's')) {
    return tl::unexpected(
        api_error(InputError{"/message", "must be the id of a message, such as s17 (sent) or r42 (received)"}));
  }
  if (id.starts_with("r")) {
    const auto found = received_message(node, id);
    if (!found) return tl::unexpected(found.error());
    Json out = inbox_json(node, **found);
    out["events"] = events_json(node, (*found)->reference);
    return out;
  }
  const auto found = sent_message(node, id);
  if (!found) return tl::unexpected(found.error());
  Json out = draft_json(node, **found);
  if (opens_thread(**found)) {
    const core::ThreadState state = thread_state(node, reference_of(node, **found));
    const bool in_log = (*found)->state == DraftState::accepted;
    if (!out.contains("words")) out["words"] = std::string(in_log ? thread_words(state) : draft_words((*found)->state));
    out["thread"] = thread_messages(node, reference_of(node, **found), (*found)->number);
  }
  return out;
}

Json status_of(Node& node) {
  std::size_t waiting = 0;
  std::size_t refused = 0;
  for (const auto& [number, draft] : node.drafts()) {
    waiting += draft.is_open() ? 1U : 0U;
    refused += draft.state == DraftState::refused ? 1U : 0U;
  }
  const auto unopened = std::count_if(node.inbox().begin(), node.inbox().end(), [](const auto& item) {
    return !item.second.opened && item.second.unreadable == core::Unreadable::none;
  });
  const auto policy = core::read_policy(node.view);
  const auto self = core::read_member(node.view, node.self);
  const auto rows = node.view.scan(core::Table::prekey, node.self.view(), {}, 1024);
  const std::size_t published = rows ? rows->size() : 0;
  const bool in_force = self && *self && (*self)->in_force(node.now());
  return {{"member", hex(node.self)},
          {"network", hex(node.config.network)},
          {"member_in_force", in_force},
          {"connected", node.contact.connected},
          {"trouble", node.contact.trouble},
          {"last_contact", time_text(node.contact.last)},
          {"log_size", node.contact.log_size.value},
          {"stopped", node.stopped()},
          {"policy", policy && *policy ? hex((*policy)->id) : std::string()},
          {"prekeys", published},
          {"prekeys_until", time_text(prekeys_cover(node.view, node.self).value_or(Timestamp{}))},
          {"waiting", waiting},
          {"refused", refused},
          {"inbox", node.inbox().size()},
          {"unopened", unopened},
          {"alarms", alarms_json(node)},
          {"gaps", gaps_json(node)}};
}

}  // namespace besa::node
