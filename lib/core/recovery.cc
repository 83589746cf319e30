// The log after an older backup was restored: a quorum accepts the loss, what was lost is offered and decided again, a
// tick ends it. And the clock that somebody has looked at.
#include "base/limits.h"
#include "core/checkpoint.h"
#include "core/step.h"
#include "crypto/verify/ed25519.h"

namespace besa::core {
namespace {

namespace limits = base::limits;

bool names_no_lost(const LossAccepted& body) {
  return body.lost_epoch == 0 && body.lost_size.value == 0 && body.lost_root.is_none() && body.lost_signature.is_none();
}

// Did the log sign this checkpoint, past what is kept and before this epoch?
bool is_lost(const LossAccepted& body, const NetworkRecord& network) {
  if (body.lost_size <= body.kept_size || body.lost_epoch >= body.epoch) return false;
  const std::string origin = format_origin({network.name, network.id, body.lost_epoch});
  const std::string text = note_text({origin, body.lost_size, body.lost_root});
  return crypto::verify(network.broker_log_key, base::as_bytes(text), body.lost_signature);
}

Reason check_loss(const LossAccepted& body, const Step& step, std::uint64_t last_epoch) {
  if (body.kept_size.value == 0 || body.kept_size.value > step.sequence.value) return Reason::wrong_shape;
  if (body.epoch <= last_epoch) return Reason::already_used;
  if (body.until <= step.now) return Reason::expired;
  if (body.until > body.header.created + limits::kStatementLife) return Reason::expires_too_late;
  return Reason::none;
}

}  // namespace

Result<Decision> decide_loss(Step& step, const LossAccepted& body) {
  BESA_ASSIGN(const auto last, read_loss(step.overlay));
  BESA_ASSIGN(const auto network, read_network(step.overlay));
  BESA_ASSIGN(const auto head, read_head(step.overlay));
  if (!network || !head) return base::fail(base::ErrorKind::damaged, "a log without genesis: rebuild the view");
  const Reason reason = check_loss(body, step, last ? last->epoch : 0);
  if (reason != Reason::none) return refuse(reason);
  if (!names_no_lost(body) && !is_lost(body, *network)) return refuse(Reason::unknown_reference);
  LossRecord record = last.value_or(LossRecord{});
  record.sequence = step.sequence;
  record.epoch = body.epoch;
  record.kept_size = body.kept_size;
  record.kept_root = body.kept_root;
  record.kept_now = step.recovering ? step.ends : head->now;
  record.until = body.until;
  record.kept.push_back({body.epoch, body.kept_size});
  write_loss(step.overlay, record);
  return accept();
}

Result<Decision> end_recovery(Step& step) {
  BESA_ASSIGN(const auto loss, read_loss(step.overlay));
  if (!loss || step.now < loss->until) return refuse(Reason::not_due);
  step.governs = true;
  return accept();
}

// The entry's time is the clock's, or the last entry's if the clock lies behind it.
Result<Decision> decide_confirmed(Step& step, const ClockConfirmed& body) {
  BESA_ASSIGN(const auto head, read_head(step.overlay));
  const bool fits = head && (body.clock == step.now || (body.clock < step.now && step.now == head->now));
  return fits ? accept() : refuse(Reason::wrong_shape);
}

}  // namespace besa::core
