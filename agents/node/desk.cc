#include "agents/node/desk.h"

#include "agents/node/answers.h"
#include "agents/node/explaining.h"
#include "agents/node/json_text.h"
#include "agents/node/person.h"
#include "crypto/verify/hash.h"

namespace besa::node {
namespace {

using base::ErrorKind;
using program::HttpRequest;
using program::HttpResponse;
using program::Json;

constexpr std::size_t kRequestIdBytes = 128;

using Lay = Operation (*)(Node&, const Json&);
struct Route {
  std::string_view path;
  Lay lay;
};
constexpr Route kChanges[] = {{"/v1/send", lay_send},       {"/v1/update", lay_update},
                              {"/v1/cancel", lay_cancel},   {"/v1/accept", lay_accept},
                              {"/v1/decline", lay_decline}, {"/v1/open", lay_open},
                              {"/v1/consent", lay_consent}, {"/v1/withdraw", lay_withdrawal},
                              {"/v1/erase", lay_erase},     {"/v1/keep", lay_keep}};

unsigned status_of_kind(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::malformed:
    case ErrorKind::unsupported: return 400;
    case ErrorKind::not_found: return 404;
    case ErrorKind::already_exists: return 409;
    case ErrorKind::denied: return 403;
    case ErrorKind::busy:
    case ErrorKind::unavailable: return 503;
    case ErrorKind::bad_signature:
    case ErrorKind::full:
    case ErrorKind::io:
    case ErrorKind::damaged:
    case ErrorKind::configuration:
    case ErrorKind::misbehaviour: return 500;
  }
  return 500;
}

// A request that says who it is: asked twice, it is done once.
struct Repeat {
  Bytes key;  // empty: it does not say
  base::Digest content;
};

tl::expected<Repeat, ApiError> repeat_of(const Store& store, const HttpRequest& request, Json& body) {
  Repeat out;
  const auto found = body.find("request_id");
  if (found == body.end()) return out;
  if (!found->is_string() || found->get_ref<const std::string&>().empty() ||
      found->get_ref<const std::string&>().size() > kRequestIdBytes) {
    return tl::unexpected(api_error(InputError{"/request_id", "must be a text of 1 to 128 bytes"}));
  }
  out.key = base::to_bytes(store.blind("request", found->get_ref<const std::string&>()).view());
  body.erase("request_id");
  const std::string content = request.path + "\n" + program::to_line(body);
  out.content = crypto::sha256(base::as_bytes(content));
  return out;
}

// The answer of the first time, if this request came before.
tl::expected<std::optional<HttpResponse>, ApiError> earlier(Node& node, const Repeat& repeat) {
  if (repeat.key.empty()) return std::nullopt;
  const auto stored = node.store().get(Box::requests, repeat.key);
  if (!stored) return tl::unexpected(api_error(stored.error()));
  if (!*stored) return std::nullopt;
  base::ByteReader reader(**stored);
  const auto content = reader.id<base::Digest>();
  HttpResponse response;
  response.body = base::as_text(reader.sized());
  if (content != repeat.content) {
    return tl::unexpected(
        ApiError{409, "conflict", "this request id was used for another request", "/request_id", Json::object()});
  }
  return response;
}

}  // namespace

ApiError api_error(const base::Error& error) {
  return {status_of_kind(error.kind), std::string(base::to_string(error.kind)), error.message, {}, Json::object()};
}

ApiError api_error(const InputError& error) { return {400, "malformed", error.message, error.pointer, Json::object()}; }

HttpResponse respond(const Answer& answer) {
  HttpResponse response;
  if (answer) {
    response.body = program::to_pretty(*answer) + "\n";
    return response;
  }
  const ApiError& error = answer.error();
  Json json = {{"code", error.code}, {"message", error.message}, {"pointer", error.pointer}};
  for (const auto& [name, value] : error.more.items()) json[name] = value;
  response.status = error.status;
  response.body = program::to_pretty({{"error", json}}) + "\n";
  return response;
}

