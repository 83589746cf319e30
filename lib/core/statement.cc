#include "core/statement.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/check.h"
#include "base/limits.h"
#include "core/merkle.h"
#include "core/pae.h"
#include "crypto/verify/ed25519.h"
#include "crypto/verify/hash.h"

namespace besa::core {
namespace {

namespace limits = base::limits;
using base::ErrorKind;
using base::fail;

constexpr std::string_view kTypePrefix = "application/vnd.besa.";
constexpr std::string_view kTypeSuffix = ".v1";
constexpr std::string_view kBundleType = "application/vnd.besa.bundle.v1";
constexpr std::size_t kRotationBlocks = 3;  // the old signing key's, the new one's, the new witness key's
constexpr std::string_view kKeyContext("besa/1 key\0", 11);

// How many hashes the audit path of leaf `index` in a tree of `size` leaves has (RFC 9162, section 2.1.3).
std::size_t path_length(std::uint32_t index, std::uint32_t size) {
  const auto inner = static_cast<std::size_t>(std::bit_width(index ^ (size - 1)));
  return inner + static_cast<std::size_t>(std::popcount(index >> inner));
}

bool is_between(StatementType type, StatementType first, StatementType last) { return first <= type && type <= last; }

// A key that a statement brings in, with the id under which it may sign.
struct IntroducedKey {
  KeyId id;
  KeyRole role = KeyRole::none;
  MemberId holder;
  PublicKey key;
};

IntroducedKey administrator_key(const Administrator& administrator) {
  return {administrator_key_id(administrator.organisation, administrator.signing_key), KeyRole::administrator,
          base::id_cast<MemberId>(administrator.organisation), administrator.signing_key};
}

// By the statement alone: who is asked when must not matter, or a replay would judge a signature otherwise.
std::vector<IntroducedKey> introduced_keys(const Body& body) {
  std::vector<IntroducedKey> keys;
  if (const auto* genesis = std::get_if<Genesis>(&body)) {
    for (const Administrator& a : genesis->administrators) keys.push_back(administrator_key(a));
    keys.push_back({broker_log_key_id(genesis->broker_log_key), KeyRole::broker_log, {}, genesis->broker_log_key});
  } else if (const auto* enrolment = std::get_if<Enrolment>(&body)) {
    keys.push_back({member_key_id(enrolment->member, enrolment->signing_key), KeyRole::member, enrolment->member,
                    enrolment->signing_key});
    keys.push_back({witness_key_id(enrolment->member, enrolment->witness_key), KeyRole::witness, enrolment->member,
                    enrolment->witness_key});
  } else if (const auto* rotation = std::get_if<KeyRotation>(&body)) {
    const MemberId& author = rotation->header.author;
    keys.push_back({member_key_id(author, rotation->signing_key), KeyRole::member, author, rotation->signing_key});
    keys.push_back({witness_key_id(author, rotation->witness_key), KeyRole::witness, author, rotation->witness_key});
  } else if (const auto* change = std::get_if<AdministratorChange>(&body)) {
    for (const Administrator& a : change->administrators) keys.push_back(administrator_key(a));
  }
  return keys;
}

// Each key that comes into the log must be one under which only one reading of a signature exists. Known keys passed
// here when they came in. A person's code key signs later, never the consent that brings it in.
Status check_introduced(const std::vector<IntroducedKey>& keys, const Body& body) {
  bool valid = std::all_of(keys.begin(), keys.end(),
                           [](const IntroducedKey& key) { return crypto::is_valid_public_key(key.key); });
  const auto* consent = std::get_if<Consent>(&body);
  if (consent != nullptr && !consent->code_key.is_none()) {
    valid = valid && crypto::is_valid_public_key(consent->code_key);
  }
  if (!valid) return fail(ErrorKind::bad_signature, "the statement brings in a public key that is not valid");
  return {};
}

Status check_block_count(const ParsedStatement& statement, const MemberId& submitter) {
  const std::size_t count = statement.blocks.size();
  if (is_broker(statement.type)) {
    if (!submitter.is_none()) return fail(ErrorKind::denied, "only the broker writes statements of this type");
    if (count != 0) return fail(ErrorKind::bad_signature, "a broker statement carries no signature");
    return {};
  }
  if (count == 0) return fail(ErrorKind::bad_signature, "the statement is not signed");
  if (count > limits::kSignatureBlocks) return fail(ErrorKind::bad_signature, "too many signatures");
  const std::size_t most = statement.type == StatementType::key_rotation ? kRotationBlocks : 1;
  if (!is_governance(statement.type) && count > most) {
    return fail(ErrorKind::bad_signature, "a statement of this type carries exactly one signature");
  }
  return {};
}

// One block of a member's or a person's statement speaks for its author; what else a rotation carries proves
// possession.
Status check_one_author(const ParsedStatement& statement, const std::vector<Signer>& signers) {
  if (is_governance(statement.type) || is_broker(statement.type)) return {};
  const auto authors = std::count_if(signers.begin(), signers.end(), [](const Signer& s) { return !s.introduced; });
  if (authors != 1) return fail(ErrorKind::bad_signature, "not signed once with a key that the author had before");
  return {};
}

Status check_no_key_twice(const std::vector<SignatureBlock>& blocks) {
  std::vector<KeyId> keys;
  keys.reserve(blocks.size());
  for (const SignatureBlock& block : blocks) keys.push_back(block.key);
  std::sort(keys.begin(), keys.end());
  if (std::adjacent_find(keys.begin(), keys.end()) != keys.end()) {
    return fail(ErrorKind::bad_signature, "a key signed twice");
  }
  return {};
}

Status check_signature(const StatementId& id, const SignatureBlock& block, const PublicKey& key) {
  BESA_ASSIGN(const Digest root,
              root_from_inclusion(base::id_cast<Digest>(id), block.index, TreeSize{block.size}, block.path));
  if (!crypto::verify(key, signed_bytes(root), block.signature)) {
    return fail(ErrorKind::bad_signature, "a signature does not verify");
  }
  return {};
}

// May a key that the log holds sign a statement of this type at all?
bool may_sign(const ParsedStatement& statement, const KnownKey& key) {
  if (is_governance(statement.type)) return key.role == KeyRole::administrator;
  if (is_person(statement.type)) return key.role == KeyRole::person;
  const auto author = author_header(statement);
  return author && key.role == KeyRole::member && key.holder == author->author;
}

Result<Signer> check_block(const ParsedStatement& statement, const SignatureBlock& block,
                           const std::vector<IntroducedKey>& introduced, const KeyLookup& lookup) {
  const auto mine =
      std::find_if(introduced.begin(), introduced.end(), [&](const IntroducedKey& k) { return k.id == block.key; });
  if (mine != introduced.end()) {
    BESA_TRY(check_signature(statement.id, block, mine->key));
    return Signer{block.key, mine->role, mine->holder, true};
  }
  BESA_ASSIGN(const std::optional<KnownKey> known, lookup(block.key));
  if (!known) return fail(ErrorKind::bad_signature, "signed with a key that this log never held");
  if (!may_sign(statement, *known)) return fail(ErrorKind::bad_signature, "signed with a key of somebody else");
  BESA_TRY(check_signature(statement.id, block, known->key));
  return Signer{block.key, known->role, known->holder, false};
}

Result<SignatureBlock> decode_one_block(base::ByteReader& reader) {
  SignatureBlock block;
  block.key = reader.id<KeyId>();
  block.index = reader.u32();
  block.size = reader.u32();
  if (!reader.ok() || block.size == 0 || block.size > limits::kBundleStatements || block.index >= block.size) {
    return fail(ErrorKind::malformed, "a signature block names no place in a bundle");
  }
  const std::size_t length = path_length(block.index, block.size);
  block.path.reserve(length);
  for (std::size_t i = 0; i < length; ++i) block.path.push_back(reader.id<Digest>());
  block.signature = reader.id<Signature>();
  if (!reader.ok()) return fail(ErrorKind::malformed, "a signature block is cut off");
  return block;
}

}  // namespace

std::string media_type(StatementType type) {
  std::string out(kTypePrefix);
  return out.append(name_of(type)).append(kTypeSuffix);
}

std::optional<StatementType> parse_media_type(std::string_view text) {
  if (!text.starts_with(kTypePrefix) || !text.ends_with(kTypeSuffix)) return std::nullopt;
  if (text.size() < kTypePrefix.size() + kTypeSuffix.size()) return std::nullopt;
  text.remove_prefix(kTypePrefix.size());
  text.remove_suffix(kTypeSuffix.size());
  return parse_code<StatementType>(text);
}

StatementId statement_id(StatementType type, ByteView body) {
  return base::id_cast<StatementId>(leaf_hash(pae(media_type(type), body)));
}

KeyId key_id(KeyRole role, ByteView holder16, ByteView key32) {
  BESA_CHECK(holder16.size() == MemberId::kSize && key32.size() == PublicKey::kSize);
  const std::array<std::uint8_t, 1> role_byte = {number_of(role)};
  return base::id_cast<KeyId>(crypto::sha256_of({base::as_bytes(kKeyContext), role_byte, holder16, key32}));
}

KeyId member_key_id(const MemberId& member, const PublicKey& key) {
  return key_id(KeyRole::member, member.view(), key.view());
}

KeyId witness_key_id(const MemberId& member, const PublicKey& key) {
  return key_id(KeyRole::witness, member.view(), key.view());
}

KeyId administrator_key_id(const OrganisationId& organisation, const PublicKey& key) {
  return key_id(KeyRole::administrator, organisation.view(), key.view());
}

KeyId broker_log_key_id(const PublicKey& key) { return key_id(KeyRole::broker_log, MemberId{}.view(), key.view()); }

KeyId person_key_id(const PublicKey& key) { return key_id(KeyRole::person, MemberId{}.view(), key.view()); }

KeyId prekey_id(const MemberId& member, const base::BoxKey& key) {
  return key_id(KeyRole::prekey, member.view(), key.view());
}

Bytes encode_block(const SignatureBlock& block) {
  base::ByteWriter writer;
  writer.raw(block.key).u32(block.index).u32(block.size);
  for (const Digest& hash : block.path) writer.raw(hash);
  return writer.raw(block.signature).take();
}

Bytes encode_blocks(const std::vector<SignatureBlock>& blocks) {
  base::ByteWriter writer;
  for (const SignatureBlock& block : blocks) writer.raw(encode_block(block));
  return writer.take();
}

Result<std::vector<SignatureBlock>> decode_blocks(ByteView bytes) {
  base::ByteReader reader(bytes);
  std::vector<SignatureBlock> blocks;
  while (reader.left() > 0) {
    if (blocks.size() == limits::kSignatureBlocks) return fail(ErrorKind::malformed, "too many signature blocks");
    BESA_ASSIGN(SignatureBlock block, decode_one_block(reader));
    blocks.push_back(std::move(block));
  }
  return blocks;
}

Bytes signed_bytes(const Digest& bundle_root) { return pae(kBundleType, bundle_root.view()); }

Result<Verified> verify(ParsedStatement statement, const MemberId& submitter, const KeyLookup& lookup) {
  BESA_TRY(check_block_count(statement, submitter));
  BESA_TRY(check_no_key_twice(statement.blocks));
  const std::vector<IntroducedKey> introduced = introduced_keys(statement.body);
  BESA_TRY(check_introduced(introduced, statement.body));
  std::vector<Signer> signers;
  signers.reserve(statement.blocks.size());
  for (const SignatureBlock& block : statement.blocks) {
    BESA_ASSIGN(const Signer signer, check_block(statement, block, introduced, lookup));
    signers.push_back(signer);
  }
  BESA_TRY(check_one_author(statement, signers));
  return Verified(std::move(statement), std::move(signers), submitter);
}

const MemberHeader* member_header(const Body& body) {
  if (const auto* b = std::get_if<Prekeys>(&body)) return &b->header;
  if (const auto* b = std::get_if<Consent>(&body)) return &b->header;
  if (const auto* b = std::get_if<Acknowledgement>(&body)) return &b->header;
  if (const auto* b = std::get_if<UnreadableReport>(&body)) return &b->header;
  if (const auto* b = std::get_if<Opened>(&body)) return &b->header;
  if (const auto* b = std::get_if<Withdrawal>(&body)) return &b->header;
  if (const auto* b = std::get_if<WithdrawalAnswer>(&body)) return &b->header;
  if (const auto* b = std::get_if<KeyRotation>(&body)) return &b->header;
  return nullptr;
}

const PersonHeader* person_header(const Body& body) {
  const auto* withdrawal = std::get_if<PersonWithdrawal>(&body);
  return withdrawal == nullptr ? nullptr : &withdrawal->header;
}

MemberHeader header_of(const Context& context) {
  return {context.network, context.salt, context.sender, context.counter, context.created, context.expires};
}

const GovernanceHeader* governance_header(const Body& body) {
  if (const auto* b = std::get_if<Genesis>(&body)) return &b->header;
  if (const auto* b = std::get_if<Enrolment>(&body)) return &b->header;
  if (const auto* b = std::get_if<StandingChange>(&body)) return &b->header;
  if (const auto* b = std::get_if<PolicyAdoption>(&body)) return &b->header;
  if (const auto* b = std::get_if<AuditorAppointment>(&body)) return &b->header;
  if (const auto* b = std::get_if<LossAccepted>(&body)) return &b->header;
  if (const auto* b = std::get_if<AdministratorChange>(&body)) return &b->header;
  return nullptr;
}

bool is_governance(StatementType type) {
  return is_between(type, StatementType::genesis, StatementType::loss_accepted);
}

bool counts_as_governance(StatementType type) { return is_governance(type) || type == StatementType::key_rotation; }

bool is_member(StatementType type) {
  return is_between(type, StatementType::prekeys, StatementType::break_glass_review);
}

bool is_person(StatementType type) {
  return is_between(type, StatementType::person_withdrawal, StatementType::person_request);
}

bool is_broker(StatementType type) { return is_between(type, StatementType::tick, StatementType::clock_confirmed); }

Reference reference_of(const ParsedStatement& statement) {
  const auto header = author_header(statement);
  if (!header) return {{}, {}, statement.id};
  return {header->author, header->counter, statement.id};
}

std::optional<MemberHeader> author_header(const ParsedStatement& statement) {
  if (const auto* envelope = std::get_if<Envelope>(&statement.body)) return header_of(envelope->context);
  if (const auto* header = member_header(statement.body)) return *header;
  return std::nullopt;
}

NetworkId network_of(const Body& body) {
  if (const auto* header = governance_header(body)) return header->network;
  if (const auto* header = member_header(body)) return header->network;
  if (const auto* header = person_header(body)) return header->network;
  if (const auto* b = std::get_if<Envelope>(&body)) return b->context.network;
  if (const auto* b = std::get_if<HandOut>(&body)) return b->network;
  if (const auto* b = std::get_if<Tick>(&body)) return b->network;
  if (const auto* b = std::get_if<ClockConfirmed>(&body)) return b->network;
  return {};
}

}  // namespace besa::core
