#include "broker/service.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <thread>

#include "broker/bounded_queue.h"
#include "broker/clock_guard.h"
#include "broker/door.h"
#include "broker/mailbox.h"
#include "broker/open_log.h"
#include "broker/worker.h"
#include "crypto/secret/random.h"
#include "program/file.h"

namespace besa::broker {
namespace {

using base::Result;
using base::Status;
using std::chrono::milliseconds;
using wire::WireError;

constexpr std::uint32_t kGateIdleMs = 200;
constexpr std::uint64_t kSequencerIdleMs = 500;
constexpr std::size_t kJobsPerStep = 256;
constexpr auto kHousekeeping = std::chrono::seconds(1);
constexpr int kReadersEvery = 60;  // rounds of housekeeping
constexpr std::uint64_t kUsageAlarmPercent = 70;

static_assert(kRequestsInside <= transport::Gate::kPostedReplies, "every reply has its place on the way out");

// A job with the way back to whoever asked.
struct QueuedJob {
  Job job;
  transport::ConnectionToken token;
  base::TransportKey peer;
  std::size_t bytes = 0;
  std::size_t statements = 0;
};

// What the administrator does about a batch that failed.
program::Literal remedy(base::ErrorKind kind) {
  if (kind == base::ErrorKind::full)
    return "make room on the disk of the state folder; if there is room, look at the disk";
  if (kind == base::ErrorKind::damaged) return "stop, run besa-broker rebuild; if that fails, restore a backup";
  if (kind == base::ErrorKind::io) return "look at the disk; the broker ends, start it again then";
  return "look at the lines before";
}

base::Bytes encode(const wire::Reply& reply) {
  auto frame = wire::encode_reply(reply);
  if (!frame) {
    frame = wire::encode_reply(wire::error_reply(reply.kind, WireError::too_large, "the answer does not fit a frame"));
  }
  BESA_CHECK(frame.has_value());
  return std::move(*frame);
}

}  // namespace

struct Service::Parts {
  Parts(const Config& config, const program::Clock& of_clock, const program::Logger& of_log)
      : clock(of_clock), log(of_log), rollback(config.rollback_file()) {}
  ~Parts() { stop(); }

  const program::Clock& clock;
  const program::Logger& log;
  const RollbackProof rollback;
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
  std::optional<base::ErrorKind> trouble;  // of the last step that wrote; the sequencer thread's, as the next
  bool purge_delayed = false;
  std::mutex housekeeping_mutex;
  std::condition_variable housekeeping_end;
  std::vector<std::thread> pool;
  std::thread gate_thread;
  std::thread sequencer_thread;
  std::thread housekeeper;

  Status open(const Config& config, const Keys& keys, bool confirmed);
  Status look_at_start(const Keys& keys);
  void run(unsigned pool_threads);
  void stop();

