// What the desk needs of the broker while somebody waits for the answer: run by the worker, which alone has the
// session. In memory only; what cannot be run is said at once and forgotten.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "base/result.h"
#include "client/session.h"

namespace besa::node {

class Errands {
 public:
  using Work = std::function<base::Status(client::Session&)>;

  // Any thread but the worker's, without the node's lock. Wakes the worker and waits until it has run `work`, once, on
  // its own thread. Errors: those of `work`; busy (too many wait), unavailable (the worker did not come to it in time,
  // and will not any more), and why the round failed that should have run it.
  [[nodiscard]] base::Status ask(Work work, const std::function<void()>& wake, std::uint32_t timeout_ms);

  // The worker's thread, once a round, before the outbox: runs what waits now. So an errand that is asked for after
  // another one is run when the outbox has sent what that one queued.
  void run(client::Session& session);
  // The round has failed: nothing that waits will be run.
  void fail(const base::Error& error);

 private:
  enum class Stage { waiting, given_up, running, done };
  struct One {
    Work work;
    Stage stage = Stage::waiting;
    base::Status result;
  };
  std::deque<std::shared_ptr<One>> take();
  bool begin(One& one);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<One>> waiting_;
};

}  // namespace besa::node
