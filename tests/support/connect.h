// A member's verified session with a broker that a test or a benchmark runs.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "client/session.h"
#include "tests/support/network.h"
#include "transport/requester.h"

namespace besa::support {

// A connection and a session over it, each reply verified.
struct Client {
  std::unique_ptr<transport::Requester> requester;
  std::optional<client::Session> session;

  client::Session& operator*() { return *session; }
  client::Session* operator->() { return &*session; }
};

std::unique_ptr<transport::Requester> requester_to(const std::string& endpoint, const Network& network,
                                                   const crypto::TransportSecret& secret);
// Not yet greeted: `hello` comes next. Keeps no checkpoint on disk.
Client connect_to(const std::string& endpoint, const Network& network, const crypto::TransportSecret& secret,
                  const base::MemberId& self, const client::SavedLog& saved = {});

}  // namespace besa::support