  void gate_loop();
  void let_in(transport::Request request);
  void deliver_mail();
  void answer_waiting(const Waiting::Releases& releases);
  void pool_loop();
  void handle(const Visit& visit);
  void sequencer_loop();
  void step(std::vector<QueuedJob> queued);
  void note_trouble(const StepResult& result);
  void note_recovery(const StepResult& result);
  milliseconds until_due() const;
  void housekeep_loop();
  void housekeep(int round);
  void send(const transport::ConnectionToken& token, const wire::Reply& reply);
};

Status Service::Parts::open(const Config& config, const Keys& keys, bool confirmed) {
  BESA_ASSIGN(log_key, crypto::SigningKey::from_seed(keys.log.seed()));
  BESA_ASSIGN(journal, open_log(config));
  std::remove(config.endpoint_file().c_str());  // of an earlier run: whoever waits for it must not be misled
  SequencerOptions options{config.batch_statements, [] { return crypto::random_salt(); }};
  BESA_ASSIGN(sequencer, Sequencer::open(*journal, *log_key, std::move(options), counters));
  if (!sequencer->has_genesis()) {
    return base::fail(base::ErrorKind::configuration, "the log is empty: run 'besa-broker init' with a genesis first");
  }
  BESA_TRY(look_at_start(keys));
  clock_guard.emplace(clock, sequencer->publication().get()->now, confirmed);
  worker.emplace(*journal, *sequencer, door, log_key->public_key(), rollback, clock, log, counters);
  transport::GateOptions gate_options;
  gate_options.address = config.address;
  gate_options.port = config.port;
  gate_options.admit = [this](const base::TransportKey& key) { return worker->admits(key); };
  BESA_ASSIGN(gate, transport::Gate::start(gate_options, keys.transport));
  const Status written = program::write_file(config.endpoint_file(), base::as_bytes(gate->endpoint() + "\n"), 0644);
  // On a full disk the log can still be read; clients know a configured port without the file.
  const bool found_without = !written && written.error().kind == base::ErrorKind::full && config.port != 0;
  if (found_without) log.warning("endpoint_not_written", {{"error", written.error()}});
  return found_without ? Status{} : written;
}

// Is this the broker that genesis names, and has a client shown a later state of the log?
Status Service::Parts::look_at_start(const Keys& keys) {
  BESA_ASSIGN(const journal::Snapshot snapshot, journal->snapshot());
  BESA_ASSIGN(const auto network, core::read_network(snapshot.view()));
  if (!network || network->broker_transport_key != keys.transport.public_key()) {
    return base::fail(base::ErrorKind::configuration,
                      "the transport key is another one than genesis names: check the keys folder");
  }
  const auto published = sequencer->publication().get();
  BESA_ASSIGN(const bool rolled_back,
              rollback.still_holds({snapshot, *published, published->now}, log_key->public_key()));
  if (!rolled_back) return {};
  sequencer->halt(WireError::rollback_seen);
  log.error("rollback_seen",
            {{"file", program::OwnText(rollback.path())},
             {"size", published->checkpoint.size},
             {"do", "nothing is appended: bring back the newer backup, or the administrators must decide"}});
  return {};
}

void Service::Parts::run(unsigned pool_threads) {
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const unsigned threads = pool_threads == 0 ? cores : pool_threads;
  for (unsigned i = 0; i < threads; ++i) pool.emplace_back([this] { pool_loop(); });
  sequencer_thread = std::thread([this] { sequencer_loop(); });
  housekeeper = std::thread([this] { housekeep_loop(); });
  gate_thread = std::thread([this] { gate_loop(); });
}

void Service::Parts::stop() {
  if (!gate_thread.joinable()) return;
  stopping = true;
  gate->wake();
  gate_thread.join();
  visits.close();
  for (std::thread& thread : pool) thread.join();
  jobs.close();
  sequencer_thread.join();
  {
    const std::scoped_lock lock(housekeeping_mutex);
    housekeeping_end.notify_all();
  }
  housekeeper.join();
  static_cast<void>(gate->poll(0));  // sends what is left to send
  if (const Status closed = sequencer->close(); !closed) log.warning("close_failed", {{"error", closed.error()}});
}

// --- the gate's thread

void Service::Parts::gate_loop() {
  while (!stopping) {
    for (transport::Request& request : gate->poll(kGateIdleMs)) let_in(std::move(request));
    deliver_mail();
    answer_waiting(waiting.expire(clock.since_boot().ms));
  }
}

void Service::Parts::let_in(transport::Request request) {
  const std::size_t bytes = request.payload.size();
  if (!door.enter(request.peer, bytes)) {
    ++counters.turned_away;
    counters.count(WireError::busy);
    const wire::Reply busy = wire::error_reply(wire::RequestKind::none, WireError::busy, "ask again", kBusyRetryMs);
    static_cast<void>(gate->reply(request.token, encode(busy)));
    return;
  }
  Visit visit{request.token, request.peer, std::move(request.payload), bytes};
  if (door.requests() == 1) {
    handle(visit);
  } else {
    visits.push(std::move(visit));
  }
}

void Service::Parts::deliver_mail() {
  const Mail mail = mailbox.take();
  for (const base::MemberId& member : mail.emptied) waiting.quieten(member);
  for (const base::MemberId& member : mail.stirred) answer_waiting(waiting.stir(member));
  if (mail.stirred_all) answer_waiting(waiting.stir_all());
  for (const Parked& parked : mail.parked) answer_waiting(waiting.park(parked));
}

void Service::Parts::answer_waiting(const Waiting::Releases& releases) {
  for (const Waiting::Release& release : releases) {
    static_cast<void>(gate->reply(release.parked.token, encode(worker->released(release))));
  }
}

// --- the pool

void Service::Parts::pool_loop() {
  while (const auto visit = visits.pop()) handle(*visit);
}

void Service::Parts::handle(const Visit& visit) {
  Onward onward = worker->handle(visit);
  if (auto* job = std::get_if<Job>(&onward)) {
    const std::size_t statements = statements_held(*job);
    jobs.push({std::move(*job), visit.token, visit.peer, visit.bytes, statements});
  } else if (const auto* parked = std::get_if<Parked>(&onward)) {
    door.leave(visit.peer, visit.bytes);
    mailbox.park(*parked);
    gate->wake();
  } else {
    send(visit.token, std::get<wire::Reply>(onward));
    door.leave(visit.peer, visit.bytes);
  }
}

void Service::Parts::send(const transport::ConnectionToken& token, const wire::Reply& reply) {
  static_cast<void>(gate->post_reply(token, encode(reply)));
}

// --- the sequencer's thread

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
    const Status settled = sequencer->settle();
    if (!settled && !purge_delayed) log.warning("purge_delayed", {{"error", settled.error()}});
    purge_delayed = !settled;
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

// --- housekeeping

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

// --- the outside

Service::Service(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Service::~Service() = default;

Result<std::unique_ptr<Service>> Service::start(const Config& config, const Keys& keys, const program::Clock& clock,
                                                const program::Logger& log, bool confirmed) {
  auto parts = std::make_unique<Parts>(config, clock, log);
  BESA_TRY(parts->open(config, keys, confirmed));
  parts->run(config.pool_threads);
  return std::unique_ptr<Service>(new Service(std::move(parts)));
}

const std::string& Service::endpoint() const { return parts_->gate->endpoint(); }
const Counters& Service::counters() const { return parts_->counters; }
bool Service::failed() const { return parts_->failed; }

}  // namespace besa::broker
