// Inside of lib/journal: what was acknowledged and the database does not hold yet. One layer a batch, small neighbours
// merged; the writer adds layers, the settling thread takes off what it has committed, any thread reads.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "journal/frame.h"
#include "kv/layered.h"

namespace besa::journal {

// What one batch, or several one after the other, have changed. Never changed once it is in the list.
struct Layer {
  kv::Changes changes;
  Position end;                                   // behind its last frame
  base::TreeSize size;                            // of the log with it
  std::uint64_t entries = 0;                      // of its batches
  std::map<std::uint64_t, std::uint64_t> placed;  // segment -> chunks that it has put there
  bool purges = false;

  void add(const Layer& later);
};

struct Unsettled {
  std::uint64_t entries = 0;
  std::size_t bytes = 0;
  bool purges = false;  // ciphertext waits to be overwritten
  bool none = true;
};

class Layers {
 public:
  using Some = std::vector<std::shared_ptr<const Layer>>;
  struct State {
    kv::Layered reader;
    base::TreeSize size;
  };

  // Before any other call: what the database holds.
  void begin(base::TreeSize size) { size_ = size; }

  // The newest state, with `newest` on top of all layers if there is one. Any thread.
  [[nodiscard]] Result<State> read(const kv::Environment& database,
                                   std::shared_ptr<const kv::Changes> newest = nullptr) const;

  // The writer's: from now on every reader sees it.
  void publish(std::shared_ptr<Layer> layer);

  // The settling thread's: the oldest layers, about `most_bytes` of database pages, at least one if there is one. They
  // stay as they are until `thaw` takes the first `settled` of them off.
  Some freeze(std::size_t most_bytes);
  void thaw(std::size_t settled);

  Unsettled unsettled() const;

 private:
  mutable std::mutex mutex_;
  Some layers_;  // the oldest first
  std::size_t frozen_ = 0;
  base::TreeSize size_;
};

// Memory that the database needs at worst to take these changes: a page each, and their bytes.
std::size_t page_bytes(const kv::Changes& changes);

}  // namespace besa::journal
