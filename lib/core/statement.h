// A statement: type, exact bytes, signature blocks, rows. Its id, how it is signed, and how signatures are checked.
// Source: docs/protocol.md "Statements"; DSSE v1 (PAE); RFC 6962 section 2.1 (leaf hash, audit path).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bodies.h"
#include "core/policy.h"

namespace besa::core {

// "application/vnd.besa.NAME.v1"
std::string media_type(StatementType type);
std::optional<StatementType> parse_media_type(std::string_view text);

// SHA-256(0x00 || PAE(media type, body)): the leaf hash of the statement. Cost: one pass over the body.
StatementId statement_id(StatementType type, ByteView body);

// SHA-256("besa/1 key" 00 role holder key).
KeyId key_id(KeyRole role, ByteView holder16, ByteView key32);
KeyId member_key_id(const MemberId& member, const PublicKey& key);
KeyId witness_key_id(const MemberId& member, const PublicKey& key);
KeyId administrator_key_id(const OrganisationId& organisation, const PublicKey& key);
KeyId broker_log_key_id(const PublicKey& key);
KeyId person_key_id(const PublicKey& key);
KeyId prekey_id(const MemberId& member, const base::BoxKey& key);

// One signature over a bundle of statements, and the path from this statement to the bundle's root.
// A bundle of one (root = id, no path) is the ordinary case.
struct SignatureBlock {
  KeyId key;
  std::uint32_t index = 0;
  std::uint32_t size = 1;
  std::vector<Digest> path;  // at most 8
  Signature signature;
};

// key id, index (4), size (4), path (32 each), signature (64). The path's length follows from index and size.
Bytes encode_block(const SignatureBlock& block);
Bytes encode_blocks(const std::vector<SignatureBlock>& blocks);
// Reads blocks lying one after the other, at most 64. Errors: malformed if any byte is left, a size is 0 or over 256,
// or an index is not below its size. Accepts exactly what encode_blocks gives.
[[nodiscard]] Result<std::vector<SignatureBlock>> decode_blocks(ByteView bytes);

// The bytes that a signature covers: PAE("application/vnd.besa.bundle.v1", root).
Bytes signed_bytes(const Digest& bundle_root);

// What lib/wire makes of a statement: everything checked that can be checked without a key or a view.
struct ParsedStatement {
  StatementType type = StatementType::none;
  StatementId id;
  Body body;
  std::vector<SignatureBlock> blocks;
  Digest blocks_hash;  // SHA-256 over the blocks' bytes; zeros if none
  Digest rows_root;    // RFC 6962 root over the rows' leaf hashes; zeros if none; equals the body's
  std::vector<EnvelopeRow> envelope_rows;
  std::vector<ConsentRow> consent_rows;
  std::vector<Digest> row_hashes;  // leaf hashes, in order
  std::optional<Policy> policy;    // of a policy adoption; its bytes hash to what the body names
  // Exactly as received, in this order: body, blocks, rows (each sized), policy.
  Bytes body_bytes;
  Bytes blocks_bytes;
  std::vector<Bytes> rows_bytes;
  Bytes policy_bytes;
};

// A key as the log knows it. Once in, it stays known for ever; `from` and `until` say when it signs.
struct KnownKey {
  KeyRole role = KeyRole::none;
  MemberId holder;  // member; organisation of an administrator; zeros
  PublicKey key;
  Timestamp from;
  Timestamp until;
};

// Finds a key that this log ever held.
using KeyLookup = std::function<Result<std::optional<KnownKey>>(const KeyId&)>;

// Who signed: keys whose signatures verified.
struct Signer {
  KeyId key;
  KeyRole role = KeyRole::none;
  MemberId holder;
  bool introduced = false;  // by this very statement: proof of possession, no authority
};

// A statement whose signatures hold. Only `verify` makes one: the sequencer takes nothing else.
class Verified {
 public:
  const ParsedStatement& statement() const { return statement_; }
  const std::vector<Signer>& signers() const { return signers_; }
  // The member of the transport identity (an administrator's organisation; zeros for the broker itself).
  const MemberId& submitter() const { return submitter_; }

 private:
  friend Result<Verified> verify(ParsedStatement, const MemberId&, const KeyLookup&);
  Verified(ParsedStatement statement, std::vector<Signer> signers, const MemberId& submitter)
      : statement_(std::move(statement)), signers_(std::move(signers)), submitter_(submitter) {}

  ParsedStatement statement_;
  std::vector<Signer> signers_;
  MemberId submitter_;
};

// Checks every signature block under a key that the log ever held or that this statement introduces (genesis: the
// administrators' and the broker's log key; enrolment and key rotation: the member's signing and witness key; a change
// of administrators: theirs). A member's statement carries one block, of its author, a rotation besides those of the
// keys that it introduces; governance at least one, of administrators or introduced keys; a broker's none at all, and
// it has no submitter. Errors: bad_signature (unknown key, wrong signature, key of somebody else, a key twice, no block
// or too many, an introduced key that is no valid point of the main subgroup, signed or not), denied (a broker
// statement that somebody brings), those of the lookup. What fails here is answered and counted, never logged. Cost: an
// Ed25519 verification a block (about 50 us), 100 us for each introduced key.
[[nodiscard]] Result<Verified> verify(ParsedStatement statement, const MemberId& submitter, const KeyLookup& lookup);

// The author of a member's statement, with its counter and times; none for governance and broker statements.
const MemberHeader* member_header(const Body& body);
// The same for an envelope, whose header lies in its context.
MemberHeader header_of(const Context& context);
const GovernanceHeader* governance_header(const Body& body);
const PersonHeader* person_header(const Body& body);

bool is_governance(StatementType type);
// What every member follows: governance, and the keys that another member rotates by itself.
bool counts_as_governance(StatementType type);
bool is_member(StatementType type);
bool is_person(StatementType type);  // signed with a person's code key, brought by a member
bool is_broker(StatementType type);

// The reference that names a member's statement.
Reference reference_of(const ParsedStatement& statement);
std::optional<MemberHeader> author_header(const ParsedStatement& statement);
// What `network` the body names; zeros in genesis.
NetworkId network_of(const Body& body);

}  // namespace besa::core
