#include "client/epoch.h"

#include "client/governance.h"

namespace besa::client {
namespace {

using base::Result;
using base::Status;

// What one statement says was kept must be the beginning of the log.
Status check_kept(Session& session, const ProvenEntry& proven, std::uint64_t known) {
  if (proven.entry.type != core::StatementType::loss_accepted) return {};
  BESA_ASSIGN(const core::ParsedStatement statement, parse(proven));
  const auto* loss = std::get_if<core::LossAccepted>(&statement.body);
  if (loss == nullptr || loss->epoch <= known) return {};
  return session.check_beginning(loss->kept_size, loss->kept_root);
}

}  // namespace

Result<Epoch> study_epoch(Session& fresh, std::uint64_t known) {
  if (!fresh.held()) BESA_TRY(fresh.hello());
  Epoch out;
  BESA_ASSIGN(out.governance, missing_governance(out.view, fresh.governance(),
                                                 [&](base::Sequence sequence) { return fresh.entry(sequence); }));
  for (const ProvenEntry& proven : out.governance) {
    const auto changes = decide_governance(out.view, proven);
    if (!changes && changes.error().kind == base::ErrorKind::misbehaviour) {
      return fresh.accuse(changes.error().message, &proven);
    }
    BESA_TRY(changes);
    BESA_TRY(out.view.apply(*changes));
    BESA_TRY(check_kept(fresh, proven, known));
  }
  BESA_ASSIGN(const auto loss, core::read_loss(out.view));
  if (!loss || loss->epoch != fresh.epoch()) {
    return fresh.accuse("the broker shows an epoch of its log that no quorum of administrators has begun");
  }
  out.loss = *loss;
  out.kept = core::kept_of(loss, known).value_or(fresh.held()->checkpoint.size);
  return out;
}

}  // namespace besa::client
