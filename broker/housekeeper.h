// What is done behind the answers, in a thread of its own: settling the journal, overwriting purged ciphertext, making
// the next segment ready, counting the view again and what waits in it, freeing reader slots of dead processes.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "broker/census.h"
#include "broker/sequencer.h"
#include "program/clock.h"
#include "program/log.h"

namespace besa::broker {

class Housekeeper {
 public:
  // All outlive it.
  Housekeeper(journal::Journal& journal, Sequencer& sequencer, CensusTaker& census, const program::Clock& clock,
              const program::Logger& log)
      : journal_(journal), sequencer_(sequencer), census_(census), clock_(clock), log_(log) {}
  ~Housekeeper() { stop(); }
  Housekeeper(const Housekeeper&) = delete;
  Housekeeper& operator=(const Housekeeper&) = delete;

  void start();
  // After the round that is under way. What waits is then written by whoever closes the journal.
  void stop();
  // Batches may have been committed: settle soon, at once if they purge. Any thread; cheap.
  void look();

  // One round, as the thread does it every second; `settle` as it does it when something waits. For tests, too.
  void keep_house();
  void settle();

 private:
  void loop();
  bool wait_until(std::chrono::steady_clock::time_point second);
  void check_view(std::uint64_t round);
  void take_census(std::uint64_t round);
  void purge();

  journal::Journal& journal_;
  Sequencer& sequencer_;
  CensusTaker& census_;
  const program::Clock& clock_;
  const program::Logger& log_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;  // under mutex_, as the next two
  bool waiting_ = false;   // something is to be settled
  bool urgent_ = false;
  std::thread thread_;
  // The thread's.
  std::uint64_t round_ = 0;
  std::optional<base::ErrorKind> settle_trouble_;
  bool purge_delayed_ = false;
  bool purge_waits_ = false;  // for a backup
};

}  // namespace besa::broker
