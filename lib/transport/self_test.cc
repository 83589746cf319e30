#include "transport/self_test.h"

#include "crypto/secret/transport_key.h"
#include "transport/client_connection.h"

namespace besa::transport {
namespace {

constexpr std::uint64_t kPatienceMs = 5'000;  // over the handshake's own limit of 3 s

base::Status is_refused(const std::string& endpoint, const std::optional<CurveClient>& curve, std::string_view who) {
  const ZmqContext context;
  const Wakeup never;
  BESA_ASSIGN(ClientConnection client, ClientConnection::open(context, "self-test", endpoint, curve, ""));
  switch (client.wait_handshake(monotonic_ms() + kPatienceMs, never)) {
    case Handshake::refused_key:
    case Handshake::failed: return {};
    case Handshake::admitted:
      return base::fail(base::ErrorKind::configuration,
                        "self-test: the gate let in " + std::string{who} + "; it does not start");
    case Handshake::timed_out:
    case Handshake::interrupted: break;
  }
  return base::fail(base::ErrorKind::configuration,
                    "self-test: the gate did not answer " + std::string{who} + "; it does not start");
}

}  // namespace

base::Status strangers_are_refused(const std::string& endpoint, const base::TransportKey& server) {
  const auto stranger = crypto::TransportSecret::generate();
  BESA_TRY(is_refused(endpoint, CurveClient{server, stranger.public_key(), stranger.view()}, "an unknown key"));
  return is_refused(endpoint, std::nullopt, "a client without a key");
}

}  // namespace besa::transport
