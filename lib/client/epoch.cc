#include "client/epoch.h"

#include "client/governance.h"

namespace besa::client {
namespace {

using base::Result;
using base::Status;

constexpr const char* kNobodysEpoch = "the broker shows an epoch of its log that no quorum of administrators has begun";

// What one statement says was kept must be the beginning of the log.
Status check_kept(Session& session, const ProvenEntry& proven, std::uint64_t known) {
  if (proven.entry.type != core::StatementType::loss_accepted) return {};
  BESA_ASSIGN(const core::ParsedStatement statement, parse(proven));
  const auto* loss = std::get_if<core::LossAccepted>(&statement.body);
  if (loss == nullptr || loss->epoch <= known) return {};
  return session.check_beginning(loss->kept_size, loss->kept_root);
}

}  // namespace

Result<std::vector<ProvenEntry>> follow_governance(Session& session, core::MemoryView& view) {
  auto missing =
      missing_governance(view, session.governance(), [&](base::Sequence sequence) { return session.entry(sequence); });
  if (!missing && missing.error().kind == base::ErrorKind::misbehaviour && !session.evidence()) {
    return session.accuse(missing.error().message);
  }
  BESA_TRY(missing);
  for (const ProvenEntry& proven : *missing) {
    const auto changes = decide_governance(view, proven);
    if (!changes && changes.error().kind == base::ErrorKind::misbehaviour) {
      return session.accuse(changes.error().message, &proven);
    }
    BESA_TRY(changes);
    BESA_TRY(view.apply(*changes));
  }
  BESA_ASSIGN(const auto loss, core::read_loss(view));
  if (session.epoch() != core::epoch_of(loss)) return session.accuse(kNobodysEpoch);
  return missing;
}

Result<Epoch> study_epoch(Session& fresh, std::uint64_t known) {
  if (!fresh.held()) BESA_TRY(fresh.hello());
  Epoch out;
  BESA_ASSIGN(out.governance, follow_governance(fresh, out.view));
  for (const ProvenEntry& proven : out.governance) BESA_TRY(check_kept(fresh, proven, known));
  BESA_ASSIGN(const auto loss, core::read_loss(out.view));
  if (!loss) return fresh.accuse(kNobodysEpoch);
  out.loss = *loss;
  out.kept = core::kept_of(loss, known).value_or(fresh.held()->checkpoint.size);
  return out;
}

}  // namespace besa::client
