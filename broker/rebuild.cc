#include "broker/rebuild.h"

#include <variant>

#include "core/decide.h"
#include "wire/statement.h"

namespace besa::broker {
namespace {

using base::ByteView;
using base::Result;
using base::Sequence;

constexpr std::size_t kRecordsAtOnce = 256;
constexpr std::size_t kRecordBytesAtOnce = std::size_t{4} << 20;

// Empty: the same bytes came out, and the view has moved. Otherwise why not.
using Verdict = std::optional<std::string>;

Result<core::Verified> read_statement(const core::Entry& entry, const core::Beside& beside, const core::View& view) {
  const std::vector<ByteView> rows(beside.rows.begin(), beside.rows.end());
  BESA_ASSIGN(auto parsed,
              wire::parse_statement(core::media_type(entry.type), beside.body, beside.blocks, rows, beside.policy));
  return core::verify(std::move(parsed), entry.submitter, core::key_lookup(view));
}

Result<Verdict> decide_again(core::MutableView& view, const journal::Record& record) {
  const auto entry = core::decode_entry(record.entry);
  const auto beside = core::decode_beside(record.beside);
  if (!entry || !beside) return Verdict("the entry does not read");
  const auto verified = read_statement(*entry, *beside, view);
  if (!verified) return Verdict("its statement does not hold: " + verified.error().message);
  const auto outcome = core::decide(view, *verified, entry->now);
  if (!outcome && outcome.error().kind == base::ErrorKind::damaged) return tl::unexpected(outcome.error());
  if (!outcome) return Verdict(outcome.error().message);
  const auto* decided = std::get_if<core::Decided>(&*outcome);
  if (decided == nullptr) return Verdict("the log holds this statement twice");
  if (core::encode_entry(decided->entry) != record.entry) return Verdict("another decision comes out");
  BESA_TRY(view.apply(decided->changes));
  return Verdict();
}

class Rebuild {
 public:
  Rebuild(journal::Journal& journal, const std::function<void(std::uint64_t, std::uint64_t)>& progress)
      : journal_(journal), progress_(progress) {}

  Result<Rebuilt> run() {
    BESA_ASSIGN(journal::Batch first, journal_.begin());
    BESA_TRY(first.drop_view());
    BESA_ASSIGN(const base::TreeSize size, first.log().size());
    batch_.emplace(std::move(first));
    Rebuilt out;
    while (out.entries < size.value && !out.differs) {
      BESA_TRY(run_some(size, out));
      progress_(out.entries, size.value);
    }
    BESA_TRY(batch_->commit());
    return out;
  }

 private:
  base::Status run_some(base::TreeSize size, Rebuilt& out) {
    BESA_ASSIGN(const auto records, batch_->log().records(Sequence{out.entries}, kRecordsAtOnce, kRecordBytesAtOnce));
    for (const journal::Record& record : records) {
      if (out.entries == size.value) break;
      BESA_ASSIGN(const Verdict verdict, decide_again(batch_->view(), record));
      if (verdict) {
        out.differs = record.sequence;
        out.why = *verdict;
        return {};
      }
      ++out.entries;
    }
    if (!batch_->is_large()) return {};
    BESA_TRY(batch_->commit());
    batch_.reset();
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
