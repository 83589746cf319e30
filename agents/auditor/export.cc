#include "agents/auditor/export.h"

#include <algorithm>

#include "client/session.h"
#include "crypto/secret/random.h"
#include "program/clock.h"
#include "tiles/writer.h"
#include "transport/requester.h"

namespace besa::auditor {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::uint32_t kRun = 256;  // entries asked for at once; what fits comes

base::Result<client::Session> open_session(const NetworkFile& network, transport::Requester& requester) {
  client::SessionOptions options;
  options.network = network.anchor.network;
  options.exchange = client::exchange_over(requester);
  // An export stands on its own: the checkpoint is kept in it.
  options.keep = [](const std::string&) { return base::Status{}; };
  options.now = [] { return program::SystemClock().now(); };
  BESA_ASSIGN(client::Session session, client::Session::create(std::move(options), {}));
  BESA_TRY(session.hello());
  return session;
}

base::Bytes beside_of(const client::ProvenEntry& proven) {
  return core::encode_beside({proven.log.body, proven.log.blocks, proven.log.rows, proven.log.policy});
}

}  // namespace

base::Result<Exported> export_log(const NetworkFile& network, const crypto::TransportSecret& secret,
                                  const std::string& folder, const Progress& progress) {
  transport::RequesterOptions options;
  options.endpoint = network.endpoint;
  options.broker = network.broker;
  BESA_ASSIGN(const auto requester, transport::Requester::create(options, secret, crypto::random_bits));
  BESA_ASSIGN(client::Session session, open_session(network, *requester));
  if (session.identity()->log_key != network.anchor.log_key) {
    return fail(ErrorKind::configuration,
                "the network's file names another log key than its genesis: get the file from somebody you trust");
  }
  // The log may grow meanwhile: the export is of this checkpoint.
  const core::Checkpoint target = session.held()->checkpoint;
  const std::string note = session.held_note();
  BESA_ASSIGN(tiles::Writer writer, tiles::Writer::begin(folder));
  while (writer.size() < target.size) {
    const std::uint64_t left = target.size.value - writer.size().value;
    const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, kRun));
    BESA_ASSIGN(const auto entries, session.entries(base::Sequence{writer.size().value}, count));
    if (entries.empty()) {
      return fail(ErrorKind::denied,
                  "the broker shows no entries: is this auditor appointed now? Ask an administrator");
    }
    for (const client::ProvenEntry& proven : entries) {
      BESA_TRY(writer.add(proven.log.entry, beside_of(proven)));
      if (writer.size() == target.size) break;
    }
    progress(writer.size().value, target.size.value);
  }
  if (writer.root() != target.root) {
    return fail(ErrorKind::misbehaviour,
                "the entries do not give the root of the checkpoint: keep the folder as evidence");
  }
  BESA_TRY(writer.finish(note));
  return Exported{target.size, target.root};
}

}  // namespace besa::auditor
