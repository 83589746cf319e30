// The operator's side of a node: what the local JSON API does. Each call answers at once from what is stored here; what
// is queued is on the disk before the answer.
//
// Errors are {"error": {"code", "message", "pointer"}}: 400 malformed (with the JSON pointer), 404 not_found, 409
// conflict, 422 refused (with reason, rule and section), 503 unavailable. Times are RFC 3339; ids of messages are "s17"
// (sent) and "r42" (received), of consents "c3".
// Source: docs/protocol.md is about the broker; this interface is local (docs/operators.md).
#pragma once

#include <string>

#include "agents/node/node.h"
#include "program/http.h"

namespace besa::node {

class Desk {
 public:
  explicit Desk(Node& node) : node_(node) {}

  // All routes; from any thread. Takes the node's lock.
  program::HttpResponse handle(const program::HttpRequest& request);

 private:
  program::HttpResponse change(const program::HttpRequest& request);
  program::HttpResponse by_code(const program::HttpRequest& request);
  program::HttpResponse look(const program::HttpRequest& request);

  Node& node_;
};

}  // namespace besa::node
