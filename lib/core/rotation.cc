// The keys that a member puts in the place of its own, and what becomes of those that are replaced.
#include <algorithm>

#include "base/limits.h"
#include "core/step.h"

namespace besa::core {
namespace {

namespace limits = base::limits;

// Into use by this member, in this role, for the first time: not even its own old keys come back by a rotation.
Result<bool> take_fresh_key(Step& step, ByteView key, std::uint8_t role, const MemberId& holder) {
  BESA_ASSIGN(const auto used, step.overlay.get(Table::used_key, key));
  if (used) return false;
  return take_key(step, key, role, holder);
}

Result<bool> take_fresh_keys(Step& step, const KeyRotation& body) {
  const MemberId& author = body.header.author;
  BESA_ASSIGN(const bool signing, take_fresh_key(step, body.signing_key.view(), number_of(KeyRole::member), author));
  BESA_ASSIGN(const bool witness, take_fresh_key(step, body.witness_key.view(), number_of(KeyRole::witness), author));
  BESA_ASSIGN(const bool transport, take_fresh_key(step, body.transport_key.view(), kTransportRole, author));
  return signing && witness && transport;
}

// How long a member is in force is what the quorum enrolled it for: a rotation may end earlier, never later. What the
// replaced key has signed lives at most 30 days; longer it need not sign.
Reason check_bounds(const KeyRotation& body, const MemberRecord& member, const Step& step) {
  if (body.until <= step.ends) return Reason::expired;
  if (body.until > member.until) return Reason::expires_too_late;
  if (body.old_signs_until > body.header.created + limits::kStatementLife) return Reason::expires_too_late;
  const bool shaped = body.from < body.until && body.from <= body.header.created && !body.transport_key.is_none();
  return shaped ? Reason::none : Reason::wrong_shape;
}

Result<Reason> check_rotation(Step& step, const KeyRotation& body, const MemberRecord& member) {
  if (const Reason reason = check_bounds(body, member, step); reason != Reason::none) return reason;
  BESA_ASSIGN(const bool fresh, take_fresh_keys(step, body));
  if (!fresh) return Reason::already_used;
  const MemberId& author = body.header.author;
  const bool possessed = has_introduced(step, member_key_id(author, body.signing_key)) &&
                         has_introduced(step, witness_key_id(author, body.witness_key));
  return possessed ? Reason::none : Reason::not_possessed;
}

// From then on the key signs no more. A time that has passed is this moment.
Status end_key(Step& step, const KeyId& id, Timestamp at) {
  BESA_ASSIGN(auto key, read_key(step.overlay, id));
  if (!key) return {};
  key->until = std::min(key->until, std::max(at, step.ends));
  write_key(step.overlay, id, *key);
  return {};
}

}  // namespace

Status end_member_keys(Step& step, const MemberRecord& member, const KeyId& kept) {
  for (const KeyId& id : {member.signing_key, member.outgoing_key}) {
    if (!id.is_none() && id != kept) BESA_TRY(end_key(step, id, step.ends));
  }
  return {};
}

Result<Decision> decide_rotation(Step& step, const KeyRotation& body) {
  const MemberId& author = body.header.author;
  BESA_ASSIGN(const auto found, read_member(step.overlay, author));
  if (!found) return base::fail(base::ErrorKind::damaged, "the author of a rotation is not in the view: rebuild it");
  MemberRecord member = *found;
  BESA_ASSIGN(const Reason reason, check_rotation(step, body, member));
  if (reason != Reason::none) return refuse(reason);
  BESA_TRY(end_member_keys(step, member, member.signing_key));
  BESA_TRY(end_key(step, member.signing_key, body.old_signs_until));
  write_party(step.overlay, member.transport_key, {});
  member.outgoing_key = member.signing_key;
  member.signing_key = member_key_id(author, body.signing_key);
  member.transport_key = body.transport_key;
  member.until = body.until;
  member.keys = step.sequence;
  write_key(step.overlay, member.signing_key, {KeyRole::member, author, body.signing_key, body.from, body.until});
  write_key(step.overlay, witness_key_id(author, body.witness_key),
            {KeyRole::witness, author, body.witness_key, body.from, body.until});
  write_party(step.overlay, member.transport_key, {PartyRole::member, author});
  write_member(step.overlay, author, member);
  put_in_force(step);
  return accept();
}

}  // namespace besa::core