HttpResponse Desk::change(const HttpRequest& request) {
  const auto* route =
      std::find_if(std::begin(kChanges), std::end(kChanges), [&](const Route& r) { return r.path == request.path; });
  if (route == std::end(kChanges)) {
    return respond(tl::unexpected(ApiError{404, "not_found", "there is no such operation", {}, Json::object()}));
  }
  auto body = program::parse_json(request.body);
  if (!body) return respond(tl::unexpected(api_error(body.error())));
  if (!body->is_object()) return respond(tl::unexpected(api_error(InputError{"", "must be an object"})));
  const auto repeat = repeat_of(node_.store(), request, *body);
  if (!repeat) return respond(tl::unexpected(repeat.error()));
  const std::lock_guard lock(node_.mutex);
  auto before = earlier(node_, *repeat);
  if (!before) return respond(tl::unexpected(before.error()));
  if (*before) return **before;
  Operation laid = route->lay(node_, *body);
  if (!laid) return respond(tl::unexpected(laid.error()));
  if (laid->shown_once && !repeat->key.empty()) {
    return respond(tl::unexpected(api_error(InputError{
        "/request_id", "cannot stand here: the answer shows a code, which is kept nowhere to be shown again"})));
  }
  // The numbers are known beforehand, so that drafts and the remembered answer go to the disk together.
  const std::vector<std::uint64_t> numbers = node_.next_numbers(laid->drafts.size());
  HttpResponse response = respond(laid->answer(numbers));
  if (!repeat->key.empty()) {
    laid->more.put(Box::requests, repeat->key,
                   base::ByteWriter().raw(repeat->content).sized(base::as_bytes(response.body)).bytes());
  }
  const auto added = node_.add(std::move(laid->drafts), std::move(laid->more));
  if (!added) return respond(tl::unexpected(api_error(added.error())));
  return response;
}

// These wait for the broker, and take the lock themselves where they need it.
HttpResponse Desk::by_code(const HttpRequest& request) {
  auto body = program::parse_json(request.body);
  if (!body)
    return respond(tl::unexpected(api_error(InputError{"", "must be an object"})));  // its text is not repeated
  if (!body->is_object()) return respond(tl::unexpected(api_error(InputError{"", "must be an object"})));
  if (request.path == "/v1/person/find") return respond(find_by_code(node_, std::move(*body)));
  if (request.path == "/v1/person/withdraw") return respond(withdraw_by_code(node_, std::move(*body)));
  return respond(tl::unexpected(ApiError{404, "not_found", "there is no such operation", {}, Json::object()}));
}

HttpResponse Desk::look(const HttpRequest& request) {
  constexpr std::string_view kMessage = "/v1/message/";
  constexpr std::string_view kExplain = "/v1/explain/";
  if (request.path.starts_with(kExplain)) return respond(explain_entry(node_, request.path.substr(kExplain.size())));
  const std::lock_guard lock(node_.mutex);
  if (request.path == "/v1/inbox") return respond(inbox_list(node_));
  if (request.path == "/v1/threads") return respond(thread_list(node_));
  if (request.path == "/v1/consents") return respond(consent_list(node_));
  if (request.path == "/v1/status") return respond(status_of(node_));
  if (request.path.starts_with(kMessage)) return respond(message_of(node_, request.path.substr(kMessage.size())));
  return respond(tl::unexpected(ApiError{404, "not_found", "there is no such page", {}, Json::object()}));
}

HttpResponse Desk::handle(const HttpRequest& request) {
  if (request.method == "GET") return look(request);
  if (request.method != "POST") {
    return respond(tl::unexpected(ApiError{405, "malformed", "only GET and POST are served", {}, Json::object()}));
  }
  if (request.path.starts_with("/v1/person/")) return by_code(request);
  if (request.path != "/v1/resume") return change(request);
  const std::lock_guard lock(node_.mutex);
  const auto resumed = node_.resume();
  if (!resumed) return respond(tl::unexpected(api_error(resumed.error())));
  return respond(Json{{"resumed", true}});
}

}  // namespace besa::node
