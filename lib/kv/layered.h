// One state of all tables out of two places: a read transaction, and changes that the database does not hold yet.
#pragma once

#include <memory>

#include "kv/changes.h"
#include "kv/environment.h"

namespace besa::kv {

// Movable; one thread at a time. End it soon, as a transaction.
class Layered final : public Reader {
 public:
  using Layers = std::vector<std::shared_ptr<const Changes>>;

  // Oldest layer first; of two changes of a key the later layer's holds. The newest may still get changes from the
  // thread that reads here.
  Layered(ReadTransaction below, Layers layers) : below_(std::move(below)), layers_(std::move(layers)) {}
  Layered(Layered&&) noexcept = default;

  Result<std::optional<Bytes>> get(Table table, ByteView key) const override;
  // Cost: a search in each layer, then O(layers) a row.
  Result<std::vector<Row>> scan(Table table, ByteView prefix, ByteView from, std::size_t limit) const override;

 private:
  ReadTransaction below_;
  Layers layers_;
};

}  // namespace besa::kv
