// What waits now, counted from the view: too many rows to read for every page of metrics, so that the housekeeper walks
// over them, some in each of its rounds, and the page says how old the figures are.
#pragma once

#include <mutex>
#include <optional>

#include "core/view.h"
#include "journal/journal.h"

namespace besa::broker {

// One walk over all of it. A walk of more than one round counts each row as it was when its turn came.
struct Census {
  std::uint64_t queued = 0;                      // messages that wait for their recipients
  std::optional<base::Sequence> oldest;          // of them
  std::uint64_t answers_overdue = 0;             // threads whose receiver has still not answered
  std::uint64_t withdrawal_answers_overdue = 0;  // messages whose recipient has still not said what became of them
  base::Timestamp begun;
  base::Timestamp oldest_since;  // when the oldest was accepted
};

class CensusTaker {
 public:
  static constexpr std::size_t kRowsARound = 5'000;  // about 10 ms
  static constexpr base::Duration kEvery{5'000};     // between the beginnings of two walks

  // The next rows, if a walk is due. One thread. Errors: damaged, io: the walk begins anew with the next call.
  [[nodiscard]] base::Status round(const journal::Snapshot& snapshot, base::Timestamp now,
                                   std::size_t most = kRowsARound);
  // Of the last walk that came to its end. Any thread.
  std::optional<Census> get() const;

 private:
  base::Status walk(const journal::Snapshot& snapshot, std::size_t most);
  base::Status count(core::Table table, const core::ViewRow& row);
  base::Status end(const journal::Snapshot& snapshot);

  std::optional<Census> walking_;
  std::size_t table_ = 0;
  base::Bytes from_;
  std::optional<base::Timestamp> begun_;  // the last walk
  mutable std::mutex mutex_;
  std::optional<Census> done_;  // under mutex_
};

}  // namespace besa::broker
