#include "transport/self_test.h"

#include "crypto/secret/transport_key.h"
#include "transport/client_connection.h"

namespace besa::transport {
namespace {

constexpr std::uint64_t kPatienceMs = 5'000;  // over the handshake's own limit of 3 s
constexpr int kTries = 3;

base::Result<Handshake> try_to_enter(const std::string& endpoint, const std::optional<CurveClient>& curve) {
  const ZmqContext context;
  const Wakeup never;
  BESA_ASSIGN(ClientConnection client, ClientConnection::open(context, "self-test", endpoint, curve, ""));
  return client.wait_handshake(monotonic_ms() + kPatienceMs, never);
}

// Only the wanted refusal is a proof: a connection that merely broke, on a busy machine, is tried again.
base::Status is_refused(const std::string& endpoint, const std::optional<CurveClient>& curve, Handshake wanted,
                        const std::string& who) {
  for (int i = 0; i < kTries; ++i) {
    BESA_ASSIGN(const Handshake end, try_to_enter(endpoint, curve));
    if (end == wanted) return {};
    if (end == Handshake::admitted) {
      return base::fail(base::ErrorKind::configuration, "self-test: the gate let in " + who + "; it does not start");
    }
  }
  return base::fail(base::ErrorKind::configuration,
                    "self-test: the gate did not clearly refuse " + who + "; it does not start");
}

}  // namespace

base::Status strangers_are_refused(const std::string& endpoint, const base::TransportKey& server) {
  const auto stranger = crypto::TransportSecret::generate();
  BESA_TRY(is_refused(endpoint, CurveClient{server, stranger.public_key(), stranger.view()}, Handshake::refused_key,
                      "an unknown key"));
  return is_refused(endpoint, std::nullopt, Handshake::failed, "a client without a key");
}

}  // namespace besa::transport
