#include "agents/node/explaining.h"

#include "agents/node/crossing.h"
#include "agents/node/json_text.h"
#include "agents/node/patience.h"
#include "agents/node/referral_input.h"
#include "program/time_text.h"
#include "wire/sentences.h"
#include "wire/statement.h"

namespace besa::node {
namespace {

using base::ErrorKind;
using base::Sequence;
using program::Json;

constexpr std::size_t kMostGovernance = 100'000;  // entries between a decision and its policy

tl::unexpected<ApiError> no(unsigned status, const std::string& code, const std::string& message) {
  return tl::unexpected(ApiError{status, code, message, "/entry", Json::object()});
}

tl::expected<Sequence, ApiError> decided(const Draft& draft) {
  if (draft.state == DraftState::accepted || draft.state == DraftState::refused) return draft.sequence;
  return no(409, "not_decided",
            "the broker has not decided it: it is " + std::string(name_of(draft.state)) +
                " on this node; look with `besa threads`");
}

// The place in the log of what is asked for. The lock is held.
tl::expected<Sequence, ApiError> place_of(const Node& node, const std::string& id) {
  if (parse_local_id(id, 'r')) {
    const auto found = received_message(node, id);
    if (!found) return tl::unexpected(found.error());
    return (*found)->sequence;
  }
  if (parse_local_id(id, 's')) {
    const auto found = sent_message(node, id);
    if (!found) return tl::unexpected(found.error());
    return decided(**found);
  }
  if (const auto number = parse_local_id(id, 'c'); number) {
    const auto draft = node.draft(*number);
    if (draft && draft->type == core::StatementType::consent) return decided(*draft);
    return no(404, "not_found", "this node has taken no such consent");
  }
  // A bare number: read as a local id with a letter of its own.
  if (const auto number = parse_local_id("e" + id, 'e'); number) return Sequence{*number};
  return no(400, "malformed",
            "must be the number of a log entry, a message such as s17 or r42, or a consent such as c3");
}

Result<std::optional<client::ProvenEntry>> kept(Node& node, Sequence sequence) {
  BESA_ASSIGN(const auto stored, node.store().get(Box::log, number_key(sequence.value)));
  if (!stored) return std::nullopt;
  BESA_ASSIGN(client::ProvenEntry proven, decode_proven(*stored));
  return std::optional(std::move(proven));
}

Result<core::ParsedStatement> parse_shown(const client::ProvenEntry& proven) {
  const wire::LogEntry& log = proven.log;
  if (log.rows.empty()) return client::parse(proven);
  const std::vector<base::ByteView> rows(log.rows.begin(), log.rows.end());
  return wire::parse_statement(core::media_type(proven.entry.type), log.body, log.blocks, rows, log.policy);
}

// The policy that was in force where `entry` stands, along the chain of governance that this node keeps.
Result<std::optional<core::Policy>> policy_then(Node& node, const core::Entry& entry) {
  Sequence at = entry.governance_previous;
  for (std::size_t i = 0; i < kMostGovernance; ++i) {
    BESA_ASSIGN(const auto proven, kept(node, at));
    if (!proven) return std::nullopt;
    if (proven->entry.type == core::StatementType::policy_adoption) {
      BESA_ASSIGN(const core::ParsedStatement statement, client::parse(*proven));
      return statement.policy;
    }
    if (at.value == 0) return std::nullopt;
    at = proven->entry.governance_previous;
  }
  return std::nullopt;
}

// As the other commands call it; of others' messages the beginning of the id.
std::string message_name(const Node& node, const base::Reference& reference) {
  for (const auto& [number, draft] : node.drafts()) {
    if (draft.id != reference.id || draft.id.is_none()) continue;
    const char* letter = draft.type == core::StatementType::consent ? "c" : "s";
    return letter + std::to_string(number);
  }
  for (const auto& [sequence, message] : node.inbox()) {
    if (message.reference == reference) return "r" + std::to_string(sequence.value);
  }
  return hex(reference.id).substr(0, 12) + " of " + node.config.peers.name_of(reference.author);
}

Json explanation_json(const client::ProvenEntry& proven, const wire::Explanation& said) {
  const core::Entry& entry = proven.entry;
  Json items = Json::array();
  for (const wire::ExplainedItem& item : said.items) {
    items.push_back({{"what", item.what}, {"basis", item.basis}, {"rule", item.rule}, {"words", item.words}});
  }
  return {{"sequence", entry.sequence.value},
          {"at", program::format_time(entry.now)},
          {"type", code_text(entry.type)},
          {"who", said.who},
          {"what", said.what},
          {"decision", code_text(entry.decision.verdict)},
          {"reason", entry.decision.accepted() ? std::string() : code_text(entry.decision.reason)},
          {"words", said.verdict},
          {"rule", said.rule},
          {"needed", said.needed},
          {"items", std::move(items)},
          {"sentences", said.sentences}};
}

// A message that was accepted and then kept back reads as if it were on its way, unless this is said.
std::optional<std::string> what_became_of(const Node& node, const Result<core::ParsedStatement>& statement) {
  if (!statement || statement->type != core::StatementType::envelope) return std::nullopt;
  const base::Reference reference = core::reference_of(*statement);
  const auto message = core::find_message(node.view, reference);
  if (!message || !*message || (*message)->state != core::MessageState::withheld) return std::nullopt;
  std::string out = "The broker keeps it back since then";
  for (const Event& event : node.ledger.events(reference)) {
    if (event.what == core::StatementType::withhold) out += " (entry " + std::to_string(event.sequence.value) + ")";
  }
  return out + ": what it rested on no longer holds, such as a consent that was taken back or a sender in force.";
}

// `number` is what it has here. Of an entry that the log lost, the policy it was decided under may be lost too, and the
// places that it names hold others now: no rule is named. The lock is held.
Answer explained(Node& node, Sequence number, const client::ProvenEntry& proven) {
  const bool lost = is_lost_number(number.value);
  const auto policy = lost ? Result<std::optional<core::Policy>>(std::nullopt) : policy_then(node, proven.entry);
  if (!policy) return tl::unexpected(api_error(policy.error()));
  wire::Names names;
  names.member = [&node](const base::MemberId& member) {
    if (member.is_none()) return std::string("the broker");
    return member == node.self ? std::string("this agency") : node.config.peers.name_of(member);
  };
  names.message = [&node](const base::Reference& reference) { return message_name(node, reference); };
  names.rule = [&policy, lost](std::uint16_t rule) {
    if (lost) return std::string();
    const bool known = *policy && rule >= 1 && rule <= (*policy)->rules.size();
    return known ? (*policy)->rules[rule - 1U].id : std::to_string(rule);
  };
  const auto statement = parse_shown(proven);
  wire::Explanation said = wire::explain(proven.entry, statement ? &*statement : nullptr, names);
  if (const auto since = what_became_of(node, statement)) said.sentences.push_back(*since);
  if (lost) said.sentences.emplace_back("The broker lost this entry since; by which rule it was decided is not kept.");
  return explanation_json(proven, said);
}

tl::unexpected<ApiError> not_shown(const base::Error& error) {
  if (error.kind == ErrorKind::not_found) return no(404, "not_found", "the log has no such entry yet");
  if (error.kind == ErrorKind::denied) {
    return no(403, "denied",
              "this entry is another agency's: its signer, bringer and recipient may read it, auditors "
              "all");
  }
  return tl::unexpected(api_error(error));
}

}  // namespace

Answer explain_entry(Node& node, const std::string& id) {
  Sequence sequence;
  {
    const std::scoped_lock lock(node.mutex);
    const auto place = place_of(node, id);
    if (!place) return tl::unexpected(place.error());
    sequence = *place;
    const auto known = kept(node, sequence);
    if (!known) return tl::unexpected(api_error(known.error()));
    if (*known) return explained(node, sequence, **known);
  }
  std::optional<client::ProvenEntry> shown;
  const Status asked = node.errands.ask(
      [&](client::Session& session) -> Status {
        BESA_ASSIGN(shown, session.entry(sequence));
        return {};
      },
      [&node] { node.wake(); }, kNodeWaitsMs);
  if (!asked) return not_shown(asked.error());
  const std::scoped_lock lock(node.mutex);
  return explained(node, sequence, *shown);
}

}  // namespace besa::node
