// The worker: one round after the other over one session. A round is hello after a new connection, governance, the
// outbox, then what came in. Blocking calls lie in the session; between them the node's lock is taken and given back.
#pragma once

#include <functional>

#include "agents/node/intake.h"
#include "agents/node/node.h"
#include "agents/node/outbox.h"
#include "client/session.h"

namespace besa::node {

class Worker {
 public:
  Worker(Node& node, client::Exchange exchange);

  // One round. When it returns without error, everything that could be sent was sent, and everything that lay ready was
  // taken. Errors: as client::Session; after `misbehaviour` the node has stopped sending and the evidence is kept.
  [[nodiscard]] base::Status round();

  // After an error of `round`: how long to wait before the next one.
  std::uint32_t pause_ms() const;

 private:
  base::Status attempt();
  base::Status begin();
  client::SessionOptions session_options();
  base::Status cross();
  base::Status follow_governance();
  base::Status work();
  void settle(const base::Status& result);
  void keep_evidence(const base::Error& error);

  Node& node_;
  client::Exchange exchange_;
  std::optional<client::Session> session_;
  bool greeted_ = false;
  Outbox outbox_;
  Intake intake_;
  unsigned failures_ = 0;
  std::uint32_t retry_after_ms_ = 0;
};

}  // namespace besa::node
