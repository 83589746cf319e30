#include "broker/housekeeper.h"

#include <chrono>

#include "broker/backup_lock.h"

namespace besa::broker {
namespace {

using base::Status;
using std::chrono::steady_clock;

constexpr auto kRound = std::chrono::seconds(1);
constexpr auto kSettleAfter = std::chrono::milliseconds(50);
constexpr std::uint64_t kReadersEvery = 60;        // rounds
constexpr std::uint64_t kRoundsOfTheView = 1'800;  // in so many the whole view is counted again: half an hour
constexpr std::uint64_t kUsageAlarmPercent = 70;

program::Literal remedy(base::ErrorKind kind) {
  if (kind == base::ErrorKind::full) {
    return "make room on the disk of the state folder; what was acknowledged is safe in the segments";
  }
  if (kind == base::ErrorKind::damaged) return "stop, run besa-broker rebuild; if that fails, restore a backup";
  return "look at the disk; the broker ends, start it again then";
}

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

// Not while a backup copies: a file that is overwritten or removed under its hands would not fit the rest.
void Housekeeper::purge() {
  std::optional<BackupLock> turn;
  if (!backup_lock_.empty()) {
    turn = BackupLock::share(backup_lock_);
    if (!turn && !purge_waits_) log_.info("purge_waits_for_backup");
    purge_waits_ = !turn;
    if (!turn) return;
  }
  const Status purged = journal_.finish_purges();
  if (!purged && !purge_delayed_) log_.warning("purge_delayed", {{"error", purged.error()}});
  purge_delayed_ = !purged;
}

void Housekeeper::keep_house() {
  const std::uint64_t round = round_++;
  if (const Status ready = journal_.prepare_segment(); !ready && round % kReadersEvery == 0) {
    log_.warning("segment_not_ready", {{"error", ready.error()}});
  }
  check_view();
  if (round % kReadersEvery != 0) return;
  if (const auto cleared = journal_.clear_dead_readers(); cleared && *cleared > 0) {
    log_.info("dead_readers_cleared", {{"readers", *cleared}});
  }
  const auto usage = journal_.usage().database;
  if (usage.used_bytes * 100 > usage.map_bytes * kUsageAlarmPercent) {
    log_.warning("database_nearly_full", {{"used", usage.used_bytes}, {"most", usage.map_bytes}});
  }
}

void Housekeeper::check_view() {
  const auto rows = journal_.view_rows();
  const Status sound = rows ? journal_.check_view(*rows / kRoundsOfTheView + 1) : Status(tl::unexpected(rows.error()));
  if (sound || sequencer_.halted() != wire::WireError::none) return;
  log_.error("view_damaged", {{"error", sound.error()}, {"do", remedy(base::ErrorKind::damaged)}});
  sequencer_.halt(wire::WireError::stopped);
}

}  // namespace besa::broker
