#include "wire/statement.h"

#include <optional>

#include "core/digests.h"
#include "core/merkle.h"
#include "wire/statement_read.h"

namespace besa::wire {
namespace {

using base::ByteView;
using base::ErrorKind;
using base::fail;
using base::Result;
using base::Status;
using core::ParsedStatement;
using core::StatementType;
namespace limits = base::limits;

constexpr std::string_view kOurTypes = "application/vnd.besa.";

Result<StatementType> parse_type(std::string_view media_type) {
  if (const auto type = core::parse_media_type(media_type)) return *type;
  return media_type.starts_with(kOurTypes) ? fail(ErrorKind::unsupported, "an unknown type of statement")
                                           : fail(ErrorKind::malformed, "not a type of statement");
}

// What the body says about rows; none for types that carry none.
std::optional<base::Digest> declared_root(const core::Body& body) {
  if (const auto* envelope = std::get_if<core::Envelope>(&body)) return envelope->rows_root;
  if (const auto* consent = std::get_if<core::Consent>(&body)) return consent->rows_root;
  return std::nullopt;
}

Status check_row_count(const core::Body& body, std::size_t count) {
  if (std::holds_alternative<core::Envelope>(body)) {
    return count <= limits::kEnvelopeRows ? Status{} : fail(ErrorKind::malformed, "an envelope has at most 32 rows");
  }
  if (std::holds_alternative<core::Consent>(body)) {
    const bool padded = count == 0 || count == 16 || count == 32 || count == limits::kConsentRows;
    return padded ? Status{} : fail(ErrorKind::malformed, "a consent has 16, 32 or 64 rows");
  }
  return count == 0 ? Status{} : fail(ErrorKind::malformed, "rows where none belong");
}

Status read_rows(ParsedStatement& statement, std::span<const ByteView> rows) {
  BESA_TRY(check_row_count(statement.body, rows.size()));
  for (const ByteView row : rows) {
    if (row.size() > limits::kRowBytes) return fail(ErrorKind::malformed, "a row is too large");
    if (std::holds_alternative<core::Envelope>(statement.body)) {
      BESA_ASSIGN(auto parsed, parse_envelope_row(row));
      statement.envelope_rows.push_back(parsed);
    } else {
      BESA_ASSIGN(auto parsed, parse_consent_row(row));
      statement.consent_rows.push_back(parsed);
    }
    statement.row_hashes.push_back(core::leaf_hash(row));
    statement.rows_bytes.push_back(base::to_bytes(row));
  }
  if (!rows.empty()) statement.rows_root = core::root_of(statement.row_hashes);
  const bool same = statement.rows_root == declared_root(statement.body).value_or(base::Digest{});
  return same ? Status{} : fail(ErrorKind::malformed, "the rows are not under the root that the body names");
}

Status read_policy(ParsedStatement& statement, ByteView bytes, bool required) {
  const auto* const adoption = std::get_if<core::PolicyAdoption>(&statement.body);
  if (adoption == nullptr) {
    return bytes.empty() ? Status{} : fail(ErrorKind::malformed, "a policy where none belongs");
  }
  if (bytes.empty()) return required ? fail(ErrorKind::malformed, "the policy is missing") : Status{};
  if (bytes.size() > limits::kPolicyBytes) return fail(ErrorKind::malformed, "the policy is too large");
  if (core::content_hash(bytes) != adoption->policy) {
    return fail(ErrorKind::malformed, "the policy is not the one that its adoption names");
  }
  BESA_ASSIGN(statement.policy, parse_policy(bytes));
  statement.policy_bytes = base::to_bytes(bytes);
  return {};
}

Result<ParsedStatement> parse_head(std::string_view media_type, ByteView body, ByteView blocks) {
  BESA_ASSIGN(const StatementType type, parse_type(media_type));
  if (body.size() > limits::kBodyBytes) return fail(ErrorKind::malformed, "the body is too large");
  ParsedStatement out;
  out.type = type;
  BESA_ASSIGN(out.body, read_body(type, body));
  BESA_ASSIGN(out.blocks, core::decode_blocks(blocks));
  if (out.blocks.size() > limits::kSignatureBlocks) return fail(ErrorKind::malformed, "too many signature blocks");
  out.id = core::statement_id(type, body);
  if (!blocks.empty()) out.blocks_hash = core::content_hash(blocks);
  out.body_bytes = base::to_bytes(body);
  out.blocks_bytes = base::to_bytes(blocks);
  return out;
}

}  // namespace

Result<ParsedStatement> parse_statement(std::string_view media_type, ByteView body, ByteView blocks,
                                        std::span<const ByteView> rows, ByteView policy) {
  BESA_ASSIGN(ParsedStatement out, parse_head(media_type, body, blocks));
  BESA_TRY(read_rows(out, rows));
  BESA_TRY(read_policy(out, policy, true));
  return out;
}

Result<ParsedStatement> parse_shown(std::string_view media_type, ByteView body, ByteView blocks, ByteView policy) {
  BESA_ASSIGN(ParsedStatement out, parse_head(media_type, body, blocks));
  out.rows_root = declared_root(out.body).value_or(base::Digest{});
  BESA_TRY(read_policy(out, policy, false));
  return out;
}

base::Digest rows_root(std::span<const base::Bytes> rows) {
  if (rows.empty()) return {};
  std::vector<base::Digest> hashes;
  for (const base::Bytes& row : rows) hashes.push_back(core::leaf_hash(row));
  return core::root_of(hashes);
}

}  // namespace besa::wire
