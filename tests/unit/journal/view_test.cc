// The view in the database does what every view must do: inside a batch, and from commit to commit.
#include "tests/unit/core/view_conformance.h"
#include "tests/unit/journal/journal_fixture.h"

namespace besa {
namespace {

journal::Options small() { return {4096, {}}; }

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
  explicit CommittedView(journal::Journal& journal) : journal_(journal) {}

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
    return batch.commit();
  }

 private:
  journal::Journal& journal_;
};

class CommittedWorld {
 public:
  core::MutableView& view() { return view_; }

 private:
  support::TemporaryFolder folder_;
  std::unique_ptr<journal::Journal> journal_ = journal::Journal::open(folder_ / "journal", small()).value();
  CommittedView view_{*journal_};
};

}  // namespace

namespace core {

using Worlds = testing::Types<BatchWorld, CommittedWorld>;
INSTANTIATE_TYPED_TEST_SUITE_P(Journal, ViewConformance, Worlds);

}  // namespace core
}  // namespace besa
