#include "broker/housekeeper.h"

#include <chrono>

#include "broker/remedy.h"

namespace besa::broker {
namespace {

using base::Status;
using std::chrono::steady_clock;

constexpr auto kRound = std::chrono::seconds(1);
constexpr auto kSettleAfter = std::chrono::milliseconds(50);
constexpr std::uint64_t kReadersEvery = 60;        // rounds
constexpr std::uint64_t kRoundsOfTheView = 1'800;  // in so many the whole view is counted again: half an hour
constexpr std::uint64_t kUsageAlarmPercent = 70;

}  // namespace

void Housekeeper::start() {
  thread_ = std::thread([this] { loop(); });
}

void Housekeeper::stop() {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void Housekeeper::look() {
  const journal::Unsettled waits = journal_.unsettled();
  if (waits.none) return;
  const std::scoped_lock lock(mutex_);
  if (waiting_ && urgent_ >= waits.purges) return;
  waiting_ = true;
  urgent_ = urgent_ || waits.purges;
  changed_.notify_all();
}

// False at the end. Comes back when something is to be settled or the second is over.
bool Housekeeper::wait_until(steady_clock::time_point second) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, second, [this] { return stopping_ || waiting_; });
  if (waiting_) changed_.wait_for(lock, kSettleAfter, [this] { return stopping_ || urgent_; });
  waiting_ = false;
  urgent_ = false;
  return !stopping_;
}

void Housekeeper::loop() {
  auto next = steady_clock::now();
  while (wait_until(next)) {
    settle();
    if (steady_clock::now() < next) continue;
    keep_house();
    next = steady_clock::now() + kRound;
  }
}

void Housekeeper::settle() {
  const Status settled = journal_.settle();
  if (!settled && settle_trouble_ != settled.error().kind) {
    log_.error("settle_failed", {{"error", settled.error()}, {"do", remedy(settled.error().kind)}});
    settle_trouble_ = settled.error().kind;
  }
  if (settled && settle_trouble_) {
    log_.info("settling_again");
    settle_trouble_.reset();
  }
  purge();
}

void Housekeeper::purge() {
  const auto purged = journal_.finish_purges();
  if (!purged && !purge_delayed_) log_.warning("purge_delayed", {{"error", purged.error()}});
  purge_delayed_ = !purged;
  const bool waits = purged && !*purged;
  if (waits && !purge_waits_) log_.info("purge_waits_for_backup");
  purge_waits_ = waits;
}

void Housekeeper::keep_house() {
  const std::uint64_t round = round_++;
  if (const Status ready = journal_.prepare_segment(); !ready && round % kReadersEvery == 0) {
    log_.warning("segment_not_ready", {{"error", ready.error()}});
  }
  check_view(round);
  take_census(round);
  if (round % kReadersEvery != 0) return;
  if (const auto cleared = journal_.clear_dead_readers(); cleared && *cleared > 0) {
    log_.info("dead_readers_cleared", {{"readers", *cleared}});
  }
  const auto usage = journal_.usage().database;
  if (usage.used_bytes * 100 > usage.map_bytes * kUsageAlarmPercent) {
    log_.warning("database_nearly_full", {{"used", usage.used_bytes}, {"most", usage.map_bytes}});
  }
}

void Housekeeper::take_census(std::uint64_t round) {
  const auto snapshot = journal_.snapshot();
  const Status taken = snapshot ? census_.round(*snapshot, clock_.now()) : Status(tl::unexpected(snapshot.error()));
  if (!taken && round % kReadersEvery == 0) log_.warning("census_not_taken", {{"error", taken.error()}});
}

// Only a sum that differs says that the view is damaged; what could not be read is looked at again.
void Housekeeper::check_view(std::uint64_t round) {
  const auto rows = journal_.view_rows();
  const Status sound = rows ? journal_.check_view(*rows / kRoundsOfTheView + 1) : Status(tl::unexpected(rows.error()));
  if (sound || sequencer_.halted() != wire::WireError::none) return;
  if (sound.error().kind != base::ErrorKind::damaged) {
    if (round % kReadersEvery == 0) log_.warning("view_not_checked", {{"error", sound.error()}});
    return;
  }
  log_.error("view_damaged", {{"error", sound.error()}, {"do", remedy(base::ErrorKind::damaged)}});
  sequencer_.halt(wire::WireError::stopped);
}

}  // namespace besa::broker
