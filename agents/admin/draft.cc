#include "agents/admin/draft.h"

#include <algorithm>
#include <map>
#include <set>

#include "agents/admin/policy_words.h"
#include "agents/admin/words.h"
#include "core/decide.h"
#include "program/file.h"
#include "program/time_text.h"
#include "wire/statement.h"
#include "wire/statement_file.h"

namespace besa::admin {
namespace {

using base::ErrorKind;
using base::fail;
using Lines = std::vector<std::string>;

template <class Id>
std::string hex(const Id& id) {
  return base::to_hex(id.view());
}

std::string line(std::string_view label, const std::string& value) {
  std::string out(label);
  out.resize(std::max<std::size_t>(out.size(), 22), ' ');
  return out + value;
}

std::string country_of(std::uint16_t country) {
  return {static_cast<char>(country >> 8), static_cast<char>(country & 0xFF)};
}

void describe_body(const core::Genesis& body, Lines& out) {
  out.push_back(line("network name", body.name));
  out.push_back(line("signatures needed", std::to_string(body.threshold) + " of " +
                                              std::to_string(body.administrators.size()) +
                                              ", of more than one organisation"));
  for (const core::Administrator& administrator : body.administrators) {
    out.push_back(line("administrator",
                       "organisation " + hex(administrator.organisation) + ", key " + hex(administrator.signing_key)));
  }
  out.push_back(line("broker log key", hex(body.broker_log_key)));
  out.push_back(line("broker transport key", hex(body.broker_transport_key)));
}

void describe_body(const core::Enrolment& body, Lines& out) {
  out.push_back(line("member", hex(body.member)));
  out.push_back(line("organisation", hex(body.organisation)));
  if (!body.parent.is_none()) out.push_back(line("unit of", hex(body.parent)));
  out.push_back(line("sector, country", std::string(core::name_of(body.sector)) + ", " + country_of(body.country)));
  out.push_back(line("signing key", hex(body.signing_key)));
  out.push_back(line("transport key", hex(body.transport_key)));
  out.push_back(line("witness key", hex(body.witness_key)));
  out.push_back(line("in force", program::format_time(body.from) + " to " + program::format_time(body.until)));
  out.push_back(line("agreement (hash)", hex(body.agreement)));
}

void describe_body(const core::StandingChange& body, Lines& out) { out.push_back(line("member", hex(body.member))); }

void describe_body(const core::PolicyAdoption& body, Lines& out) {
  out.push_back(line("policy (SHA-256)", hex(body.policy)));
}

void describe_body(const core::AuditorAppointment& body, Lines& out) {
  out.push_back(line("auditor", hex(body.auditor)));
  out.push_back(line("may read the log", program::format_time(body.from) + " to " + program::format_time(body.until)));
}

void describe_body(const core::LossAccepted& body, Lines& out) {
  out.push_back(
      line("kept of the log", std::to_string(body.kept_size.value) + " entries, root " + hex(body.kept_root)));
  out.push_back(line("lost, as far as known",
                     body.lost_size.value == 0
                         ? "no checkpoint past it is known"
                         : "up to " + std::to_string(body.lost_size.value) + " entries, root " + hex(body.lost_root)));
  out.push_back(line("epoch that begins", std::to_string(body.epoch)));
  out.push_back(line("collected until", program::format_time(body.until)));
}

template <class Body>
void describe_body(const Body&, Lines&) {}

void describe_signatures(const core::ParsedStatement& statement, Lines& out) {
  const Signatures signatures = signatures_of(statement);
  out.push_back(line("administrators signed", std::to_string(signatures.administrators.size())));
  for (const base::KeyId& key : signatures.administrators) out.push_back(line("  by key", hex(key)));
  if (!std::holds_alternative<core::Enrolment>(statement.body)) return;
  out.push_back(line("proof of possession", signatures.possession.size() == 2
                                                ? "given by the agency"
                                                : "missing: the agency runs besa-node possess on this file"));
}

bool names_signer(const core::Genesis& body, const AdministratorKeys& keys) {
  return std::any_of(body.administrators.begin(), body.administrators.end(), [&](const core::Administrator& named) {
    return named.organisation == keys.organisation && named.signing_key == keys.signing.public_key();
  });
}

// Is every signature of an administrator that the genesis names? One of anybody else makes a broker reject all of it.
bool signed_by_named(const core::Genesis& body, const core::ParsedStatement& statement) {
  return std::all_of(statement.blocks.begin(), statement.blocks.end(), [&](const core::SignatureBlock& block) {
    return block.key == core::broker_log_key_id(body.broker_log_key) ||
           std::any_of(body.administrators.begin(), body.administrators.end(), [&](const core::Administrator& named) {
             return block.key == core::administrator_key_id(named.organisation, named.signing_key);
           });
  });
}

}  // namespace

wire::StatementParts make_draft(core::StatementType type, base::Bytes body, base::Bytes policy) {
  wire::StatementParts out;
  out.type = core::media_type(type);
  out.body = std::move(body);
  out.policy = std::move(policy);
  return out;
}

base::Result<wire::StatementParts> read_draft(const std::string& path) {
  BESA_ASSIGN(const std::string text, program::read_text_file(path, wire::kStatementFileBytes));
  auto parts = wire::decode_statement_file(text);
  if (!parts) return fail(parts.error().kind, path + ": " + parts.error().message);
  return parts;
}

base::Status write_draft(const std::string& path, const wire::StatementParts& parts, bool replace) {
  BESA_ASSIGN(const std::string text, wire::encode_statement_file(parts));
  constexpr unsigned kMode = 0644;
  return replace ? program::write_file(path, base::as_bytes(text), kMode)
                 : program::write_new_file(path, base::as_bytes(text), kMode);
}

base::Result<core::ParsedStatement> parse_draft(const wire::StatementParts& parts) {
  std::vector<base::ByteView> rows(parts.rows.begin(), parts.rows.end());
  return wire::parse_statement(parts.type, parts.body, parts.blocks, rows, parts.policy);
}

base::Status check_signable(const core::ParsedStatement& statement, const AdministratorKeys& keys,
                            const base::NetworkId& known, base::Timestamp now) {
  const core::GovernanceHeader* header = core::governance_header(statement.body);
  if (header == nullptr) return fail(ErrorKind::denied, "an administrator signs governance statements only");
  if (now > header->valid_until) {
    return fail(ErrorKind::denied,
                "it could take effect only until " + program::format_time(header->valid_until) + ": prepare it again");
  }
  if (const auto* genesis = std::get_if<core::Genesis>(&statement.body)) {
    if (names_signer(*genesis, keys)) return {};
    return fail(ErrorKind::denied,
                "this genesis does not name these keys as an administrator: their signature would spoil it");
  }
  if (known.is_none() || header->network == known) return {};
  return fail(ErrorKind::denied,
              "it is a statement of network " + hex(header->network) + "; these keys belong to network " + hex(known));
}

base::Status sign_draft(wire::StatementParts& parts, const AdministratorKeys& keys) {
  BESA_ASSIGN(const core::ParsedStatement statement, parse_draft(parts));
  if (!core::is_governance(statement.type)) {
    return fail(ErrorKind::denied, "an administrator signs governance statements only");
  }
  core::SignatureBlock block;
  block.key = core::administrator_key_id(keys.organisation, keys.signing.public_key());
  for (const core::SignatureBlock& earlier : statement.blocks) {
    if (earlier.key == block.key) {
      return fail(ErrorKind::already_exists, "this administrator has signed it already: another one must");
    }
  }
  block.signature = keys.signing.sign(core::signed_bytes(base::id_cast<base::Digest>(statement.id)));
  const base::Bytes bytes = core::encode_block(block);
  parts.blocks.insert(parts.blocks.end(), bytes.begin(), bytes.end());
  return {};
}

Signatures signatures_of(const core::ParsedStatement& statement) {
  Signatures out;
  const auto* enrolment = std::get_if<core::Enrolment>(&statement.body);
  for (const core::SignatureBlock& block : statement.blocks) {
    const bool own =
        enrolment != nullptr && (block.key == core::member_key_id(enrolment->member, enrolment->signing_key) ||
                                 block.key == core::witness_key_id(enrolment->member, enrolment->witness_key));
    (own ? out.possession : out.administrators).push_back(block.key);
  }
  return out;
}

base::Result<Lines> describe(const core::ParsedStatement& statement) {
  Lines out;
  out.push_back(line("statement", std::string(core::name_of(statement.type)) + " " + hex(statement.id)));
  const core::GovernanceHeader* header = core::governance_header(statement.body);
  if (header == nullptr) return fail(ErrorKind::malformed, "this is no governance statement");
  if (!header->network.is_none()) out.push_back(line("network", hex(header->network)));
  std::visit([&](const auto& body) { describe_body(body, out); }, statement.body);
  if (statement.policy) {
    for (const std::string& rule : describe_policy(*statement.policy)) out.push_back(line("", rule));
  }
  out.push_back(line("takes effect between",
                     program::format_time(header->created) + " and " + program::format_time(header->valid_until)));
  if (!header->replaces.is_none()) out.push_back(line("replaces", hex(header->replaces)));
  describe_signatures(statement, out);
  return out;
}

base::Status check_administrators(const core::Genesis& body) {
  const std::string threshold = std::to_string(body.threshold);
  if (body.administrators.size() < body.threshold) {
    return fail(ErrorKind::denied, std::to_string(body.administrators.size()) + " administrators can never give " +
                                       threshold + " signatures: name more, or lower --threshold");
  }
  std::map<base::OrganisationId, std::size_t> seats;
  std::set<base::PublicKey> keys;
  for (const core::Administrator& administrator : body.administrators) {
    if (!keys.insert(administrator.signing_key).second) {
      return fail(ErrorKind::denied, "one administrator stands there twice: key " + hex(administrator.signing_key));
    }
    if (++seats[administrator.organisation] >= body.threshold) {
      return fail(ErrorKind::denied, "organisation " + hex(administrator.organisation) + " alone could give the " +
                                         threshold +
                                         " signatures: name administrators of other organisations, or raise "
                                         "--threshold");
    }
  }
  return {};
}

base::Status check_genesis(const wire::StatementParts& parts, base::Timestamp now) {
  BESA_ASSIGN(core::ParsedStatement statement, parse_draft(parts));
  const auto* genesis = std::get_if<core::Genesis>(&statement.body);
  if (genesis == nullptr) return fail(ErrorKind::malformed, "this is no genesis statement");
  if (statement.blocks.empty()) {
    return fail(ErrorKind::denied, "nobody has signed this genesis: " + std::to_string(genesis->threshold) +
                                       " of its administrators must, each with besa-admin sign");
  }
  if (!signed_by_named(*genesis, statement)) {
    return fail(ErrorKind::denied,
                "somebody signed this genesis whom it does not name as an administrator: a broker rejects all of it. "
                "Prepare it again");
  }
  const core::MemoryView empty;
  BESA_ASSIGN(const core::Verified verified, core::verify(std::move(statement), {}, core::key_lookup(empty)));
  BESA_ASSIGN(const core::Outcome outcome, core::decide(empty, verified, now));
  const core::Decision& decision = std::get<core::Decided>(outcome).entry.decision;
  if (decision.accepted()) return {};
  return fail(ErrorKind::denied, "a broker would refuse this genesis: " + reason_words(decision.reason));
}

}  // namespace besa::admin
