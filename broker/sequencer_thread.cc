// The sequencer's thread: jobs in batches, and ticks when something falls due.
#include <algorithm>
#include <cstdio>

#include "broker/remedy.h"
#include "broker/service_parts.h"
#include "program/file.h"

namespace besa::broker {
namespace {

using base::Status;
using std::chrono::milliseconds;
using wire::WireError;

constexpr std::uint64_t kSequencerIdleMs = 500;
constexpr std::size_t kJobsPerStep = 256;

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
    sequencer_pulse.beat(clock.since_boot().ms);
    std::vector<QueuedJob> queued = jobs.pop_some(kJobsPerStep, until_due());
    step(std::move(queued));
    housekeeper->look();
    if (journal->failed()) failed = true;
  }
  sequencer_pulse.rest();
}

// What the administrator said about the clock at the start becomes an entry, before any other. Not while a later state
// of the log was seen: then only the acceptance of the loss may be.
Status Service::Parts::confirm_clock() {
  if (!clock_confirmed || sequencer->halted() != WireError::none) return {};
  clock_confirmed = false;
  if (clock_guard->trouble() == ClockGuard::Trouble::none) return {};
  BESA_TRY(sequencer->confirm_clock(clock.now()));
  log.warning("clock_confirmed", {{"trouble", clock_guard->trouble()}, {"now", clock.now()}});
  clock_guard->confirm();
  if (program::exists(clock_file) && std::remove(clock_file.c_str()) != 0) {
    return base::fail(base::ErrorKind::io, "cannot remove " + clock_file + ": remove it, the clock is confirmed");
  }
  return {};
}

// A clock that stepped is remembered, so that a start by itself confirms nothing.
void Service::Parts::look_at_clock() {
  const ClockGuard::Trouble found = clock_guard->trouble();
  if (sequencer->halted() != WireError::none) return;
  sequencer->halt(WireError::clock);
  if (found == ClockGuard::Trouble::stepped) {
    const Status kept = program::write_file(clock_file, base::as_bytes("the clock stepped\n"), 0600);
    if (!kept) log.error("clock_step_not_kept", {{"error", kept.error()}});
  }
  log.error("clock_not_trusted",
            {{"trouble", found}, {"do", "check the clock, then start again with --clock-is-right"}});
}

// A loss was accepted: does what was seen still stop us?
void Service::Parts::look_at_rollback(const StepResult& result) {
  if (sequencer->halted() != WireError::rollback_seen || result.entries == 0) return;
  const auto published = sequencer->publication().get();
  const auto snapshot = journal->snapshot();
  if (!snapshot) return;
  const auto holds = rollback.still_holds({*snapshot, *published, published->now}, log_key->public_key());
  if (!holds) log.error("rollback_not_read", {{"error", holds.error()}});
  if (!holds || *holds) return;
  sequencer->resume(WireError::rollback_seen);
  log.warning("loss_accepted", {{"size", published->checkpoint.size},
                                {"do", "what was lost is collected until the time that the statement names"}});
}

void Service::Parts::step(std::vector<QueuedJob> queued) {
  if (const Status confirmed = confirm_clock(); !confirmed) {
    log.error("clock_not_confirmed", {{"error", confirmed.error()}});
    failed = true;
  }
  const auto now = clock_guard->now();
  const bool behind = !now && clock_guard->trouble() == ClockGuard::Trouble::none;
  if (!now && !behind) look_at_clock();
  const auto due = sequencer->next_due();
  const bool something_due = now && due && *due <= *now;
  if (queued.empty() && (!something_due || sequencer->halted() != WireError::none)) return;
  std::vector<Job> work;
  for (QueuedJob& one : queued) {
    one.job.ticket = work.size();
    work.push_back(std::move(one.job));
  }
  const StepResult result = decide(std::move(work), now);
  mailbox.post(result);
  look_at_rollback(result);
  note_recovery(result);
  note_collecting();
  for (const JobAnswer& answer : result.answers) {
    const QueuedJob& asked = queued[answer.ticket];
    send(asked.token, answer.reply);
    door.leave(asked.peer, asked.bytes, asked.statements);
  }
  gate->wake();
  note_trouble(result);
}

// A recovery from a loss is said when it begins, or goes on after a start, and when it ends.
void Service::Parts::note_collecting() {
  if (sequencer->recovers() == collecting) return;
  collecting = !collecting;
  const auto due = sequencer->next_due();
  if (collecting && due) {
    log.warning("recovery_ends_at", {{"time", *due}, {"do", "see that every agency is online until then"}});
  }
  if (!collecting) log.warning("recovery_ended", {{"size", sequencer->publication().get()->checkpoint.size}});
}

// Without a time: the clock is in trouble, or has to catch up with the log first.
StepResult Service::Parts::decide(std::vector<Job> work, std::optional<base::Timestamp> now) {
  const std::uint64_t stop_by = stop_by_ms;
  if (stop_by != 0 && clock.since_boot().ms > stop_by) {
    return sequencer->turn_away(work, WireError::busy, "the broker is stopping: ask again");
  }
  if (!now && clock_guard->trouble() == ClockGuard::Trouble::none) {
    return sequencer->turn_away(work, WireError::busy, "the broker's clock has to catch up with its log: ask again");
  }
  const auto begun = std::chrono::steady_clock::now();
  StepResult result = sequencer->step(std::move(work), now.value_or(base::Timestamp{}));
  if (result.entries > 0) {
    measures.batch_entries.observe(static_cast<double>(result.entries));
    measures.step_seconds.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
  }
  return result;
}

void Service::Parts::note_trouble(const StepResult& result) {
  for (const base::ErrorKind kind : result.errors) {
    // Said once: what does not go is tried again all the time.
    if (trouble != kind) log.error("batch_failed", {{"error", kind}, {"do", remedy(kind)}});
    trouble = kind;
    measures.storing_fails = true;
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
  measures.storing_fails = false;
}

}  // namespace besa::broker
