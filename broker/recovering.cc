// The sequencer while the log recovers from a loss: what is offered again is decided when its time has come, in the
// order of the lost log, and a tick ends it.
#include <algorithm>

#include "broker/sequencer.h"

namespace besa::broker {

using base::Status;
using base::Timestamp;

// The end of the collecting: the statement's, if it was accepted while we run. A start in between has lost what was
// offered and gives everybody time to do it again.
void Sequencer::note_recovery(const core::Head& head, const std::optional<core::LossRecord>& loss) {
  const bool begins_here = loss && loss_ && loss->epoch != loss_->epoch;
  const bool begins_first = loss && !loss_ && has_genesis();
  recovering_ = head.recovering;
  loss_ = loss;
  if (!recovering_) {
    collect_until_.reset();
    return;
  }
  if (begins_here || begins_first) collect_until_ = loss->until;
  next_due_ = collect_until_.value_or(head.now);
}

Status Sequencer::finish_recovery(Timestamp now, StepResult& result) {
  if (!recovering_) return {};
  if (!collect_until_) collect_until_ = std::max(loss_->until, now + options_.offer_again);
  next_due_ = collect_until_;
  if (now < *collect_until_) return {};
  while (!collected_.empty()) BESA_TRY(decide_again(now, result));
  return end_recovery(now, result);
}

// The next ones in one batch. They are dropped once they are durable: after an error they come again.
Status Sequencer::decide_again(Timestamp now, StepResult& result) {
  BESA_ASSIGN(journal::Batch batch, journal_.begin());
  Appender appender(batch, now, options_.salt, limiter_, counters_);
  const auto offers = collected_.first(options_.batch_statements);
  for (const Offered* offer : offers) {
    BESA_ASSIGN(const Appender::Placed placed, appender.submit_again(*offer));
    if (const auto* refusal = std::get_if<Refusal>(&placed)) counters_.count(refusal->error);
  }
  BESA_TRY(commit(batch, appender, result));
  collected_.drop(offers.size());
  return {};
}

Status Sequencer::end_recovery(Timestamp now, StepResult& result) {
  BESA_ASSIGN(journal::Batch batch, journal_.begin());
  Appender appender(batch, now, options_.salt, limiter_, counters_);
  BESA_TRY(appender.end_recovery());
  BESA_TRY(commit(batch, appender, result));
  pull_from_.clear();
  return {};
}

}  // namespace besa::broker
