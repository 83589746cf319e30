// The view in the database does what every view must do: inside a batch, and from commit to commit.
#include "journal/sums.h"
#include "tests/unit/core/view_conformance.h"
#include "tests/unit/journal/journal_fixture.h"

namespace besa {
namespace {

journal::Options small() { return {.segment_bytes = 4096}; }

// Everything in one uncommitted batch.
class BatchWorld {
 public:
  core::MutableView& view() { return batch_.view(); }

 private:
  support::TemporaryFolder folder_;
  std::unique_ptr<journal::Journal> journal_ = journal::Journal::open(folder_ / "journal", small()).value();
  journal::Batch batch_ = journal_->begin().value();
};

// Each change a batch, each look a snapshot.
class CommittedView : public core::MutableView {
 public:
  // After every `settle_every`-th change the database follows; 0: never.
  CommittedView(journal::Journal& journal, unsigned settle_every) : journal_(journal), settle_every_(settle_every) {}

  base::Result<std::optional<base::Bytes>> get(core::Table table, base::ByteView key) const override {
    BESA_ASSIGN(const auto now, journal_.snapshot());
    return now.view().get(table, key);
  }
  base::Result<std::vector<core::ViewRow>> scan(core::Table table, base::ByteView prefix, base::ByteView from,
                                                std::size_t limit) const override {
    BESA_ASSIGN(const auto now, journal_.snapshot());
    return now.view().scan(table, prefix, from, limit);
  }
  base::Status apply(std::span<const core::Change> changes) override {
    BESA_ASSIGN(auto batch, journal_.begin());
    BESA_TRY(batch.view().apply(changes));
    BESA_TRY(batch.commit());
    ++applied_;
    if (settle_every_ == 0 || applied_ % settle_every_ != 0) return {};
    BESA_TRY(journal_.settle());
    return journal_.check_view(2 * journal::kBuckets);
  }

 private:
  journal::Journal& journal_;
  unsigned settle_every_;
  unsigned applied_ = 0;
};

// In layers over the database, in the database, and in both at once.
template <unsigned settle_every>
class CommittedWorld {
 public:
  core::MutableView& view() { return view_; }

 private:
  support::TemporaryFolder folder_;
  std::unique_ptr<journal::Journal> journal_ = journal::Journal::open(folder_ / "journal", small()).value();
  CommittedView view_{*journal_, settle_every};
};

}  // namespace

namespace core {

using Worlds = testing::Types<BatchWorld, CommittedWorld<0>, CommittedWorld<1>, CommittedWorld<3>>;
INSTANTIATE_TYPED_TEST_SUITE_P(Journal, ViewConformance, Worlds);

}  // namespace core
}  // namespace besa
