// The sequencer: the only writer. A single-threaded core that takes jobs and a time and gives answers; sockets, threads
// and timers lie outside, so that tests and a simulation drive the same code.
//
// A step decides its jobs in order, in batches. One batch: decide everything on the uncommitted view, one durable
// commit (a flush of the segment; the database follows in another thread), one signed checkpoint, then the answers, all
// under that checkpoint. A batch that finds no room leaves no trace; its jobs are tried once more one by one, and a job
// that fails alone is answered with the error. Nothing is answered before it is durable.
//
// Reading goes on while appending is halted (clock, a client that knows more of the log than we do).
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "broker/appender.h"
#include "broker/jobs.h"
#include "broker/publication.h"
#include "broker/pulling.h"
#include "crypto/secret/sign.h"

namespace besa::broker {

struct SequencerOptions {
  std::size_t batch_statements = 256;                   // then a batch is committed
  SaltSource salt;                                      // of the broker's own statements
  std::size_t queue_rows_per_pull = kQueueRowsPerPull;  // tests take few
  // After a start in the middle of a recovery what was offered is gone: so long everybody may offer it again.
  base::Duration offer_again = base::minutes(10);
};

class Sequencer {
 public:
  // Looks at the end of the log (view and log agree, the last checkpoint is ours and still holds) and signs it again.
  // What a crash left was recovered before. The references outlive the sequencer. Before genesis there is nothing to
  // look at; only `begin` may follow. Errors: damaged (rebuild the view, or restore a backup), configuration (another
  // log key than genesis names).
  [[nodiscard]] static base::Result<std::unique_ptr<Sequencer>> open(journal::Journal& journal,
                                                                     const crypto::SigningKey& log_key,
                                                                     SequencerOptions options, Counters& counters);

  // The first entry. Errors: denied (refused; the message names the reason), already_exists.
  [[nodiscard]] base::Status begin(const core::Verified& genesis, base::Timestamp now);
  bool has_genesis() const { return !publication_.get()->note.empty(); }

  // Decides the jobs, ticks what is due. `now` is raised to the last entry's.
  [[nodiscard]] StepResult step(std::vector<Job> jobs, base::Timestamp now);
  // Before anything else is appended: the administrator has looked at the clock. Errors: full, io, damaged.
  [[nodiscard]] base::Status confirm_clock(base::Timestamp clock);
  // When something falls due by itself: call `step` then, even without jobs. None: nothing will.
  std::optional<base::Timestamp> next_due() const { return next_due_; }
  // Everything to the database, and the newest checkpoint: a clean end.
  [[nodiscard]] base::Status close();

  // Answers the jobs without deciding them.
  [[nodiscard]] StepResult turn_away(const std::vector<Job>& jobs, wire::WireError reason, std::string_view detail);

  // From any thread: nothing is appended any more; jobs are answered with this error. The first reason stays.
  // Halted because a client has shown a later state, it still takes the statement that accepts the loss.
  void halt(wire::WireError reason);
  // Goes on after `reason`, if that is why it is halted. The sequencer's thread.
  void resume(wire::WireError reason);
  wire::WireError halted() const { return halted_.load(); }
  // A loss was accepted and what was lost is being collected: nothing is handed out. Any thread.
  bool recovers() const { return recovering_.load(); }

  const Publication& publication() const { return publication_; }
  const std::string& origin() const { return origin_; }

 private:
  // What a job came to inside its batch.
  using Placed = std::variant<std::vector<Appender::Placed>, Picked, Refusal>;

  Sequencer(journal::Journal& journal, const crypto::SigningKey& log_key, SequencerOptions options, Counters& counters)
      : journal_(journal), log_key_(log_key), options_(std::move(options)), counters_(counters) {}

  [[nodiscard]] base::Status look_at_end();
  [[nodiscard]] base::Status publish();
  [[nodiscard]] base::Status name_log(const journal::Snapshot& snapshot);
  void run_ticks(base::Timestamp now, StepResult& result);
  // What was offered again, in the order of the lost log, and the tick that ends it.
  [[nodiscard]] base::Status finish_recovery(base::Timestamp now, StepResult& result);
  [[nodiscard]] base::Status decide_again(base::Timestamp now, StepResult& result);
  [[nodiscard]] base::Status end_recovery(base::Timestamp now, StepResult& result);
  [[nodiscard]] base::Status commit(journal::Batch& batch, const Appender& appender, StepResult& result);
  [[nodiscard]] base::Result<Appender::Placed> place_one(Appender& appender, const Admission& admission,
                                                         bool recovering);
  [[nodiscard]] base::Result<Appender::Placed> collect(Appender& appender, const Offered& offer);
  Appender::Placed collect_new(const Submitted& withdrawal);
  [[nodiscard]] base::Result<Appender::Placed> place_loss(Appender& appender, const Submitted& loss);
  void note_recovery(const core::Head& head, const std::optional<core::LossRecord>& loss);
  void run_group(std::span<const Job> jobs, base::Timestamp now, StepResult& result);
  [[nodiscard]] base::Status try_group(std::span<const Job> jobs, base::Timestamp now, StepResult& result);
  [[nodiscard]] base::Result<Placed> place(Appender& appender, const Job& job);
  [[nodiscard]] base::Result<Placed> place_pull(Appender& appender, const PullJob& job);
  void answer(std::span<const Job> jobs, std::vector<Placed> placed, StepResult& result);
  void remember_places(std::span<const Job> jobs, const std::vector<Placed>& placed, bool stirred_all);
  wire::Reply reply_to(const Job& job, const Placed& placed, const journal::Snapshot& snapshot,
                       const Published& published) const;
  std::size_t take_group(std::span<const Job> jobs) const;

  journal::Journal& journal_;
  const crypto::SigningKey& log_key_;
  SequencerOptions options_;
  Counters& counters_;
  RefusalLimiter limiter_;
  Publication publication_;
  std::string origin_;
  std::optional<base::Timestamp> next_due_;
  Collected collected_;
  std::optional<core::LossRecord> loss_;  // the last; the log recovers from it while `collect_until_` is set
  std::atomic<bool> recovering_{false};
  std::optional<base::Timestamp> collect_until_;
  // Where a member's next pull begins, if not at the front of its queue. In memory only: a restart looks again.
  std::map<base::MemberId, base::Sequence> pull_from_;
  std::atomic<wire::WireError> halted_{wire::WireError::none};
};

}  // namespace besa::broker
