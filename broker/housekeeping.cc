// What has to be done now and then, beside the work.
#include "broker/service_parts.h"

namespace besa::broker {
namespace {

using base::Status;

constexpr auto kHousekeeping = std::chrono::seconds(1);
constexpr int kReadersEvery = 60;  // rounds of housekeeping
constexpr std::uint64_t kUsageAlarmPercent = 70;

}  // namespace

void Service::Parts::housekeep_loop() {
  std::unique_lock lock(housekeeping_mutex);
  for (int round = 0; !stopping; ++round) {
    lock.unlock();
    housekeep(round);
    lock.lock();
    housekeeping_end.wait_for(lock, kHousekeeping, [this] { return stopping.load(); });
  }
}

void Service::Parts::housekeep(int round) {
  if (const Status ready = journal->prepare_segment(); !ready && round % kReadersEvery == 0) {
    log.warning("segment_not_ready", {{"error", ready.error()}});
  }
  if (round % kReadersEvery != 0) return;
  if (const auto cleared = journal->clear_dead_readers(); cleared && *cleared > 0) {
    log.info("dead_readers_cleared", {{"readers", *cleared}});
  }
  const auto usage = journal->usage().database;
  if (usage.used_bytes * 100 > usage.map_bytes * kUsageAlarmPercent) {
    log.warning("database_nearly_full", {{"used", usage.used_bytes}, {"most", usage.map_bytes}});
  }
}

}  // namespace besa::broker
