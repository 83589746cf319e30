// Answers of the local API, shared by the desk's files. Heavy (nlohmann).
#pragma once

#include <string>

#include "agents/node/input.h"
#include "agents/node/node.h"
#include "agents/node/planner.h"
#include "program/http.h"
#include "program/json.h"

namespace besa::node {

struct ApiError {
  unsigned status = 400;
  std::string code;
  std::string message;
  std::string pointer;
  program::Json more = program::Json::object();  // reason, rule, section …
};
// `batch` of an answer that changes something goes to the disk with it; see desk.cc.
using Answer = tl::expected<program::Json, ApiError>;

ApiError api_error(const base::Error& error);
ApiError api_error(const InputError& error);
program::HttpResponse respond(const Answer& answer);

// What an operation wants written: drafts, laid out but not numbered yet.
struct Laid {
  std::vector<Draft> drafts;
  // Makes the answer once the drafts have their numbers.
  std::function<program::Json(const std::vector<std::uint64_t>&)> answer;
  Store::Batch more;
  bool shown_once = false;  // the answer holds what may not be kept: a code
};
using Operation = tl::expected<Laid, ApiError>;

// The operations; the lock is held. `body` is the request's object.
Operation lay_send(Node& node, const program::Json& body);
Operation lay_update(Node& node, const program::Json& body);
Operation lay_cancel(Node& node, const program::Json& body);
Operation lay_accept(Node& node, const program::Json& body);
Operation lay_decline(Node& node, const program::Json& body);
Operation lay_consent(Node& node, const program::Json& body);
Operation lay_withdrawal(Node& node, const program::Json& body);
Operation lay_erase(Node& node, const program::Json& body);
Operation lay_keep(Node& node, const program::Json& body);
Operation lay_open(Node& node, const program::Json& body);

// One draft, decided locally unless what it rests on is still on its way: refused, or laid out.
Operation lay_one(Node& node, Draft draft, bool decide);

// The lists; the lock is held.
program::Json inbox_list(Node& node);
program::Json thread_list(Node& node);
program::Json consent_list(Node& node);
program::Json status_of(Node& node);
Answer message_of(Node& node, const std::string& id);

// One message of the inbox as JSON, without content.
program::Json inbox_json(const Node& node, const InboxMessage& message);
program::Json plan_json(const Node& node, const Plan& plan);
program::Json refusal_json(const Node& node, const Plan& plan);

// "r42" in the inbox, "s17" among the drafts. Errors: 400, 404.
tl::expected<const InboxMessage*, ApiError> received_message(const Node& node, const std::string& id);
tl::expected<const Draft*, ApiError> sent_message(const Node& node, const std::string& id);

}  // namespace besa::node
