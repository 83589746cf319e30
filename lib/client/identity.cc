#include "client/identity.h"

#include "core/checkpoint.h"
#include "core/signed_note.h"
#include "core/statement.h"
#include "wire/statement.h"

namespace besa::client {

using base::ErrorKind;
using base::fail;

std::string LogIdentity::origin(std::uint64_t epoch) const { return core::format_origin({name, network, epoch}); }

std::optional<std::uint64_t> LogIdentity::epoch_of(std::string_view note) const {
  const auto parsed = core::parse_note(note);
  const auto body = parsed ? core::parse_checkpoint_body(parsed->text) : tl::unexpected(parsed.error());
  const auto origin = body ? core::parse_origin(body->origin) : tl::unexpected(body.error());
  if (!origin || origin->name != name || origin->network != network) return std::nullopt;
  return origin->epoch;
}

base::Result<LogIdentity> identity_from_genesis(const base::NetworkId& network, base::ByteView body) {
  const base::StatementId id = core::statement_id(core::StatementType::genesis, body);
  if (base::id_cast<base::NetworkId>(id) != network) {
    return fail(ErrorKind::misbehaviour, "the broker shows a genesis of another network: check the network id");
  }
  BESA_ASSIGN(const core::ParsedStatement statement,
              wire::parse_shown(core::media_type(core::StatementType::genesis), body, {}));
  const auto* genesis = std::get_if<core::Genesis>(&statement.body);
  if (genesis == nullptr || !core::is_key_name(genesis->name)) {
    return fail(ErrorKind::malformed, "the genesis of this network has no usable name");
  }
  return LogIdentity{network, genesis->name, genesis->broker_log_key};
}

}  // namespace besa::client
