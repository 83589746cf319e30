#include "client/key_history.h"

#include "base/bytes.h"

namespace besa::client {
namespace {

// An entry is decided on what all before it have led to; what it changes holds behind it.
template <class Value>
const Value* before(const std::vector<std::pair<base::Sequence, Value>>& rows, base::Sequence at) {
  const Value* found = nullptr;
  for (const auto& [since, value] : rows) {
    if (since < at) found = &value;
  }
  return found;
}

}  // namespace

base::Status KeyHistory::follow(const core::View& view, base::Sequence at, std::span<const core::Change> changes) {
  for (const core::Change& change : changes) {
    if (change.table != core::Table::key) continue;
    const auto id = base::ByteReader(change.key).id<base::KeyId>();
    BESA_ASSIGN(const auto key, core::read_key(view, id));
    if (key) keys_[id].emplace_back(at, *key);
  }
  BESA_ASSIGN(const auto head, core::read_head(view));
  const bool recovering = head && head->recovering;
  if (!recovering && (recoveries_.empty() || !recoveries_.back().second)) return {};
  std::optional<base::Timestamp> ends;
  if (recovering) {
    BESA_ASSIGN(const auto loss, core::read_loss(view));
    if (loss) ends = loss->kept_now;
  }
  if (recoveries_.empty() || recoveries_.back().second != ends) recoveries_.emplace_back(at, ends);
  return {};
}

core::Moment KeyHistory::moment_of(const core::Entry& entry) const {
  const std::optional<base::Timestamp>* ends = before(recoveries_, entry.sequence);
  return ends != nullptr && *ends ? core::Moment(entry.now, **ends) : core::Moment(entry.now);
}

std::optional<core::KnownKey> KeyHistory::in_force(const base::KeyId& key, const core::Entry& entry) const {
  const auto found = keys_.find(key);
  if (found == keys_.end()) return std::nullopt;
  const core::KnownKey* known = before(found->second, entry.sequence);
  if (known == nullptr || !moment_of(entry).within(known->from, known->until)) return std::nullopt;
  return *known;
}

}  // namespace besa::client
