// The newest signed state of the log, as every reply shows it.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/ids.h"
#include "core/checkpoint.h"

namespace besa::broker {

struct Published {
  std::string note;  // empty while the log is empty
  core::Checkpoint checkpoint;
  base::Sequence governance;  // last accepted governance entry in it
  base::Timestamp now;        // of its last entry
};

// One writer (the sequencer), any readers.
class Publication {
 public:
  Publication() : newest_(std::make_shared<const Published>()) {}

  std::shared_ptr<const Published> get() const {
    const std::scoped_lock lock(mutex_);
    return newest_;
  }
  void set(Published next) {
    auto shared = std::make_shared<const Published>(std::move(next));
    const std::scoped_lock lock(mutex_);
    newest_ = std::move(shared);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Published> newest_;
};

}  // namespace besa::broker
