#include "client/joining.h"

#include <algorithm>
#include <vector>

#include "base/limits.h"
#include "core/decide.h"
#include "core/pae.h"
#include "crypto/secret/transport_key.h"
#include "crypto/verify/ed25519.h"
#include "crypto/verify/hash.h"
#include "wire/statement.h"

namespace besa::client {
namespace {

using base::Bytes;
using base::ByteView;
using base::Digest;
using base::ErrorKind;
using base::fail;
using base::Result;
using base::Status;
using base::Timestamp;

constexpr std::string_view kInviteContext("besa/1 invite\0", 14);
constexpr std::string_view kRequestContext("besa/1 join request\0", 20);
constexpr std::string_view kTokenContext("besa/1 invite token\0", 20);
constexpr std::string_view kTokenType = "application/vnd.besa.join-request.v1";

constexpr std::size_t kGroups = 8;
constexpr std::size_t kGroupDigits = 5;
constexpr std::uint32_t kGroupNumbers = 100'000;
static_assert(kGroups * sizeof(std::uint32_t) == Digest::kSize, "every byte of a digest counts");

bool is_ahead(Timestamp time, Timestamp now) { return time > now + base::limits::kClockAhead; }

tl::unexpected<base::Error> not_as_invited(const char* field) {
  return fail(ErrorKind::denied, std::string("the request asks for another ") + field +
                                     " than its invite gives: it was changed; let the agency join again");
}

Status check_keys(const core::Enrolment& body) {
  const auto unsound = [](const char* name) {
    return fail(ErrorKind::denied, std::string("the ") + name +
                                       " key of the request is of low order or no key at all, which everybody could "
                                       "use: let the agency join again, in an empty folder");
  };
  if (!crypto::is_valid_public_key(body.signing_key)) return unsound("signing");
  if (!crypto::is_valid_public_key(body.witness_key)) return unsound("witness");
  if (!crypto::is_valid_transport_key(body.transport_key)) return unsound("transport");
  const Digest keys[] = {base::id_cast<Digest>(body.signing_key), base::id_cast<Digest>(body.witness_key),
                         base::id_cast<Digest>(body.transport_key)};
  if (keys[0] != keys[1] && keys[0] != keys[2] && keys[1] != keys[2]) return {};
  return fail(ErrorKind::denied,
              "the request has one key in two places: let the agency join again, in an empty folder");
}

Status check_terms(const wire::InviteTerms& terms, const core::Enrolment& body) {
  if (body.header.network != terms.network) return not_as_invited("network");
  if (body.member != terms.member) return not_as_invited("member id");
  if (body.organisation != terms.organisation) return not_as_invited("organisation");
  if (body.parent != terms.parent) return not_as_invited("parent");
  if (body.sector != terms.sector) return not_as_invited("sector");
  if (body.country != terms.country) return not_as_invited("country");
  if (body.agreement != terms.agreement) return not_as_invited("data-sharing agreement");
  if (!body.header.replaces.is_none()) return not_as_invited("statement to replace");
  const bool times = body.from == body.header.created && body.until == body.from + base::days(terms.days) &&
                     body.header.valid_until == body.header.created + kApprovalTime;
  return times ? Status{} : Status(not_as_invited("time"));
}

// Both proofs of possession and nothing else: approvals travel beside the request.
Status check_possession(const core::ParsedStatement& statement, const core::Enrolment& body) {
  if (statement.blocks.empty()) {
    return fail(ErrorKind::denied,
                "the request has no proof that the agency holds the keys: let it join again with besa-node join");
  }
  const auto nobody = [](const base::KeyId&) -> Result<std::optional<core::KnownKey>> { return std::nullopt; };
  const auto verified = core::verify(statement, {}, nobody);
  if (!verified) {
    return fail(ErrorKind::bad_signature, "the proof of possession in the request does not hold (" +
                                              verified.error().message +
                                              "): it was changed; let the agency join again");
  }
  for (const base::KeyId& key :
       {core::member_key_id(body.member, body.signing_key), core::witness_key_id(body.member, body.witness_key)}) {
    const bool proved = std::any_of(statement.blocks.begin(), statement.blocks.end(),
                                    [&](const core::SignatureBlock& block) { return block.key == key; });
    if (proved) continue;
    return fail(ErrorKind::denied,
                "the request does not prove that the agency holds all its keys: let it join again with besa-node join");
  }
  return {};
}

Status check_token(const wire::JoinRequest& request, const wire::InviteTerms& terms, const base::StatementId& id) {
  if (token_hash(request.token_key) != terms.token_hash) {
    return fail(ErrorKind::denied, "the request was not made with the token of its invite");
  }
  if (crypto::verify(request.token_key, token_signed_bytes(request.terms, id), request.token_signature)) return {};
  return fail(ErrorKind::bad_signature,
              "the request was changed since it was made with its invite: let the agency send it again");
}

core::SignatureBlock block_of(const base::StatementId& id, const crypto::SigningKey& key, const base::KeyId& key_id) {
  core::SignatureBlock block;
  block.key = key_id;
  block.signature = key.sign(core::signed_bytes(base::id_cast<Digest>(id)));
  return block;
}

Result<core::ParsedStatement> parse(core::StatementType type, ByteView body, ByteView blocks) {
  return wire::parse_statement(core::media_type(type), body, blocks, {}, {});
}

}  // namespace

std::string fingerprint_words(const Digest& digest) {
  base::ByteReader reader(digest.view());
  std::string out;
  for (std::size_t i = 0; i < kGroups; ++i) {
    const std::string digits = std::to_string(reader.u32() % kGroupNumbers);
    if (i > 0) out += ' ';
    out += std::string(kGroupDigits - digits.size(), '0') + digits;
  }
  return out;
}

Digest invite_fingerprint(ByteView terms) { return crypto::sha256_of({base::as_bytes(kInviteContext), terms}); }

Digest request_fingerprint(ByteView terms, const base::StatementId& enrolment) {
  return crypto::sha256_of({base::as_bytes(kRequestContext), invite_fingerprint(terms).view(), enrolment.view()});
}

Digest token_hash(const base::PublicKey& token_key) {
  return crypto::sha256_of({base::as_bytes(kTokenContext), token_key.view()});
}

Bytes token_signed_bytes(ByteView terms, const base::StatementId& enrolment) {
  return core::pae(kTokenType, request_fingerprint(terms, enrolment).view());
}

Result<core::ParsedStatement> check_genesis(ByteView body, ByteView blocks) {
  BESA_ASSIGN(core::ParsedStatement statement, parse(core::StatementType::genesis, body, blocks));
  const auto* genesis = std::get_if<core::Genesis>(&statement.body);
  if (genesis == nullptr) return fail(ErrorKind::malformed, "this is no genesis statement");
  if (statement.blocks.empty()) return fail(ErrorKind::denied, "nobody has signed the genesis");
  const core::MemoryView empty;
  BESA_ASSIGN(const core::Verified verified, core::verify(statement, {}, core::key_lookup(empty)));
  BESA_ASSIGN(const core::Outcome outcome, core::decide(empty, verified, genesis->header.created));
  const core::Decision& decision = std::get<core::Decided>(outcome).entry.decision;
  if (decision.accepted()) return statement;
  return fail(ErrorKind::denied,
              "no quorum of administrators stands behind the genesis: " + std::string(core::name_of(decision.reason)));
}

Timing invite_timing(const wire::InviteTerms& terms, Timestamp now) {
  if (is_ahead(terms.created, now)) return Timing::ahead;
  return now < terms.expires ? Timing::good : Timing::over;
}

Result<CheckedInvite> check_invite(const wire::Invite& invite) {
  BESA_ASSIGN(const wire::InviteTerms terms, wire::decode_terms(invite.terms));
  BESA_ASSIGN(const core::ParsedStatement statement, check_genesis(invite.genesis_body, invite.genesis_blocks));
  const auto& genesis = std::get<core::Genesis>(statement.body);
  if (base::id_cast<base::NetworkId>(statement.id) != terms.network) {
    return fail(ErrorKind::denied,
                "the invite is for another network than the genesis in it begins: ask for a new one");
  }
  if (genesis.broker_log_key != terms.broker_log_key || genesis.broker_transport_key != terms.broker_transport_key) {
    return fail(ErrorKind::denied,
                "the broker's keys in the invite are not those that the administrators signed: ask for a new one");
  }
  if (terms.member.is_none() || terms.organisation.is_none() || terms.expires <= terms.created ||
      terms.expires > terms.created + kInviteLife) {
    return fail(ErrorKind::malformed, "the invite is incomplete: ask for a new one");
  }
  BESA_ASSIGN(crypto::SigningKey token, crypto::SigningKey::from_seed(invite.token.view()));
  if (token_hash(token.public_key()) != terms.token_hash) {
    return fail(ErrorKind::bad_signature, "the invite's token is not the one that it was made with: it was changed");
  }
  const auto signatures = std::count_if(statement.blocks.begin(), statement.blocks.end(), [&](const auto& block) {
    return block.key != core::broker_log_key_id(genesis.broker_log_key);
  });
  return CheckedInvite{terms, invite_fingerprint(invite.terms), genesis, static_cast<std::size_t>(signatures),
                       std::move(token)};
}

wire::JoinRequest make_request(ByteView terms_bytes, const CheckedInvite& invite, const JoiningKeys& keys,
                               Timestamp now, const base::Salt& salt) {
  const wire::InviteTerms& terms = invite.terms;
  core::Enrolment body;
  body.header = {terms.network, salt, now, now + kApprovalTime, {}};
  body.member = terms.member;
  body.organisation = terms.organisation;
  body.parent = terms.parent;
  body.sector = terms.sector;
  body.country = terms.country;
  body.signing_key = keys.signing.public_key();
  body.witness_key = keys.witness.public_key();
  body.transport_key = keys.transport;
  body.from = now;
  body.until = now + base::days(terms.days);
  body.agreement = terms.agreement;
  wire::JoinRequest out;
  out.terms = base::to_bytes(terms_bytes);
  out.body = wire::encode_enrolment(body);
  const base::StatementId id = core::statement_id(core::StatementType::enrolment, out.body);
  out.blocks = core::encode_blocks({block_of(id, keys.signing, core::member_key_id(body.member, body.signing_key)),
                                    block_of(id, keys.witness, core::witness_key_id(body.member, body.witness_key))});
  out.token_key = invite.token.public_key();
  out.token_signature = invite.token.sign(token_signed_bytes(terms_bytes, id));
  return out;
}

Result<CheckedRequest> check_request(const wire::JoinRequest& request) {
  BESA_ASSIGN(const wire::InviteTerms terms, wire::decode_terms(request.terms));
  BESA_ASSIGN(core::ParsedStatement statement, parse(core::StatementType::enrolment, request.body, request.blocks));
  const core::Enrolment body = std::get<core::Enrolment>(statement.body);
  BESA_TRY(check_token(request, terms, statement.id));
  BESA_TRY(check_terms(terms, body));
  BESA_TRY(check_keys(body));
  BESA_TRY(check_possession(statement, body));
  const Digest fingerprint = request_fingerprint(request.terms, statement.id);
  return CheckedRequest{terms, invite_fingerprint(request.terms), fingerprint, std::move(statement), body};
}

Timing request_timing(const CheckedRequest& request, Timestamp now) {
  const Timestamp made = request.body.header.created;
  if (is_ahead(made, now) || is_ahead(request.terms.created, made)) return Timing::ahead;
  return made < request.terms.expires ? Timing::good : Timing::over;
}

}  // namespace besa::client
