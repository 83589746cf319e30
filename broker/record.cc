#include "broker/record.h"

#include <algorithm>

namespace besa::broker {
namespace {

using base::Result;
using core::EffectCode;

bool used_its_counter(const core::Decided& decided) {
  return std::any_of(decided.changes.begin(), decided.changes.end(),
                     [](const core::Change& change) { return change.table == core::Table::counter && change.value; });
}

// Whom an effect is worth telling. Members know what they did themselves from their receipts.
std::vector<journal::Notice> notices_of(const core::Decided& decided, const core::ParsedStatement& statement) {
  const auto author = core::author_header(statement);
  std::vector<journal::Notice> out;
  for (const core::Effect& effect : decided.effects) {
    journal::Notice notice{effect.member, static_cast<std::uint16_t>(effect.value), effect.reference};
    if (effect.code == EffectCode::message_state) {
      notice = {effect.reference.author, core::number_of(core::NoticeCode::message_moved), effect.reference};
    } else if (effect.code != EffectCode::notice) {
      continue;
    }
    if (notice.member.is_none() || (author && author->author == notice.member)) continue;
    out.push_back(notice);
  }
  return out;
}

}  // namespace

Result<std::vector<journal::Notice>> record(journal::Batch& batch, const core::Decided& decided,
                                            const core::ParsedStatement& statement,
                                            const std::vector<journal::Chunk>& ciphertext) {
  BESA_TRY(batch.view().apply(decided.changes));
  journal::Append append;
  append.entry = core::encode_entry(decided.entry);
  append.beside = core::encode_beside(core::beside_of(statement));
  if (used_its_counter(decided)) append.author = core::reference_of(statement);
  if (core::is_governance(statement.type)) append.id = statement.id;
  if (decided.entry.decision.accepted()) append.ciphertext = ciphertext;
  append.notices = notices_of(decided, statement);
  BESA_ASSIGN(const base::Sequence sequence, batch.append(append));
  if (sequence != decided.entry.sequence) {
    return base::fail(base::ErrorKind::damaged, "log and view disagree: stop and run 'besa-broker rebuild'");
  }
  for (const core::Effect& effect : decided.effects) {
    if (effect.code == EffectCode::purge) BESA_TRY(batch.purge(effect.reference, effect.section));
  }
  return std::move(append.notices);
}

}  // namespace besa::broker
