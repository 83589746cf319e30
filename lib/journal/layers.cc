#include "journal/layers.h"

#include "base/check.h"

namespace besa::journal {
namespace {

constexpr std::size_t kMergedRows = 1'024;  // a larger layer is left alone: copying it would cost more than it saves
constexpr std::size_t kPageBytes = 4'096;

// Neighbours of about one size are merged, as carries in a binary counter: n small batches lie in about log n layers.
bool should_merge(const Layer& older, const Layer& newer) {
  const std::size_t both = older.changes.count() + newer.changes.count();
  return both <= kMergedRows && older.changes.count() <= 2 * newer.changes.count();
}

}  // namespace

std::size_t page_bytes(const kv::Changes& changes) { return changes.bytes() + kPageBytes * changes.count(); }

void Layer::add(const Layer& later) {
  changes.add(later.changes);
  end = later.end;
  size = later.size;
  entries += later.entries;
  for (const auto& [segment, count] : later.placed) placed[segment] += count;
  purges = purges || later.purges;
}

// The list is copied and the transaction begun under one lock: otherwise the database could be newer than the list, and
// older layers would lie over it.
Result<Layers::State> Layers::read(const kv::Environment& database, std::shared_ptr<const kv::Changes> newest) const {
  const std::scoped_lock lock(mutex_);
  kv::Layered::Layers layers;
  layers.reserve(layers_.size() + 1);
  for (const auto& layer : layers_) layers.emplace_back(layer, &layer->changes);
  if (newest) layers.push_back(std::move(newest));
  BESA_ASSIGN(auto below, database.read());
  return State{kv::Layered(std::move(below), std::move(layers)), size_};
}

void Layers::publish(std::shared_ptr<Layer> layer) {
  const auto alone = layer;
  std::size_t replaced = 0;  // layers at the end of the list that are in `layer`, too
  while (true) {
    std::shared_ptr<const Layer> older;
    {
      const std::scoped_lock lock(mutex_);
      if (layers_.size() > frozen_ + replaced) older = layers_[layers_.size() - 1 - replaced];
    }
    if (!older || !should_merge(*older, *layer)) break;
    auto merged = std::make_shared<Layer>();
    merged->add(*older);
    merged->add(*layer);
    layer = std::move(merged);
    ++replaced;
  }
  alone->changes.seal();
  if (replaced > 0) layer->changes.seal();
  const std::scoped_lock lock(mutex_);
  // Meanwhile the settling thread may have begun to write some of them: then they stay as they are.
  const bool still_free = layers_.size() >= frozen_ + replaced;
  if (still_free) layers_.resize(layers_.size() - replaced);
  layers_.push_back(still_free ? layer : alone);
  size_ = layer->size;
}

Layers::Some Layers::freeze(std::size_t most_bytes) {
  const std::scoped_lock lock(mutex_);
  BESA_CHECK(frozen_ == 0);
  Some out;
  std::size_t bytes = 0;
  for (const auto& layer : layers_) {
    bytes += page_bytes(layer->changes);
    if (!out.empty() && bytes > most_bytes) break;
    out.push_back(layer);
  }
  frozen_ = out.size();
  return out;
}

void Layers::thaw(std::size_t settled) {
  const std::scoped_lock lock(mutex_);
  BESA_CHECK(settled <= frozen_);
  layers_.erase(layers_.begin(), layers_.begin() + static_cast<std::ptrdiff_t>(settled));
  frozen_ = 0;
}

Unsettled Layers::unsettled() const {
  const std::scoped_lock lock(mutex_);
  Unsettled out;
  for (const auto& layer : layers_) {
    out.entries += layer->entries;
    out.bytes += layer->changes.bytes();
    out.purges = out.purges || layer->purges;
    out.none = false;
  }
  return out;
}

}  // namespace besa::journal
