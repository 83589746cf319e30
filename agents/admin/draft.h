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

// Adds this administrator's signature. Errors: already_exists (it has signed), malformed.
[[nodiscard]] base::Status sign_draft(wire::StatementParts& parts, const AdministratorKeys& keys);

// What a signer must see before signing: one fact a line, names and ids, times in UTC, who has signed so far.
[[nodiscard]] base::Result<std::vector<std::string>> describe(const core::ParsedStatement& statement);

// Would this genesis be accepted? Decides it with the core. Errors: denied, naming the reason; bad_signature.
[[nodiscard]] base::Status check_genesis(const wire::StatementParts& parts, base::Timestamp now);

}  // namespace besa::admin
