// The view as it lies in the database. Passes the same conformance tests as the one in memory.
#pragma once

#include "core/view.h"
#include "journal/tables.h"
#include "kv/environment.h"

namespace besa::journal {

class KvView final : public core::MutableView {
 public:
  // Both outlive the view.
  KvView(const kv::Transaction& transaction, const Tables& tables) : reading_(&transaction), tables_(tables) {}
  KvView(kv::WriteTransaction& transaction, const Tables& tables)
      : reading_(&transaction), writing_(&transaction), tables_(tables) {}

  base::Result<std::optional<base::Bytes>> get(core::Table table, base::ByteView key) const override;
  base::Result<std::vector<core::ViewRow>> scan(core::Table table, base::ByteView prefix, base::ByteView from,
                                                std::size_t limit) const override;
  // Only on a write transaction (a contract). All or nothing together with that transaction: it cannot be committed
  // any more after an error.
  base::Status apply(std::span<const core::Change> changes) override;
  [[nodiscard]] base::Status clear();

  // The first error of apply or clear.
  const base::Status& health() const { return health_; }

 private:
  base::Status put_all(std::span<const core::Change> changes);

  const kv::Transaction* reading_;
  kv::WriteTransaction* writing_ = nullptr;
  const Tables& tables_;
  base::Status health_;
};

}  // namespace besa::journal
