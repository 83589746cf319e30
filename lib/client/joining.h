// What an agency and the administrators check when one is invited to a network and asks to join: each side for itself,
// from the files alone (wire/ceremony.h). Nothing here reads a clock or a disk.
//
// The invite fixes all that the administrators decide, the member id among it; the agency fills in its keys and gives
// the whole enrolment with its proof of possession; what administrators sign is that enrolment and nothing else. An
// invite that was used twice gives two enrolments of one new member, of which the log takes the first.
// Source: docs/protocol.md "Ceremony files".
#pragma once

#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "core/statement.h"
#include "crypto/secret/sign.h"
#include "wire/ceremony.h"

namespace besa::client {

inline constexpr base::Duration kInviteLife = base::days(30);    // longest
inline constexpr base::Duration kApprovalTime = base::days(14);  // in which an enrolment from an invite may take effect

// Eight groups of five digits of a digest, to be read over the phone: "04127 99310 …". 132 bits.
std::string fingerprint_words(const base::Digest& digest);
base::Digest invite_fingerprint(base::ByteView terms);
// Covers the terms and, by its id, every byte that is to be signed.
base::Digest request_fingerprint(base::ByteView terms, const base::StatementId& enrolment);

// What the terms keep of a token.
base::Digest token_hash(const base::PublicKey& token_key);
// What the token signs: this request and no other was made with the invite.
base::Bytes token_signed_bytes(base::ByteView terms, const base::StatementId& enrolment);

// Is a signed genesis one that a quorum stands behind? Decides it with the core, as a broker does.
// Errors: malformed, unsupported; bad_signature; denied, naming the reason.
[[nodiscard]] base::Result<core::ParsedStatement> check_genesis(base::ByteView body, base::ByteView blocks);

// How a time stands to a clock, which may be the one that is wrong: up to limits::kClockAhead may lie between two.
enum class Timing { good, ahead, over };
Timing invite_timing(const wire::InviteTerms& terms, base::Timestamp now);

struct CheckedInvite {
  wire::InviteTerms terms;
  base::Digest fingerprint;
  core::Genesis genesis;
  std::size_t genesis_signatures = 0;  // of administrators
  crypto::SigningKey token;
};
// All that the agency can check but the time: the genesis is the one that the terms name and a quorum signed it, the
// broker's keys are those of that genesis, and the token is the one that the terms speak of.
// Errors: malformed, unsupported; bad_signature; denied (a genesis that no quorum stands behind, or of another
// network).
[[nodiscard]] base::Result<CheckedInvite> check_invite(const wire::Invite& invite);

// What an agency brings along: it makes them itself, and only the public halves leave it.
struct JoiningKeys {
  const crypto::SigningKey& signing;
  const crypto::SigningKey& witness;
  base::TransportKey transport;
};
// The whole enrolment that the terms offer, with the proof of possession and of the token.
wire::JoinRequest make_request(base::ByteView terms, const CheckedInvite& invite, const JoiningKeys& keys,
                               base::Timestamp now, const base::Salt& salt);

struct CheckedRequest {
  wire::InviteTerms terms;
  base::Digest invite_fingerprint;
  base::Digest fingerprint;
  core::ParsedStatement statement;  // with the agency's blocks
  core::Enrolment body;
};
// All that an administrator can check of a request by itself: it was made with the invite whose terms it shows, it
// enrols what these terms say and nothing else, its keys are sound, and the agency has proved that it holds them.
// Errors: malformed, unsupported; bad_signature; denied.
[[nodiscard]] base::Result<CheckedRequest> check_request(const wire::JoinRequest& request);
// Of the request's own time: it must have been made while the invite held, and not ahead of this clock.
Timing request_timing(const CheckedRequest& request, base::Timestamp now);

}  // namespace besa::client
