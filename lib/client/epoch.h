// The log after an accepted loss, looked at by somebody who knew it before: nothing is believed that the quorum of
// administrators has not signed and the tree does not show.
#pragma once

#include <vector>

#include "client/session.h"
#include "core/view.h"

namespace besa::client {

// Fetches the governance that the view lacks, decides each entry again and applies it; gives them, oldest first. The
// epoch that the session shows must then be the one that the last accepted loss has begun, or the first.
// Errors: those of the session; misbehaviour, with evidence in the session; as decide_governance.
[[nodiscard]] base::Result<std::vector<ProvenEntry>> follow_governance(Session& session, core::MemoryView& view);

struct Epoch {
  std::vector<ProvenEntry> governance;  // all of it, from genesis on, decided again
  core::MemoryView view;                // what it leads to
  core::LossRecord loss;                // the last
  base::TreeSize kept;                  // up to which what was seen in the earlier epoch still holds
};

// `fresh` holds no checkpoint of an earlier epoch; `known` is the newest epoch that was followed before. Checks that
// the epoch that it shows was begun by a statement of the quorum, and that the log begins with what each such statement
// since `known` says was kept. Whether it holds the receipts from below `kept` is for the caller to check
// (Session::check_holds). Errors: those of the session; misbehaviour: the epoch was accepted by nobody, or the log is
// not what was kept: two histories.
[[nodiscard]] base::Result<Epoch> study_epoch(Session& fresh, std::uint64_t known);

}  // namespace besa::client
