// Who asks: looked up anew for every request, since a handshake says nothing about now.
#pragma once

#include "broker/refusal.h"
#include "core/records.h"

namespace besa::broker {

struct Caller {
  base::MemberId id;  // a member, or an administrator's organisation
  bool administrator = false;
  bool in_force = false;  // of a member; administrators always
};

// Refusals: not_member (nobody that this log knows, or a key that was replaced), and those of the view.
[[nodiscard]] Answered<Caller> find_caller(const core::View& view, const base::TransportKey& peer, base::Timestamp now);

}  // namespace besa::broker
