#include "tests/support/connect.h"

#include "base/check.h"
#include "crypto/secret/random.h"
#include "program/clock.h"

namespace besa::support {

std::unique_ptr<transport::Requester> requester_to(const std::string& endpoint, const Network& network,
                                                   const crypto::TransportSecret& secret) {
  transport::RequesterOptions options;
  options.endpoint = endpoint;
  options.broker = network.broker_transport().public_key();
  options.backoff_first_ms = 20;
  auto made = transport::Requester::create(options, secret, [] {
    std::uint64_t out = 0;
    crypto::random_bytes({reinterpret_cast<std::uint8_t*>(&out), sizeof out});
    return out;
  });
  BESA_CHECK(made.has_value());
  return std::move(*made);
}

Client connect_to(const std::string& endpoint, const Network& network, const crypto::TransportSecret& secret,
                  const base::MemberId& self, const client::SavedLog& saved) {
  Client out;
  out.requester = requester_to(endpoint, network, secret);
  client::SessionOptions options;
  options.network = network.id();
  options.self = self;
  options.exchange = client::exchange_over(*out.requester);
  options.keep = [](const std::string&) -> base::Status { return {}; };
  options.now = [] { return program::SystemClock().now(); };
  auto session = client::Session::create(std::move(options), saved);
  BESA_CHECK(session.has_value());
  out.session.emplace(std::move(*session));
  return out;
}

}  // namespace besa::support
