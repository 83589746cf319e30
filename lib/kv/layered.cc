#include "kv/layered.h"

#include <algorithm>

namespace besa::kv {
namespace {

// The first key that comes after all with this prefix; none if there is no such key.
std::optional<Bytes> behind(ByteView prefix) {
  Bytes key = base::to_bytes(prefix);
  while (!key.empty() && key.back() == 0xff) key.pop_back();
  if (key.empty()) return std::nullopt;
  ++key.back();
  return key;
}

// The rows of one layer that a scan looks at.
struct Run {
  Changes::Rows::const_iterator next;
  Changes::Rows::const_iterator end;
};

// The rows below all layers, fetched by pieces: how many of them a scan needs depends on what layers delete.
class Below {
 public:
  Below(const ReadTransaction* reading, Table table, ByteView prefix, ByteView from, std::size_t limit)
      : reading_(reading),
        table_(table),
        prefix_(prefix),
        from_(base::to_bytes(from)),
        piece_(std::min(limit, kMostAtOnce)) {}

  // The next row, or null at the end.
  Result<Row*> head() {
    if (next_ == rows_.size() && reading_ != nullptr) BESA_TRY(fetch());
    return next_ < rows_.size() ? &rows_[next_] : nullptr;
  }
  void drop() { ++next_; }

 private:
  static constexpr std::size_t kMostAtOnce = 256;

  Status fetch() {
    BESA_ASSIGN(rows_, reading_->scan(table_, prefix_, from_, piece_));
    next_ = 0;
    if (rows_.size() < piece_) {
      reading_ = nullptr;  // that was all
      return {};
    }
    from_ = rows_.back().key;
    from_.push_back(0);                          // the first key behind it
    piece_ = std::min(2 * piece_, kMostAtOnce);  // layers delete what was fetched: there may be more of that
    return {};
  }

  const ReadTransaction* reading_;
  Table table_;
  ByteView prefix_;
  Bytes from_;
  std::size_t piece_;
  std::vector<Row> rows_;
  std::size_t next_ = 0;
};

// The lowest key that any run or the rows below stand at, or null.
const Bytes* lowest(const std::vector<Run>& runs, const Row* below) {
  const Bytes* key = below == nullptr ? nullptr : &below->key;
  for (const Run& run : runs) {
    if (run.next != run.end && (key == nullptr || KeyLess()(run.next->first, *key))) key = &run.next->first;
  }
  return key;
}

// `runs`: the newest first.
Result<std::vector<Row>> merge(std::vector<Run> runs, Below below, std::size_t limit) {
  std::vector<Row> out;
  while (out.size() < limit) {
    BESA_ASSIGN(Row* const under, below.head());
    const Bytes* lowest_key = lowest(runs, under);
    if (lowest_key == nullptr) break;
    const Bytes key = *lowest_key;
    const std::optional<Bytes>* value = nullptr;
    for (Run& run : runs) {
      if (run.next == run.end || run.next->first != key) continue;
      if (value == nullptr) value = &run.next->second;
      ++run.next;
    }
    const bool is_under = under != nullptr && under->key == key;
    if (value == nullptr) out.push_back(std::move(*under));
    if (value != nullptr && *value) out.push_back({key, **value});
    if (is_under) below.drop();
  }
  return out;
}

}  // namespace

Result<std::optional<Bytes>> Layered::get(Table table, ByteView key) const {
  const Changes::Sought sought(table, key);
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
    if (const auto* found = (*layer)->find(sought)) return *found;
    if ((*layer)->clears(table)) return std::nullopt;
  }
  return below_.get(table, key);
}

Result<std::vector<Row>> Layered::scan(Table table, ByteView prefix, ByteView from, std::size_t limit) const {
  const ByteView start = KeyLess()(prefix, from) ? from : prefix;
  const std::optional<Bytes> last = behind(prefix);
  std::vector<Run> runs;
  const ReadTransaction* below = &below_;
  for (auto layer = layers_.rbegin(); layer != layers_.rend() && below != nullptr; ++layer) {
    const Changes::Rows& rows = (*layer)->rows(table);
    const auto first = rows.lower_bound(start);
    if (first != rows.end() && (!last || KeyLess()(first->first, *last))) {
      runs.push_back({first, last ? rows.lower_bound(*last) : rows.end()});
    }
    if ((*layer)->clears(table)) below = nullptr;
  }
  if (runs.empty() && below != nullptr) return below->scan(table, prefix, from, limit);
  return merge(std::move(runs), Below(below, table, prefix, start, limit), limit);
}

}  // namespace besa::kv
