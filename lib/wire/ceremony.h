// The files of the ceremony in which an agency joins: invite, join request, approval. Carriers, as text (armour.h):
//
//   besa-invite v1        InviteFile: terms, the signed genesis, a secret token
//   besa-join-request v1  JoinRequestFile: the same terms, the enrolment with its proof of possession, proof of the
//   token besa-approval v1      ApprovalFile: one administrator's signature on that enrolment
//
// The terms stay bytes on their way: their hash is what people compare. Only shape is checked here; what the files
// promise each other is checked by client/joining.h.
// Source: docs/protocol.md "Ceremony files", schemas/ceremony.fbs.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "core/codes.h"

namespace besa::wire {

inline constexpr std::string_view kJoinRequestHeader = "besa-join-request v1";
inline constexpr std::size_t kCeremonyFileBytes = 128 * 1024;  // of text; for whoever reads a file

struct InviteTerms {
  base::NetworkId network;
  base::PublicKey broker_log_key;
  base::TransportKey broker_transport_key;
  std::string endpoint;
  std::string name;
  base::MemberId member;
  base::OrganisationId organisation;
  base::MemberId parent;  // or none
  core::Sector sector = core::Sector::none;
  std::uint16_t country = 0;
  std::uint16_t days = 0;
  base::Digest agreement;
  base::Salt agreement_salt;
  base::Timestamp created;
  base::Timestamp expires;
  base::Digest token_hash;
  friend bool operator==(const InviteTerms&, const InviteTerms&) = default;
};

// The seed of an Ed25519 key. Secret.
using InviteToken = base::FixedBytes<struct InviteTokenTag, 32>;

struct Invite {
  base::Bytes terms;
  base::Bytes genesis_body;
  base::Bytes genesis_blocks;
  InviteToken token;
  friend bool operator==(const Invite&, const Invite&) = default;
};

struct JoinRequest {
  base::Bytes terms;
  base::Bytes body;
  base::Bytes blocks;
  base::PublicKey token_key;
  base::Signature token_signature;
  friend bool operator==(const JoinRequest&, const JoinRequest&) = default;
};

struct Approval {
  base::StatementId statement;
  base::Bytes block;
  friend bool operator==(const Approval&, const Approval&) = default;
};

base::Bytes encode_terms(const InviteTerms& terms);
// Errors of all: malformed, unsupported (a later version).
[[nodiscard]] base::Result<InviteTerms> decode_terms(base::ByteView bytes);

std::string encode_invite(const Invite& invite);
[[nodiscard]] base::Result<Invite> decode_invite(std::string_view text);
std::string encode_join_request(const JoinRequest& request);
[[nodiscard]] base::Result<JoinRequest> decode_join_request(std::string_view text);
std::string encode_approval(const Approval& approval);
[[nodiscard]] base::Result<Approval> decode_approval(std::string_view text);

}  // namespace besa::wire
