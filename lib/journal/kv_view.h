// The view as it lies in the journal's tables. Passes the same conformance tests as the one in memory. One thread at a
// time.
#pragma once

#include "core/view.h"
#include "journal/tables.h"
#include "kv/changes.h"

namespace besa::journal {

class KvView final : public core::MutableView {
 public:
  // All outlive the view.
  KvView(const kv::Reader& reading, const Tables& tables) : reading_(&reading), tables_(tables) {}
  // `reading` sees what is written to `changes`.
  KvView(const kv::Reader& reading, kv::Changes& changes, const Tables& tables)
      : reading_(&reading), changes_(&changes), tables_(tables) {}

  core::PolicyMemo* policy_memo() const override { return &policy_; }
  base::Result<std::optional<base::Bytes>> get(core::Table table, base::ByteView key) const override;
  base::Result<std::vector<core::ViewRow>> scan(core::Table table, base::ByteView prefix, base::ByteView from,
                                                std::size_t limit) const override;
  // Only with changes to write to (a contract). Errors: none.
  base::Status apply(std::span<const core::Change> changes) override;
  void clear();

 private:
  const kv::Reader* reading_;
  kv::Changes* changes_ = nullptr;
  const Tables& tables_;
  mutable core::PolicyMemo policy_;
};

}  // namespace besa::journal
