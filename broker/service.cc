#include "broker/service.h"

#include <algorithm>
#include <cstdio>

#include "broker/open_log.h"
#include "broker/service_parts.h"
#include "crypto/secret/random.h"
#include "program/file.h"

namespace besa::broker {

using base::Result;
using base::Status;
using wire::WireError;

namespace {

constexpr std::uint64_t kStopGraceMs = 5'000;

}  // namespace

Status Service::Parts::open(const Config& config, const Keys& keys, bool confirmed) {
  BESA_ASSIGN(log_key, crypto::SigningKey::from_seed(keys.log.seed()));
  BESA_ASSIGN(OpenLog opened, open_log(config));
  journal = std::move(opened.journal);
  note_recovered(opened.recovery);
  std::remove(config.endpoint_file().c_str());  // of an earlier run: whoever waits for it must not be misled
  SequencerOptions options{config.batch_statements, [] { return crypto::random_salt(); }, kQueueRowsPerPull,
                           config.offer_again};
  BESA_ASSIGN(sequencer, Sequencer::open(*journal, *log_key, std::move(options), counters));
  if (!sequencer->has_genesis()) {
    return base::fail(base::ErrorKind::configuration, "the log is empty: run 'besa-broker init' with a genesis first");
  }
  BESA_TRY(look_at_start(keys));
  clock_guard.emplace(clock, sequencer->publication().get()->now, program::exists(clock_file));
  clock_confirmed = confirmed;
  BESA_TRY(confirm_clock());
  housekeeper.emplace(*journal, *sequencer, census, clock, log);
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

void Service::Parts::note_recovered(const Recovery& recovery) {
  if (recovery.entries > 0) log.warning("recovered", {{"entries", recovery.entries}});
  if (recovery.dropped) log.warning("unfinished_batch_dropped");
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
  for (unsigned i = 0; i < threads; ++i) {
    program::Pulse& pulse = pool_pulses.emplace_back();
    pool.emplace_back([this, &pulse] { pool_loop(pulse); });
  }
  sequencer_thread = std::thread([this] { sequencer_loop(); });
  housekeeper->start();
  gate_thread = std::thread([this] { gate_loop(); });
}

void Service::Parts::stop() {
  if (!gate_thread.joinable()) return;
  stop_by_ms = clock.since_boot().ms + kStopGraceMs;
  stopping = true;
  gate->wake();
  gate_thread.join();
  visits.close();
  for (std::thread& thread : pool) thread.join();
  jobs.close();
  sequencer_thread.join();
  deliver_mail();  // this thread is the gate's now
  dismiss_waiting();
  gate->finish_sending();
  housekeeper->stop();
  if (const Status closed = sequencer->close(); !closed) log.warning("close_failed", {{"error", closed.error()}});
}

Service::Service(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Service::~Service() = default;

Result<std::unique_ptr<Service>> Service::start(const Config& config, const Keys& keys, const program::Clock& clock,
                                                const program::Logger& log, bool confirmed, std::uint64_t stall_ms) {
  auto parts = std::make_unique<Parts>(config, clock, log);
  parts->stall_ms = stall_ms;
  BESA_TRY(parts->open(config, keys, confirmed));
  parts->run(config.pool_threads);
  return std::unique_ptr<Service>(new Service(std::move(parts)));
}

const std::string& Service::endpoint() const { return parts_->gate->endpoint(); }
const Counters& Service::counters() const { return parts_->counters; }
bool Service::failed() const { return parts_->failed || parts_->journal->failed(); }

std::string_view Service::Parts::standing_still() const {
  const std::uint64_t now = clock.since_boot().ms;
  if (gate_pulse.stands_still(now, stall_ms)) return "gate";
  if (sequencer_pulse.stands_still(now, stall_ms)) return "sequencer";
  for (const program::Pulse& pulse : pool_pulses) {
    if (pulse.stands_still(now, stall_ms)) return "pool";
  }
  return {};
}

std::string Service::ill() const {
  const std::string_view thread = parts_->standing_still();
  return thread.empty() ? std::string() : "a thread stands still: " + std::string(thread);
}

std::string Service::not_ready() const {
  if (parts_->stopping) return "stopping";
  if (parts_->failed) return "writing to the state folder failed";
  if (const WireError reason = parts_->sequencer->halted(); reason != WireError::none) {
    return "nothing is appended: " + std::string(name_of(reason));
  }
  if (parts_->measures.storing_fails) return "batches cannot be stored";
  return ill();
}

void Service::write_metrics(program::MetricsPage& page) const {
  const Parts& p = *parts_;
  broker::write_metrics(
      {p.counters, p.measures, p.gate->counters(), *p.journal, *p.sequencer, p.census, p.door, p.clock}, page);
}

}  // namespace besa::broker
