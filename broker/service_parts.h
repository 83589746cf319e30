// What the service's threads share; each thread's work stands in a file of its own (gate_thread.cc,
// sequencer_thread.cc, housekeeper.cc). Inside the service only.
#pragma once

#include <atomic>
#include <deque>
#include <optional>
#include <thread>
#include <vector>

#include "broker/bounded_queue.h"
#include "broker/clock_guard.h"
#include "broker/door.h"
#include "broker/housekeeper.h"
#include "broker/mailbox.h"
#include "broker/metrics.h"
#include "broker/recovery.h"
#include "broker/service.h"
#include "broker/worker.h"
#include "program/pulse.h"

namespace besa::broker {

static_assert(kRequestsInside <= transport::Gate::kPostedReplies, "every reply has its place on the way out");

// A job with the way back to whoever asked.
struct QueuedJob {
  Job job;
  transport::ConnectionToken token;
  base::TransportKey peer;
  std::size_t bytes = 0;
  std::size_t statements = 0;
};

struct Service::Parts {
  Parts(const Config& config, const program::Clock& of_clock, const program::Logger& of_log)
      : clock(of_clock), log(of_log), rollback(config.rollback_file()), clock_file(config.clock_file()) {}
  ~Parts() { stop(); }

  const program::Clock& clock;
  const program::Logger& log;
  const RollbackProof rollback;
  const std::string clock_file;  // there while a step of the clock waits for somebody to look
  bool clock_confirmed = false;  // by the command line, and not yet on record
  Counters counters;
  std::unique_ptr<journal::Journal> journal;
  std::unique_ptr<Sequencer> sequencer;
  std::optional<crypto::SigningKey> log_key;
  std::optional<ClockGuard> clock_guard;
  std::optional<Worker> worker;
  std::unique_ptr<transport::Gate> gate;
  Door door;
  Waiting waiting;
  Mailbox mailbox;
  BoundedQueue<Visit, kRequestsInside> visits;
  BoundedQueue<QueuedJob, kRequestsInside> jobs;
  std::atomic<bool> stopping{false};
  std::atomic<bool> failed{false};
  bool collecting = false;                 // after a loss, as was said last. The sequencer's thread
  std::optional<base::ErrorKind> trouble;  // of the last step that wrote; the sequencer thread's, as the next
  CensusTaker census;
  std::optional<Housekeeper> housekeeper;
  Measures measures;
  std::uint64_t stall_ms = Service::kStallMs;
  program::Pulse gate_pulse;
  program::Pulse sequencer_pulse;
  std::deque<program::Pulse> pool_pulses;
  std::atomic<std::uint64_t> stop_by_ms{0};  // since boot: jobs that are taken later are answered "ask again"
  std::vector<std::thread> pool;
  std::thread gate_thread;
  std::thread sequencer_thread;

  base::Status open(const Config& config, const Keys& keys, bool confirmed);
  base::Status look_at_start(const Keys& keys);
  void note_recovered(const Recovery& recovery);
  base::Status confirm_clock();
  void look_at_clock();
  void look_at_rollback(const StepResult& result);
  void run(unsigned pool_threads);
  std::string_view standing_still() const;
  void stop();

  void gate_loop();
  void let_in(transport::Request request);
  void deliver_mail();
  void answer_waiting(const Waiting::Releases& releases);
  void dismiss_waiting();
  void pool_loop(program::Pulse& pulse);
  void handle(const Visit& visit);
  void sequencer_loop();
  void step(std::vector<QueuedJob> queued);
  StepResult decide(std::vector<Job> work, std::optional<base::Timestamp> now);
  void note_trouble(const StepResult& result);
  void note_recovery(const StepResult& result);
  void note_collecting();
  std::chrono::milliseconds until_due() const;
  void send(const transport::ConnectionToken& token, const wire::Reply& reply);
};

}  // namespace besa::broker
