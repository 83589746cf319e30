// Adds decided entries to one batch: decide, apply to the view, append, purge, note what to tell members. The rule that
// a tick comes first while something is due is kept here.
//
// Belongs to one batch; all errors are the batch's end (drop it). Thread: the sequencer's.
#pragma once

#include <functional>
#include <variant>
#include <vector>

#include "broker/admission.h"
#include "broker/counters.h"
#include "broker/jobs.h"
#include "broker/refusal_limiter.h"
#include "journal/journal.h"

namespace besa::broker {

using SaltSource = std::function<base::Salt()>;

class Appender {
 public:
  // All outlive the appender. `now` is not before the last entry's.
  Appender(journal::Batch& batch, base::Timestamp now, const SaltSource& salt, RefusalLimiter& limiter,
           Counters& counters)
      : batch_(batch), now_(now), salt_(salt), limiter_(limiter), counters_(counters) {}

  // Where its receipt lies, or why there is none (counter_too_old, not_member).
  using Placed = std::variant<base::Sequence, Refusal>;
  [[nodiscard]] base::Result<Placed> submit(const Submitted& input);

  // A statement that lay in the lost log, its signatures checked with the keys that are known by now.
  [[nodiscard]] base::Result<Placed> submit_again(const Offered& offer);
  // The receipt's place, if this very statement was decided before (or why there is none); empty: it is new.
  [[nodiscard]] base::Result<std::optional<Placed>> find_decided(const core::ParsedStatement& statement) const;
  // The tick that ends the recovery from a loss. Errors: damaged (the core refused it).
  [[nodiscard]] base::Status end_recovery();
  // The administrator has looked at the clock, which says this.
  [[nodiscard]] base::Status confirm_clock(base::Timestamp clock);
  [[nodiscard]] base::Result<bool> recovering() const;

  // hand_out or withhold: true if the core accepted it.
  [[nodiscard]] base::Result<bool> pulled(core::StatementType type, const base::MemberId& member,
                                          std::vector<base::Reference> messages);

  // Ticks until nothing is due or the batch is large, at most `most`.
  [[nodiscard]] base::Status tick_while_due(std::size_t most);

  // At the very beginning of a log: genesis, which must be accepted. Errors: denied (refused, with the reason).
  [[nodiscard]] base::Status begin(const core::Verified& genesis);

  journal::Batch& batch() { return batch_; }
  base::Timestamp now() const { return now_; }
  // After the batch's commit: only what is durable is counted.
  void count_committed() const;
  // Since the making.
  std::size_t entries() const { return entries_; }
  std::vector<base::MemberId> stirred() const { return stirred_; }
  bool stirred_all() const { return stirred_all_; }

 private:
  [[nodiscard]] base::Status tick_if_owed();
  [[nodiscard]] base::Result<core::Outcome> decide_own(core::StatementType type, const core::Body& body,
                                                       core::ParsedStatement& parsed);
  [[nodiscard]] base::Result<bool> write_own(core::StatementType type, const core::Body& body);
  [[nodiscard]] base::Result<base::NetworkId> network() const;
  [[nodiscard]] base::Result<Placed> find_below_window(const core::ParsedStatement& statement) const;
  static std::optional<base::MemberId> answerable(const core::ParsedStatement& statement);
  [[nodiscard]] base::Result<bool> is_over_limit(const core::Decided& decided, const core::ParsedStatement& statement);
  [[nodiscard]] base::Status append(const core::Decided& decided, const core::ParsedStatement& statement,
                                    const std::vector<journal::Chunk>& ciphertext);
  void stir(const core::Decided& decided, const core::ParsedStatement& statement,
            const std::vector<journal::Notice>& notices);
  void count(const core::Decided& decided);

  journal::Batch& batch_;
  base::Timestamp now_;
  const SaltSource& salt_;
  RefusalLimiter& limiter_;
  Counters& counters_;
  std::size_t entries_ = 0;
  std::vector<base::MemberId> stirred_;
  bool stirred_all_ = false;
  std::vector<EntryCounts::Kind> tally_;
  std::uint64_t answers_overdue_ = 0;
  std::uint64_t debts_overdue_ = 0;
};

}  // namespace besa::broker
