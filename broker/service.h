// The daemon's shell: sockets, threads and timers around the sequencer.
//
//   gate thread       polls the socket, lets requests in through the door, answers those that wait
//   verify pool       parses and checks; reads; makes jobs. An idle broker does this on the gate thread
//   sequencer thread  the only writer: takes jobs in batches, and ticks when something falls due
//   housekeeper       writes to the database what segments hold, overwrites purged ciphertext, makes the next segment
//                     ready, counts the view again
#pragma once

#include <memory>
#include <string>

#include "broker/config.h"
#include "broker/counters.h"
#include "broker/keys.h"
#include "program/clock.h"
#include "program/metrics.h"

namespace besa::broker {

class Service {
 public:
  // Opens the journal, looks at the end of the log, binds and tests the gate, writes state/endpoint, and serves.
  // `confirmed`: an administrator has checked the clock. The references outlive the service.
  // Errors: configuration (no genesis, keys, address, file system, endpoint), busy (another broker holds the state
  // folder), damaged, io.
  // `stall_ms`: a thread that is silent for longer stands still.
  [[nodiscard]] static base::Result<std::unique_ptr<Service>> start(const Config& config, const Keys& keys,
                                                                    const program::Clock& clock,
                                                                    const program::Logger& log, bool confirmed,
                                                                    std::uint64_t stall_ms = kStallMs);
  static constexpr std::uint64_t kStallMs = 30'000;
  // Lets nobody in any more, tells those that wait to ask again, decides what is inside for at most 5 s (the rest is
  // told to ask again), and writes the checkpoint.
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  const std::string& endpoint() const;
  const Counters& counters() const;
  // A write failed in a way that only a new start can look at: end the process.
  bool failed() const;

  // For an administrator's monitoring; any thread. Why a thread stands still, or why nothing new is taken; otherwise
  // empty.
  std::string ill() const;
  std::string not_ready() const;
  void write_metrics(program::MetricsPage& page) const;

 private:
  struct Parts;
  explicit Service(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace besa::broker
