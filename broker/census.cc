#include "broker/census.h"

#include <algorithm>
#include <array>

#include "core/entry.h"
#include "core/record_bytes.h"

namespace besa::broker {
namespace {

using core::Table;

constexpr std::array kTables = {Table::queue, Table::thread, Table::message};
constexpr std::size_t kRowsAtOnce = 1'024;
constexpr std::size_t kSequenceBytes = 8;

// Its overdue mark stays for good; what is outstanding, its state says.
bool waits_for_answer(const core::ThreadRecord& thread) {
  using core::ThreadState;
  constexpr std::array kBeforeAnAnswer = {ThreadState::queued, ThreadState::handed_out, ThreadState::received,
                                          ThreadState::opened, ThreadState::needs_info, ThreadState::info_sent};
  return std::find(kBeforeAnAnswer.begin(), kBeforeAnAnswer.end(), thread.state) != kBeforeAnAnswer.end();
}

}  // namespace

std::optional<Census> CensusTaker::get() const {
  const std::scoped_lock lock(mutex_);
  return done_;
}

base::Status CensusTaker::round(const journal::Snapshot& snapshot, base::Timestamp now, std::size_t most) {
  if (!walking_) {
    if (begun_ && *begun_ <= now && now < *begun_ + kEvery) return {};
    begun_ = now;
    walking_.emplace();
    walking_->begun = now;
    table_ = 0;
    from_.clear();
  }
  base::Status walked = walk(snapshot, most);
  if (walked && table_ == kTables.size()) walked = end(snapshot);
  if (!walked) walking_.reset();
  return walked;
}

base::Status CensusTaker::walk(const journal::Snapshot& snapshot, std::size_t most) {
  for (std::size_t seen = 0; seen < most && table_ < kTables.size();) {
    const std::size_t asked = std::min(kRowsAtOnce, most - seen);
    BESA_ASSIGN(const auto rows, snapshot.view().scan(kTables[table_], {}, from_, asked));
    for (const core::ViewRow& row : rows) BESA_TRY(count(kTables[table_], row));
    seen += rows.size();
    if (rows.size() < asked) {
      ++table_;
      from_.clear();
      continue;
    }
    from_ = rows.back().key;
    from_.push_back(0);
  }
  return {};
}

base::Status CensusTaker::count(Table table, const core::ViewRow& row) {
  if (table == Table::queue) {
    ++walking_->queued;
    if (row.key.size() < kSequenceBytes) return {};
    base::ByteReader in(base::ByteView(row.key).last(kSequenceBytes));  // the recipient stands before it
    const base::Sequence sequence{in.u64()};
    walking_->oldest = std::min(walking_->oldest.value_or(sequence), sequence);
  } else if (table == Table::thread) {
    BESA_ASSIGN(const auto thread, core::decode_record<core::ThreadRecord>(row.value));
    if (thread.overdue && waits_for_answer(thread)) ++walking_->answers_overdue;
  } else {
    BESA_ASSIGN(const auto message, core::decode_record<core::MessageRecord>(row.value));
    if (message.debt == core::Debt::overdue) ++walking_->withdrawal_answers_overdue;
  }
  return {};
}

base::Status CensusTaker::end(const journal::Snapshot& snapshot) {
  if (walking_->oldest) {
    BESA_ASSIGN(const base::Bytes bytes, snapshot.log().entry(*walking_->oldest));
    BESA_ASSIGN(const core::Entry entry, core::decode_entry(bytes));
    walking_->oldest_since = entry.now;
  }
  const std::scoped_lock lock(mutex_);
  done_ = *walking_;
  walking_.reset();
  return {};
}

}  // namespace besa::broker
