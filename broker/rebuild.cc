#include "broker/rebuild.h"

#include "broker/decide_again.h"

namespace besa::broker {
namespace {

using base::Result;
using base::Sequence;

constexpr std::size_t kRecordsAtOnce = 256;
constexpr std::size_t kRecordBytesAtOnce = std::size_t{4} << 20;

class Rebuild {
 public:
  Rebuild(journal::Journal& journal, const std::function<void(std::uint64_t, std::uint64_t)>& progress)
      : journal_(journal), progress_(progress) {}

  Result<Rebuilt> run() {
    BESA_ASSIGN(journal::Batch first, journal_.begin());
    first.drop_view();
    BESA_ASSIGN(const base::TreeSize size, first.log().size());
    batch_.emplace(std::move(first));
    Rebuilt out;
    while (out.entries < size.value && !out.differs) {
      BESA_TRY(run_some(size, out));
      progress_(out.entries, size.value);
    }
    BESA_TRY(batch_->commit());
    BESA_TRY(journal_.settle());
    return out;
  }

 private:
  base::Status run_some(base::TreeSize size, Rebuilt& out) {
    BESA_ASSIGN(const auto records, batch_->log().records(Sequence{out.entries}, kRecordsAtOnce, kRecordBytesAtOnce));
    for (const journal::Record& record : records) {
      if (out.entries == size.value) break;
      BESA_ASSIGN(const Verdict verdict, decide_again(batch_->view(), record.entry, record.beside));
      if (const auto* why = std::get_if<std::string>(&verdict)) {
        out.differs = record.sequence;
        out.why = *why;
        return {};
      }
      BESA_TRY(batch_->view().apply(std::get<DecidedAgain>(verdict).decided.changes));
      ++out.entries;
    }
    if (!batch_->is_large()) return {};
    BESA_TRY(batch_->commit());
    batch_.reset();
    BESA_TRY(journal_.settle());
    BESA_ASSIGN(journal::Batch next, journal_.begin());
    batch_.emplace(std::move(next));
    return {};
  }

  journal::Journal& journal_;
  const std::function<void(std::uint64_t, std::uint64_t)>& progress_;
  std::optional<journal::Batch> batch_;
};

}  // namespace

Result<Rebuilt> rebuild(journal::Journal& journal, const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  return Rebuild(journal, progress).run();
}

}  // namespace besa::broker
