// The bodies of statements as plain values. lib/wire makes them from the signed FlatBuffers; the core never sees those
// bytes, except through their hash.
//
// Shapes: an absent id, hash, key or reference is zeros. Codes are as they came: a number outside a list is kept and
// refused by `decide` (unknown_code). Times are milliseconds since 1970 UTC; intervals are half-open [from, until).
// Source: docs/protocol.md, "Bodies".
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "core/codes.h"

namespace besa::core {

using base::Bytes;
using base::ByteView;
using base::Counter;
using base::Digest;
using base::Duration;
using base::KeyId;
using base::MemberId;
using base::NetworkId;
using base::OrganisationId;
using base::PublicKey;
using base::Reference;
using base::Result;
using base::Salt;
using base::Sequence;
using base::Signature;
using base::StatementId;
using base::Status;
using base::Timestamp;
using base::TransportKey;
using base::TreeSize;

// What every governance body begins with. Signed by a quorum of administrators, valid for at most 30 days.
struct GovernanceHeader {
  NetworkId network;  // zeros in genesis
  Salt salt;
  Timestamp created;
  Timestamp valid_until;
  StatementId replaces;  // last accepted statement on the same subject, or zeros
};

// What every member body begins with.
struct MemberHeader {
  NetworkId network;
  Salt salt;
  MemberId author;
  Counter counter;
  Timestamp created;
  Timestamp expires;
};

struct Administrator {
  OrganisationId organisation;
  PublicKey signing_key;
  TransportKey transport_key;
};

struct Genesis {
  GovernanceHeader header;
  std::string name;  // of the network: letters, digits, '.', '-', at most 64; it is the first part of the origin
  std::vector<Administrator> administrators;
  std::uint16_t threshold = 0;
  PublicKey broker_log_key;
  TransportKey broker_transport_key;
  std::uint16_t decision_version = 0;
  std::uint16_t signature_rule = 0;  // 1: libsodium 1.0.18 verification, keys must be points of the main subgroup
};

struct Enrolment {
  GovernanceHeader header;
  MemberId member;
  OrganisationId organisation;
  MemberId parent;  // of a unit, or none
  Sector sector = Sector::none;
  std::uint16_t country = 0;  // two ASCII capitals, first letter high
  PublicKey signing_key;
  TransportKey transport_key;
  PublicKey witness_key;
  Timestamp from;
  Timestamp until;
  Digest agreement;  // SHA-256 over a salt of 16 bytes and the data-sharing agreement
};

// All administrators and the threshold from here on.
struct AdministratorChange {
  GovernanceHeader header;
  std::vector<Administrator> administrators;
  std::uint16_t threshold = 0;
};

// suspension, reinstatement, removal: a member's standing.
struct StandingChange {
  GovernanceHeader header;
  MemberId member;
};

struct PolicyAdoption {
  GovernanceHeader header;
  Digest policy;  // SHA-256 of the policy's bytes, which travel beside the statement
  std::uint16_t decision_version = 0;
};

struct AuditorAppointment {
  GovernanceHeader header;
  MemberId auditor;
  Timestamp from;
  Timestamp until;
};

// After an older backup was restored: what is kept, and how the log goes on.
struct LossAccepted {
  GovernanceHeader header;
  TreeSize kept_size;  // of the log before the loss that is still there, with its root
  Digest kept_root;
  // The highest lost checkpoint that the administrators know, as the log signed it; all zeros if they know none.
  std::uint64_t lost_epoch = 0;
  TreeSize lost_size;
  Digest lost_root;
  Signature lost_signature;
  std::uint64_t epoch = 0;  // of the log from here on
  Timestamp until;          // so long the broker collects what is offered again
};

struct Prekey {
  base::BoxKey key;
  Timestamp from;
  Timestamp until;
};

struct Prekeys {
  MemberHeader header;
  std::vector<Prekey> keys;
};

// A member's new keys, signed with the one that they replace.
struct KeyRotation {
  MemberHeader header;
  PublicKey signing_key;
  TransportKey transport_key;
  PublicKey witness_key;
  Timestamp from;
  Timestamp until;
  Timestamp old_signs_until;  // so long the replaced signing key still signs, but for another rotation
};

struct Consent {
  MemberHeader header;
  PersonClass person_class = PersonClass::none;
  GivenBy given_by = GivenBy::none;
  ConsentForm form = ConsentForm::none;
  std::uint16_t checks = 0;  // the seven informed checks, bit 0 first; all seven are 0x7F
  bool child_assent = false;
  Digest best_interest;  // salted hash of the reference, or zeros
  bool guardian_conflict = false;
  Timestamp valid_from;
  Timestamp valid_until;
  Digest sealed_part;        // salted hash of what stays at the author: language, interpreter, signed form
  base::LookupTag code_tag;  // of the person's code, or zeros
  PublicKey code_key;
  Digest rows_root;
};

// What a withdrawal takes back. It names the consent, or a message that came under it; without purposes and row hashes
// the whole. It only narrows.
struct Narrowing {
  Reference reference;
  CodeSet<Purpose> purposes;
  std::vector<Digest> rows;  // leaf hashes of the consent's rows
  bool is_whole() const { return purposes.empty() && rows.empty(); }
};

struct Withdrawal {
  MemberHeader header;
  Narrowing narrowing;
};

// What a body signed with a person's code key begins with. Valid for at most 24 hours.
struct PersonHeader {
  NetworkId network;
  Salt salt;
  MemberId bringer;  // the member that may bring it
  Timestamp created;
  Timestamp expires;
};

struct PersonWithdrawal {
  PersonHeader header;
  Narrowing narrowing;
};

// The recipient of a message that came under a consent since withdrawn says what became of it.
struct WithdrawalAnswer {
  MemberHeader header;
  Reference message;
  DebtAnswer answer = DebtAnswer::none;
  Basis basis = Basis::none;  // on which it was kept
};

// received, erased: references to messages of one sender.
struct Acknowledgement {
  MemberHeader header;
  std::vector<Reference> messages;
};

struct UnreadableReport {
  MemberHeader header;
  Reference message;
  Unreadable reason = Unreadable::none;
};

struct Opened {
  MemberHeader header;
  Reference message;
  ReaderRole role = ReaderRole::none;
  base::PersonId person;
};

struct ContextReference {
  ReferenceType type = ReferenceType::none;
  Digest hash;  // salted
};

struct DueWindow {
  Timestamp from;
  Timestamp until;
};

// The header of an envelope. Its exact bytes are hashed into everything that is sealed.
struct Context {
  NetworkId network;
  std::uint16_t suite = 0;
  Salt salt;
  MemberId sender;
  KeyId sender_key;
  Counter counter;
  Timestamp created;
  Timestamp expires;
  MemberId recipient;
  KeyId prekey;
  Kind kind = Kind::none;
  Purpose purpose = Purpose::none;
  Priority priority = Priority::none;
  PersonClass person_class = PersonClass::none;
  Reference thread;    // its opening message; none when this message opens one
  Reference reply_to;  // or none
  StatementId policy;
  Sets sets = Sets::none;
  std::vector<ContextReference> references;
  BreakGlass break_glass = BreakGlass::none;
  Screening screening = Screening::none;
  MemberId about;
  std::vector<DueWindow> due;
  std::uint16_t due_index = 0;
};

struct Section {
  Category category = Category::none;
  Form form = Form::none;
  Grant grant = Grant::none;
  Basis basis = Basis::none;
  std::vector<Handling> handling;
  base::Commitment commitment;
  Digest ciphertext_root;           // RFC 6962 root of the chunks' leaf hashes
  std::uint32_t padded_length = 0;  // of the plaintext, bytes
};

// What a release, reseal, disclosure or permission lists instead of sections.
struct ListedSection {
  Reference message;
  std::uint16_t section = 0;
  Basis basis = Basis::none;
};

struct Envelope {
  Context context;
  std::vector<Section> sections;
  std::vector<ListedSection> listed;
  Digest h0;  // SHA-256("besa/1 context" 00 context bytes)
  Digest h1;  // SHA-256("besa/1 sections" 00 H0 SHA-256(section list bytes))
  Bytes grant;
  Digest rows_root;
};

// hand_out, withhold: written by the broker when `member` pulls; messages of one sender.
struct HandOut {
  Salt salt;
  NetworkId network;
  MemberId member;
  std::vector<Reference> messages;
};

struct Tick {
  Salt salt;
  NetworkId network;
};

// Written by the broker once its administrator has looked at a clock that had stepped, or seemed wrong at a start.
struct ClockConfirmed {
  Salt salt;
  NetworkId network;
  Timestamp clock;
};

using Body =
    std::variant<Genesis, Enrolment, StandingChange, PolicyAdoption, AuditorAppointment, Prekeys, Consent, Envelope,
                 Acknowledgement, UnreadableReport, Opened, HandOut, Tick, Withdrawal, PersonWithdrawal,
                 WithdrawalAnswer, LossAccepted, ClockConfirmed, KeyRotation, AdministratorChange>;

// Rows of an envelope: links that broker and auditors see and the recipient does not.
struct EnvelopeRow {
  RowRole role = RowRole::none;
  std::uint16_t section = 0xFFFF;  // of this envelope, 0xFFFF none
  Reference reference;
  std::uint16_t reference_section = 0xFFFF;
  base::LookupTag tag;  // role person
  PublicKey key;        // role person
};

// Rows of a consent: who may get what, and who may not.
struct ConsentRow {
  MemberId member;              // exactly one of member, organisation, sector; none of them in an empty row
  OrganisationId organisation;  // with its units
  Sector sector = Sector::none;
  CodeSet<Category> allow;
  CodeSet<Category> withhold;
  CodeSet<Purpose> purposes;
  bool relay = false;
  bool excluded = false;
  bool not_told = false;
  bool is_empty() const { return member.is_none() && organisation.is_none() && sector == Sector::none; }
};

constexpr std::uint16_t kNoSection = 0xFFFF;
constexpr std::uint16_t kSuite1 = 1;
constexpr std::uint16_t kDecisionVersion = 1;
constexpr std::uint16_t kSignatureRule = 1;
constexpr std::uint16_t kAllChecks = 0x7F;

}  // namespace besa::core
