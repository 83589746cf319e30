// A governance statement on its way to enough signatures: made by one administrator, signed by others, brought to the
// broker by any of them. Travels as a statement file.
#pragma once

#include <string>
#include <vector>

#include "agents/admin/keys.h"
#include "core/statement.h"
#include "wire/messages.h"

namespace besa::admin {

// Body bytes of a new statement, without signatures. `policy` only with an adoption.
wire::StatementParts make_draft(core::StatementType type, base::Bytes body, base::Bytes policy = {});

// Errors of reading: not_found, io, malformed, unsupported.
[[nodiscard]] base::Result<wire::StatementParts> read_draft(const std::string& path);
// Errors: already_exists unless `replace`, io, full.
[[nodiscard]] base::Status write_draft(const std::string& path, const wire::StatementParts& parts, bool replace);
[[nodiscard]] base::Result<core::ParsedStatement> parse_draft(const wire::StatementParts& parts);

// May this administrator sign it at all? `known` is the network that its keys folder belongs to, or zeros.
// Errors: denied (no governance statement, over, of another network, a genesis that does not name the signer).
[[nodiscard]] base::Status check_signable(const core::ParsedStatement& statement, const AdministratorKeys& keys,
                                          const base::NetworkId& known, base::Timestamp now);
// Adds this administrator's signature. Errors: already_exists (it has signed), denied, malformed.
[[nodiscard]] base::Status sign_draft(wire::StatementParts& parts, const AdministratorKeys& keys);

// Who has put a signature under it: administrators, and in an enrolment the member's own keys (proof of possession).
struct Signatures {
  std::vector<base::KeyId> administrators;
  std::vector<base::KeyId> possession;
};
Signatures signatures_of(const core::ParsedStatement& statement);

// What a signer must see before signing: one fact a line, names and ids, times in UTC, a policy rule by rule, who has
// signed so far.
[[nodiscard]] base::Result<std::vector<std::string>> describe(const core::ParsedStatement& statement);

// Can these administrators reach the threshold, and none of their organisations alone? Errors: denied, saying which.
[[nodiscard]] base::Status check_administrators(const core::Genesis& body);
// Would this genesis be accepted? Decides it with the core. Errors: denied, naming the reason; bad_signature.
[[nodiscard]] base::Status check_genesis(const wire::StatementParts& parts, base::Timestamp now);

}  // namespace besa::admin
