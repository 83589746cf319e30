#include "agents/node/errands.h"

#include <chrono>

namespace besa::node {
namespace {

constexpr std::size_t kMostWaiting = 16;

}  // namespace

base::Status Errands::ask(Work work, const std::function<void()>& wake, std::uint32_t timeout_ms) {
  auto one = std::make_shared<One>();
  one->work = std::move(work);
  {
    const std::scoped_lock lock(mutex_);
    if (waiting_.size() >= kMostWaiting)
      return base::fail(base::ErrorKind::busy, "too much is asked at once: try again");
    waiting_.push_back(one);
  }
  wake();
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] { return one->stage != Stage::waiting; });
  if (one->stage == Stage::waiting) {
    one->stage = Stage::given_up;
    std::erase(waiting_, one);
    return base::fail(base::ErrorKind::unavailable, "the broker did not answer in time: try again");
  }
  // Begun: each of its requests ends by itself.
  changed_.wait(lock, [&] { return one->stage == Stage::done; });
  return one->result;
}

std::deque<std::shared_ptr<Errands::One>> Errands::take() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(waiting_, {});
}

// Others of the same round may have taken long: whoever did not wait for that is not served any more.
bool Errands::begin(One& one) {
  const std::scoped_lock lock(mutex_);
  if (one.stage == Stage::given_up) return false;
  one.stage = Stage::running;
  return true;
}

void Errands::run(client::Session& session) {
  for (const std::shared_ptr<One>& one : take()) {
    if (!begin(*one)) continue;
    base::Status result = one->work(session);
    const std::scoped_lock lock(mutex_);
    one->result = std::move(result);
    one->stage = Stage::done;
    changed_.notify_all();
  }
}

void Errands::fail(const base::Error& error) {
  const std::scoped_lock lock(mutex_);
  for (const std::shared_ptr<One>& one : waiting_) {
    one->result = tl::unexpected(error);
    one->stage = Stage::done;
  }
  waiting_.clear();
  changed_.notify_all();
}

}  // namespace besa::node
