// Consent taken back: by the agency that took it, and what an agency answers that got something under one.
#include "agents/node/withdrawing.h"

#include <algorithm>

#include "agents/node/answers.h"
#include "agents/node/consent_input.h"
#include "agents/node/json_text.h"
#include "agents/node/referral_input.h"
#include "agents/node/statement_maker.h"
#include "agents/node/words.h"
#include "base/limits.h"
#include "program/time_text.h"

namespace besa::node {
namespace {

using program::Json;

tl::unexpected<ApiError> wrong(const std::string& pointer, const std::string& message) {
  return tl::unexpected(api_error(InputError{pointer, message}));
}

tl::unexpected<ApiError> conflict(const std::string& code, const std::string& message) {
  return tl::unexpected(ApiError{409, code, message, "/message", Json::object()});
}

tl::expected<std::vector<std::string>, ApiError> read_texts(const Json* list, const std::string& pointer) {
  std::vector<std::string> out;
  if (list == nullptr) return out;
  if (!list->is_array() || list->empty()) return wrong(pointer, "must be a list of names");
  for (std::size_t i = 0; i < list->size(); ++i) {
    if (!(*list)[i].is_string()) return wrong(pointer + "/" + std::to_string(i), "must be a text");
    out.push_back((*list)[i].get<std::string>());
  }
  return out;
}

// The rows of the consent that name this peer itself.
tl::expected<std::vector<base::Digest>, ApiError> rows_of(const Node& node, const core::ConsentRecord& consent,
                                                          const Json* list) {
  const auto names = read_texts(list, "/from");
  if (!names) return tl::unexpected(names.error());
  std::vector<base::Digest> out;
  for (std::size_t i = 0; i < names->size(); ++i) {
    const std::string at = "/from/" + std::to_string(i);
    const auto member = node.config.peers.find((*names)[i]);
    if (!member) return tl::unexpected(ApiError{404, "not_found", member.error().message, at, Json::object()});
    const std::size_t before = out.size();
    for (const core::ConsentRowRecord& record : consent.rows) {
      if (record.row.member == *member && !record.row.allow.empty()) out.push_back(record.hash);
    }
    if (out.size() == before) {
      return wrong(at, "no row of this consent names it by itself: take back a purpose, or the whole");
    }
  }
  return out;
}

struct Recorded {
  Draft draft;
  std::optional<core::ConsentRecord> consent;  // none: lost with a part of the log, and offered again
};

// A consent that this node took and that is on record.
tl::expected<Recorded, ApiError> recorded_consent(const Node& node, const std::string& id) {
  const auto number = parse_local_id(id, 'c');
  if (!number) return wrong("/consent", "must be the id of a consent of this node, such as c3");
  const auto draft = node.draft(*number);
  if (!draft || draft->type != core::StatementType::consent) {
    return tl::unexpected(
        ApiError{404, "not_found", "this node has taken no such consent", "/consent", Json::object()});
  }
  if (draft->is_offered_again()) return Recorded{*draft, std::nullopt};
  const auto consent = core::find_consent(node.view, base::Reference{node.self, draft->counter, draft->id});
  if (!consent) return tl::unexpected(api_error(consent.error()));
  if (draft->state != DraftState::accepted || !*consent) {
    return tl::unexpected(ApiError{409, "not_recorded",
                                   "the consent is not on record yet: wait until `besa consent list` says so",
                                   "/consent", Json::object()});
  }
  return Recorded{*draft, **consent};
}

// The message must have come under a consent since withdrawn, and not be answered.
tl::expected<const InboxMessage*, ApiError> owed_message(const Node& node, const std::string& id) {
  const auto found = received_message(node, id);
  if (!found) return tl::unexpected(found.error());
  const InboxMessage& message = **found;
  if (!message.withdrawn) return conflict("not_due", "nobody has taken back the consent that this message came under");
  const bool answering = std::any_of(node.drafts().begin(), node.drafts().end(), [&](const auto& item) {
    const Draft& draft = item.second;
    return draft.type == core::StatementType::withdrawal_answer && draft.messages.front() == message.reference &&
           (draft.is_open() || draft.state == DraftState::accepted);
  });
  if (answering) return conflict("answered", "this was answered already");
  return &message;
}

Operation lay_settlement(const InboxMessage& message, core::DebtAnswer answer, core::Basis basis) {
  Draft draft;
  draft.type = core::StatementType::withdrawal_answer;
  draft.messages = {message.reference};
  draft.answer = answer;
  draft.kept_on = basis;
  Laid laid;
  laid.drafts.push_back(std::move(draft));
  const std::string id = "r" + std::to_string(message.sequence.value);
  laid.answer = [id, answer](const std::vector<std::uint64_t>&) {
    return Json{{"message", id}, {"answer", code_text(answer)}, {"state", "queued"}};
  };
  return laid;
}

}  // namespace

Operation lay_withdrawal(Node& node, const Json& body) {
  ObjectReader reader(body, "", {"consent", "purposes", "from"});
  const std::string id = reader.text("consent", true);
  std::vector<core::Purpose> purposes = reader.codes<core::Purpose>("purposes");
  if (purposes.empty() && reader.find("purposes") != nullptr) reader.complain("/purposes", "names none");
  if (reader.wrong()) return tl::unexpected(api_error(reader.mistake()));
  const auto recorded = recorded_consent(node, id);
  if (!recorded) return tl::unexpected(recorded.error());
  if (!recorded->consent && reader.find("from") != nullptr) {
    return tl::unexpected(ApiError{409, "recovering",
                                   "the broker's log recovers from a loss, and the rows of this consent are not known "
                                   "again before that is over: take back a purpose or the whole, or wait",
                                   "/from", Json::object()});
  }
  auto rows = rows_of(node, recorded->consent.value_or(core::ConsentRecord{}), reader.find("from"));
  if (!rows) return tl::unexpected(rows.error());
  Draft draft;
  draft.type = core::StatementType::withdrawal;
  draft.consent_draft = recorded->draft.number;
  draft.purposes = std::move(purposes);
  draft.rows = std::move(*rows);
  const bool whole = draft.purposes.empty() && draft.rows.empty();
  Laid laid;
  laid.drafts.push_back(std::move(draft));
  laid.answer = [id, whole](const std::vector<std::uint64_t>&) {
    return Json{{"consent", id}, {"withdrawn", whole ? "whole" : "part"}, {"state", "queued"}};
  };
  return laid;
}

Operation lay_erase(Node& node, const Json& body) {
  ObjectReader reader(body, "", {"message"});
  const std::string id = reader.text("message", true);
  if (reader.wrong()) return tl::unexpected(api_error(reader.mistake()));
  const auto message = owed_message(node, id);
  if (!message) return tl::unexpected(message.error());
  return lay_settlement(**message, core::DebtAnswer::erased, core::Basis::none);
}

Operation lay_keep(Node& node, const Json& body) {
  ObjectReader reader(body, "", {"message", "basis"});
  const std::string id = reader.text("message", true);
  const auto basis = reader.code<core::Basis>("basis", true);
  if (reader.wrong()) return tl::unexpected(api_error(reader.mistake()));
  if (basis == core::Basis::consent) return wrong("/basis", "cannot be the consent that was taken back");
  const auto message = owed_message(node, id);
  if (!message) return tl::unexpected(message.error());
  return lay_settlement(**message, core::DebtAnswer::kept, basis);
}

namespace {

// What the node keeps of a message whose consent was taken back: the sections that never rested on it.
Result<Bytes> without_consent(Node& node, const InboxMessage& message) {
  BESA_ASSIGN(const auto stored, node.store().get(Box::content, number_key(message.sequence.value)));
  BESA_ASSIGN(std::vector<StoredSection> sections, decode_content(stored.value_or(encode_content({}))));
  std::erase_if(sections, [&](const StoredSection& section) {
    return std::any_of(message.sections.begin(), message.sections.end(), [&](const InboxSection& s) {
      return s.index == section.index && s.basis == core::Basis::consent;
    });
  });
  return encode_content(sections);
}

// A message of ours that a tick kept back. Its number is void for the pair's counters if the log has shown that its
// consent was taken back while nobody had got it; the broker's word alone would let it hide a message that it dropped.
Status void_kept_back(Node& node, const base::Reference& reference) {
  BESA_ASSIGN(const auto message, core::find_message(node.view, reference));
  if (!message || message->handed_out) return {};
  const bool taken_back = std::any_of(message->sections.begin(), message->sections.end(),
                                      [](const core::SectionRecord& section) { return section.withdrawn; });
  if (!taken_back) return {};
  Store::Batch batch;
  for (const auto& [number, draft] : node.drafts()) {
    if (draft.counter != reference.counter || draft.id != reference.id || draft.pair == 0) continue;
    put_pair(batch, draft.to, draft.pair, PairFate::voided);
  }
  return node.store().commit(batch);
}

}  // namespace

Status hear_of_withdrawal(Node& node, const wire::Notice& notice) {
  if (notice.code == core::number_of(core::NoticeCode::message_withheld)) return void_kept_back(node, notice.reference);

  const bool told = notice.code == core::number_of(core::NoticeCode::consent_withdrawn);
  const bool overdue = notice.code == core::number_of(core::NoticeCode::withdrawal_overdue);
  if (!told && !overdue) return {};
  const std::string key = reference_text(notice.reference);
  if (notice.reference.author == node.self) {
    for (const auto& [number, draft] : node.drafts()) {
      if (!overdue || draft.counter != notice.reference.counter || draft.id != notice.reference.id) continue;
      const std::string name = node.config.peers.name_of(draft.to);
      node.raise("withdrawal_overdue", key,
                 name + " has not said what became of message s" + std::to_string(number) +
                     ", whose consent was taken back. Ask " + name + " by telephone.");
    }
    return {};
  }
  for (const auto& [sequence, message] : node.inbox()) {
    if (message.reference != notice.reference) continue;
    const std::string id = "r" + std::to_string(sequence.value);
    const std::string how = "`besa erase " + id + "`, or `besa keep " + id + " --basis legal_obligation` (or another)";
    node.raise(overdue ? "withdrawal_overdue" : "withdrawal", key,
               overdue ? "The answer to the withdrawal for message " + id + " is overdue: " + how + "."
                       : "The person has taken back the consent behind message " + id + ". Answer: " + how + ".");
    InboxMessage marked = message;
    marked.withdrawn = true;
    return node.put_inbox(marked);
  }
  return {};
}

// Erased here too once the answer is on record; not before, since a notice alone proves nothing.
Status settle_withdrawal(Node& node, const Draft& draft) {
  for (const auto& [sequence, message] : node.inbox()) {
    if (message.reference != draft.messages.front()) continue;
    InboxMessage settled = message;
    settled.settled = draft.answer;
    Store::Batch batch;
    if (draft.answer == core::DebtAnswer::erased) {
      BESA_ASSIGN(const Bytes kept, without_consent(node, message));
      batch.put(Box::content, number_key(sequence.value), kept);
    }
    node.end_alarm("withdrawal", reference_text(message.reference));
    node.end_alarm("withdrawal_overdue", reference_text(message.reference));
    return node.put_inbox(settled, std::move(batch));
  }
  return {};
}

bool log_recovers(const Node& node) {
  const auto head = core::read_head(node.view);
  return head && *head && (*head)->recovering;
}

bool only_takes_back(core::StatementType type) {
  return type == core::StatementType::withdrawal || type == core::StatementType::person_withdrawal;
}

void watch_brought(Node& node) {
  const bool recovers = log_recovers(node);
  for (const auto& [number, draft] : node.drafts()) {
    if (!core::is_person(draft.type)) continue;
    if (draft.state == DraftState::accepted) {
      node.end_alarm("not_taken_back", std::to_string(number));
      continue;
    }
    if (draft.lost != 0) continue;  // it was taken, and is offered again after a loss: then its 24 hours do not count
    const bool ran_out = !recovers && draft.is_open() && draft.made + base::limits::kPersonStatementLife <= node.now();
    if (draft.is_open() && !ran_out) continue;
    std::string why = draft.note.empty() ? "the broker did not take it" : draft.note;
    if (draft.state == DraftState::refused) {
      why = "the broker refused it: " + refusal_words(draft.refusal, core::Category::none, {});
    }
    if (ran_out) why = "its 24 hours ran out before the broker decided it";
    node.raise("not_taken_back", std::to_string(number),
               "What a person took back by code on " + program::format_time(draft.made) + " did not take effect (" +
                   why +
                   "). Tell the person; with the code it can be taken back again, and the agency that took the consent "
                   "can take it back without the code.");
  }
}

}  // namespace besa::node
