// The sequencer's thread: jobs in batches, and ticks when something falls due.
#include <algorithm>

#include "broker/service_parts.h"

namespace besa::broker {
namespace {

using base::Status;
using std::chrono::milliseconds;
using wire::WireError;

constexpr std::uint64_t kSequencerIdleMs = 500;
constexpr std::size_t kJobsPerStep = 256;

// What the administrator does about a batch that failed.
program::Literal remedy(base::ErrorKind kind) {
  if (kind == base::ErrorKind::full)
    return "make room on the disk of the state folder; if there is room, look at the disk";
  if (kind == base::ErrorKind::damaged) return "stop, run besa-broker rebuild; if that fails, restore a backup";
  if (kind == base::ErrorKind::io) return "look at the disk; the broker ends, start it again then";
  return "look at the lines before";
}

}  // namespace

milliseconds Service::Parts::until_due() const {
  const auto due = sequencer->next_due();
  if (!due || trouble || sequencer->halted() != WireError::none) return milliseconds(kSequencerIdleMs);
  const std::uint64_t now = clock.now().ms;
  const std::uint64_t left = due->ms > now ? due->ms - now : 0;
  return milliseconds(std::min(left, kSequencerIdleMs));
}

void Service::Parts::sequencer_loop() {
  while (!jobs.drained()) {
    std::vector<QueuedJob> queued = jobs.pop_some(kJobsPerStep, until_due());
    step(std::move(queued));
    housekeeper->look();
    if (journal->failed()) failed = true;
  }
}

void Service::Parts::step(std::vector<QueuedJob> queued) {
  const auto now = clock_guard->now();
  const bool behind = !now && clock_guard->trouble() == ClockGuard::Trouble::none;
  if (!now && !behind && sequencer->halted() == WireError::none) {
    sequencer->halt(WireError::clock);
    log.error("clock_not_trusted",
              {{"trouble", clock_guard->trouble()}, {"do", "check the clock, then start again with --clock-is-right"}});
  }
  const auto due = sequencer->next_due();
  const bool something_due = now && due && *due <= *now;
  if (queued.empty() && (!something_due || sequencer->halted() != WireError::none)) return;
  std::vector<Job> work;
  for (QueuedJob& one : queued) {
    one.job.ticket = work.size();
    work.push_back(std::move(one.job));
  }
  const StepResult result =
      behind ? sequencer->turn_away(work, WireError::busy, "the broker's clock has to catch up with its log: ask again")
             : sequencer->step(std::move(work), now.value_or(base::Timestamp{}));
  mailbox.post(result);
  note_recovery(result);
  for (const JobAnswer& answer : result.answers) {
    const QueuedJob& asked = queued[answer.ticket];
    send(asked.token, answer.reply);
    door.leave(asked.peer, asked.bytes, asked.statements);
  }
  gate->wake();
  note_trouble(result);
}

void Service::Parts::note_trouble(const StepResult& result) {
  for (const base::ErrorKind kind : result.errors) {
    // Said once: what does not go is tried again all the time.
    if (trouble != kind) log.error("batch_failed", {{"error", kind}, {"do", remedy(kind)}});
    trouble = kind;
    // What is on the disk after such an error is found out by opening it again.
    if (kind == base::ErrorKind::io) failed = true;
    if (kind == base::ErrorKind::damaged) sequencer->halt(WireError::stopped);
  }
  if (result.entries > 0) {
    log.debug("batch", {{"entries", result.entries}, {"size", sequencer->publication().get()->checkpoint.size}});
  }
}

// Said before the answers go out: whoever gets one can read in the log that it is over.
void Service::Parts::note_recovery(const StepResult& result) {
  if (!trouble || result.entries == 0 || !result.errors.empty()) return;
  log.info("storing_again");
  trouble.reset();
}

}  // namespace besa::broker
