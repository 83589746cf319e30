#include "journal/kv_view.h"

#include "base/check.h"

namespace besa::journal {

base::Result<std::optional<base::Bytes>> KvView::get(core::Table table, base::ByteView key) const {
  return reading_->get(tables_.of(table), key);
}

base::Result<std::vector<core::ViewRow>> KvView::scan(core::Table table, base::ByteView prefix, base::ByteView from,
                                                      std::size_t limit) const {
  BESA_ASSIGN(auto rows, reading_->scan(tables_.of(table), prefix, from, limit));
  std::vector<core::ViewRow> out;
  out.reserve(rows.size());
  for (kv::Row& row : rows) out.push_back({std::move(row.key), std::move(row.value)});
  return out;
}

base::Status KvView::apply(std::span<const core::Change> changes) {
  BESA_CHECK(changes_ != nullptr);
  for (const core::Change& change : changes) {
    const kv::Table table = tables_.of(change.table);
    if (change.value) {
      changes_->put(table, change.key, *change.value);
    } else {
      changes_->erase(table, change.key);
    }
  }
  return {};
}

void KvView::clear() {
  BESA_CHECK(changes_ != nullptr);
  for (const core::Table table : core::all_tables()) changes_->clear(tables_.of(table));
}

}  // namespace besa::journal
