#include "agents/node/person.h"

#include <algorithm>

#include "agents/node/code_input.h"
#include "agents/node/json_text.h"
#include "agents/node/patience.h"
#include "agents/node/withdrawing.h"
#include "agents/node/words.h"
#include "base/limits.h"
#include "envelope/sign.h"
#include "wire/statement.h"

namespace besa::node {
namespace {

using base::ErrorKind;
using base::Reference;
using program::Json;
namespace limits = base::limits;

struct Asked {
  std::vector<core::Purpose> purposes;
  std::string message;  // "r42", or none
};

tl::unexpected<ApiError> api_fail(unsigned status, const std::string& code, const std::string& message,
                                  const std::string& pointer) {
  return tl::unexpected(ApiError{status, code, message, pointer, Json::object()});
}

// Takes the code out of the request and wipes it there.
tl::expected<envelope::PersonCode, ApiError> take_code(Json& body) {
  const auto field = body.find("code");
  if (field == body.end() || !field->is_string()) return api_fail(400, "malformed", "must be a text", "/code");
  auto& text = field->get_ref<std::string&>();
  auto code = envelope::PersonCode::parse(text);
  crypto::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  if (!code) return api_fail(400, "malformed", say_fault(code.error()), "/code");
  return std::move(*code);
}

// One derivation at a time: each takes 64 MiB.
tl::expected<envelope::PersonKey, ApiError> derive_one(Node& node, Json& body) {
  const auto code = take_code(body);
  if (!code) return tl::unexpected(code.error());
  const std::unique_lock one(node.deriving, std::try_to_lock);
  if (!one) return api_fail(503, "busy", "another code is being looked up: try again", {});
  auto key = envelope::derive(*code, node.config.network);
  if (!key) return tl::unexpected(api_error(key.error()));
  return std::move(*key);
}

// Nothing was looked up, or nothing came of it: whoever asked must not think that something is under way.
ApiError said(const base::Error& error, const std::string& nothing) {
  ApiError out = api_error(error);
  if (error.kind == ErrorKind::misbehaviour) out.status = 500;
  out.message += "; " + nothing;
  if (error.kind == ErrorKind::unavailable) {
    out.message += ". Look with `besa status`, and try again when the broker can be reached: here or at another agency";
  }
  return out;
}

base::Error too_many_lookups() {
  return {ErrorKind::busy, "the broker lets an agency look up " + std::to_string(limits::kLookupsPerHour) +
                               " codes an hour: try again "
                               "later"};
}

constexpr std::string_view kRecovers =
    "the broker's log recovers from a loss: what was given in the lost part is not found before that is over. Look "
    "again then; the agency that took the consent can take it back now";

tl::unexpected<ApiError> none_found(bool recovers) {
  if (recovers)
    return api_fail(503, "recovering", "nothing is found under this code yet: " + std::string(kRecovers), {});
  return api_fail(404, "not_found",
                  "nothing in this network was given under this code: check it letter by letter. A code works only in "
                  "the network that gave it, and only while the case is kept",
                  "/code");
}

Json found_json(const Node& node, const std::vector<Reference>& references) {
  Json consents = Json::array();
  for (const Reference& reference : references) {
    const bool here = reference.author == node.self;
    consents.push_back(
        {{"taken_by", here ? "this agency" : node.config.peers.name_of(reference.author)}, {"id", hex(reference.id)}});
  }
  Json out = {{"found", references.size()}, {"consents", std::move(consents)}};
  if (log_recovers(node)) out["note"] = "there may be more: " + std::string(kRecovers);
  return out;
}

// The statement that takes one back, signed with the code's key.
wire::StatementParts sign_withdrawal(const Node& node, const envelope::PersonKey& person, const Reference& named,
                                     const Asked& asked) {
  core::PersonWithdrawal body;
  body.header.network = node.config.network;
  node.random()(body.header.salt.bytes);
  body.header.bringer = node.self;
  body.header.created = node.now();
  body.header.expires = body.header.created + limits::kPersonStatementLife;
  body.narrowing.reference = named;
  for (const core::Purpose purpose : asked.purposes) body.narrowing.purposes.insert(purpose);
  wire::StatementParts parts;
  parts.type = core::media_type(core::StatementType::person_withdrawal);
  parts.body = wire::encode_person_withdrawal(body);
  parts.blocks = core::encode_block(envelope::sign_statement(core::StatementType::person_withdrawal, parts.body,
                                                             person.key, core::person_key_id(person.key.public_key())));
  return parts;
}

// Puts the signed statements where the outbox brings them from. The lock is held.
Result<std::vector<std::uint64_t>> queue(Node& node, const envelope::PersonKey& person,
                                         const std::vector<Reference>& named, const Asked& asked) {
  const std::vector<std::uint64_t> numbers = node.next_numbers(named.size());
  std::vector<Draft> drafts;
  Store::Batch batch;
  for (std::size_t i = 0; i < named.size(); ++i) {
    const wire::StatementParts parts = sign_withdrawal(node, person, named[i], asked);
    Draft draft;
    draft.type = core::StatementType::person_withdrawal;
    draft.state = DraftState::sent;  // signed: nothing of it can be made again
    draft.attempts = 1;
    draft.id = core::statement_id(draft.type, parts.body);
    draft.purposes = asked.purposes;
    draft.messages = {named[i]};
    batch.put(Box::signed_, number_key(numbers[i]), encode_parts(parts));
    drafts.push_back(std::move(draft));
  }
  return node.add(std::move(drafts), std::move(batch));
}

// What the message is called in the log, if this agency holds it. The lock is held.
tl::expected<Reference, ApiError> message_named(const Node& node, const std::string& id) {
  if (id.starts_with("s")) {
    const auto sent = sent_message(node, id);
    if (!sent) return tl::unexpected(sent.error());
    if ((*sent)->state == DraftState::accepted) return Reference{node.self, (*sent)->counter, (*sent)->id};
    return api_fail(409, "not_recorded", "the message is not on record", "/message");
  }
  const auto received = received_message(node, id);
  if (!received) return tl::unexpected(received.error());
  return (*received)->reference;
}

ApiError refused(const Draft& draft) {
  ApiError out{422,
               "refused",
               "the broker refused it: " + refusal_words(draft.refusal, core::Category::none, {}),
               {},
               Json{{"reason", code_text(draft.refusal)}, {"sequence", draft.sequence.value}, {"on_record", true}}};
  if (draft.refusal == core::Reason::not_entitled) {
    out.message = "this code does not belong to that consent: it was given to another person, or for something else";
  }
  return out;
}

// How the statements stand. The lock is held.
Answer outcome(const Node& node, const std::vector<std::uint64_t>& numbers, const Asked& asked) {
  Json consents = Json::array();
  bool open = false;
  for (const std::uint64_t number : numbers) {
    const auto draft = node.draft(number);
    if (!draft) return tl::unexpected(api_error(draft.error()));
    if (draft->state == DraftState::refused) return tl::unexpected(refused(*draft));
    if (draft->state == DraftState::failed) return api_fail(422, "failed", draft->note, {});
    open = open || draft->is_open();
    Json one = {{"state", std::string(name_of(draft->state))}};
    if (!draft->is_open()) one["sequence"] = draft->sequence.value;
    if (draft->is_open() && !draft->note.empty()) one["note"] = draft->note;
    consents.push_back(std::move(one));
  }
  Json out = {{"withdrawn", asked.purposes.empty() ? "whole" : "part"},
              {"state", open ? "queued" : "on_record"},
              {"by_code", true},
              {"consents", std::move(consents)}};
  if (log_recovers(node)) out["note"] = "there may be more: " + std::string(kRecovers);
  return out;
}

// What carries the tag, and `then` with it, while the worker is at it.
using Found = std::vector<Reference>;
tl::expected<Found, ApiError> look_up(Node& node, const Patience& patience, const base::LookupTag& tag,
                                      const std::string& nothing,
                                      const std::function<Status(const Found&)>& then = {}) {
  Found found;
  const Status asked = node.errands.ask(
      [&](client::Session& session) -> Status {
        auto carried = session.lookup(tag);
        // Of the lookup alone: a full queue here, or a round that the broker had no room for, is busy too.
        if (!carried && carried.error().kind == ErrorKind::busy) return tl::unexpected(too_many_lookups());
        BESA_ASSIGN(found, std::move(carried));
        return found.empty() || !then ? Status{} : then(found);
      },
      [&node] { node.wake(); }, patience.left_ms());
  if (!asked) return tl::unexpected(said(asked.error(), nothing));
  if (found.empty()) {
    const std::scoped_lock lock(node.mutex);
    return none_found(log_recovers(node));
  }
  return found;
}

tl::expected<Asked, ApiError> read_asked(const Json& body) {
  ObjectReader reader(body, "", {"code", "purposes", "message"});
  Asked out;
  out.purposes = reader.codes<core::Purpose>("purposes");
  if (out.purposes.empty() && reader.find("purposes") != nullptr) reader.complain("/purposes", "names none");
  out.message = reader.text("message", false);
  if (reader.wrong()) return tl::unexpected(api_error(reader.mistake()));
  return out;
}

}  // namespace

Answer find_by_code(Node& node, Json body, std::uint32_t patience_ms) {
  const Patience patience(patience_ms);
  ObjectReader reader(body, "", {"code"});
  if (reader.wrong()) return tl::unexpected(api_error(reader.mistake()));
  const auto person = derive_one(node, body);
  if (!person) return tl::unexpected(person.error());
  const auto found = look_up(node, patience, person->tag, "nothing was looked up");
  if (!found) return tl::unexpected(found.error());
  const std::scoped_lock lock(node.mutex);
  return found_json(node, *found);
}

Answer withdraw_by_code(Node& node, Json body, std::uint32_t patience_ms) {
  const Patience patience(patience_ms);
  const auto asked = read_asked(body);
  if (!asked) return tl::unexpected(asked.error());
  std::optional<Reference> message;
  if (!asked->message.empty()) {
    const std::scoped_lock lock(node.mutex);
    const auto named = message_named(node, asked->message);
    if (!named) return tl::unexpected(named.error());
    message = *named;
  }
  const auto person = derive_one(node, body);
  if (!person) return tl::unexpected(person.error());
  std::vector<std::uint64_t> numbers;
  const auto queue_all = [&](const Found& coded) -> Status {
    const std::scoped_lock lock(node.mutex);
    BESA_ASSIGN(numbers, queue(node, *person, message ? Found{*message} : coded, *asked));
    return {};
  };
  const auto found = look_up(node, patience, person->tag, "nothing was taken back", queue_all);
  if (!found) return tl::unexpected(found.error());
  // After the round that brings them. If it fails, they are queued and brought by a later one.
  std::ignore =
      node.errands.ask([](client::Session&) -> Status { return {}; }, [&node] { node.wake(); }, patience.left_ms());
  const std::scoped_lock lock(node.mutex);
  return outcome(node, numbers, *asked);
}

Result<FreshCode> make_code(Node& node) {
  const std::scoped_lock one(node.deriving);
  envelope::PersonCode code = envelope::PersonCode::draw(node.random());
  BESA_ASSIGN(const envelope::PersonKey person, envelope::derive(code, node.config.network));
  return FreshCode{std::move(code), person.tag, person.key.public_key()};
}

}  // namespace besa::node
