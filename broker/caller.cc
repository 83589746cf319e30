#include "broker/caller.h"

namespace besa::broker {

Answered<Caller> find_caller(const core::View& view, const base::TransportKey& peer, base::Timestamp now) {
  BESA_ASSIGN(const auto party, core::read_party(view, peer));
  const auto role = party ? party->role : core::PartyRole::none;
  if (role == core::PartyRole::administrator) return Caller{party->id, true, true};
  if (role != core::PartyRole::member) {
    return refuse(wire::WireError::not_member, "this transport key belongs to no member");
  }
  BESA_ASSIGN(const auto member, core::read_member(view, party->id));
  if (!member) return refuse(wire::WireError::not_member, "this transport key belongs to no member");
  return Caller{party->id, false, member->in_force(now)};
}

}  // namespace besa::broker
