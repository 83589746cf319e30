// Work handed from thread to thread. Never grows past its bound, which the door guarantees: pushing more is a
// programmer error.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "base/check.h"

namespace besa::broker {

template <class T, std::size_t kMost>
class BoundedQueue {
 public:
  void push(T item) {
    {
      const std::scoped_lock lock(mutex_);
      BESA_CHECK(items_.size() < kMost);
      items_.push_back(std::move(item));
    }
    ready_.notify_one();
  }

  // Waits for one. Empty once closed and drained.
  std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [this] { return closed_ || !items_.empty(); });
    if (items_.empty()) return std::nullopt;
    T out = std::move(items_.front());
    items_.pop_front();
    return out;
  }

  // All there are, at most `most`; waits up to `timeout` for the first. Empty: nothing came, or closed and drained.
  std::vector<T> pop_some(std::size_t most, std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    ready_.wait_for(lock, timeout, [this] { return closed_ || !items_.empty(); });
    std::vector<T> out;
    while (!items_.empty() && out.size() < most) {
      out.push_back(std::move(items_.front()));
      items_.pop_front();
    }
    return out;
  }

  void close() {
    {
      const std::scoped_lock lock(mutex_);
      closed_ = true;
    }
    ready_.notify_all();
  }
  bool drained() const {
    const std::scoped_lock lock(mutex_);
    return closed_ && items_.empty();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<T> items_;
  bool closed_ = false;
};

}  // namespace besa::broker
