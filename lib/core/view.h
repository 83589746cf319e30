// The view: what the log has led to, as rows of bytes in tables. It can be dropped and made again by deciding the log
// once more; two views are equal when their sorted dumps are.
//
// Rows are small; keys are big-endian composites of at most 64 bytes, so that their order is the order of meaning.
// Implementations: MemoryView here, the journal's over LMDB; both pass tests/unit/core/view_conformance.h.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace besa::core {

using base::Bytes;
using base::ByteView;
using base::Result;
using base::Status;

enum class Table : std::uint8_t {
  head,             // one row: sequence, now, effects chain, last governance
  network,          // genesis, threshold, broker keys; and the last loss that was accepted
  administrator,    // key id
  transport,        // transport key -> who it belongs to
  key,              // key id -> known key, never removed
  member,           // member id
  prekey,           // member, prekey id
  subject,          // subject of `replaces` -> statement id
  policy,           // one row: id and bytes
  auditor,          // member id -> appointment
  counter,          // member, counter -> id, sequence: the highest used
  counter_window,   // member -> how many rows above, and the lowest
  message,          // author, counter
  thread,           // opener, counter of the opening message
  thread_message,   // thread key, sequence -> author, counter
  queue,            // recipient, sequence -> author, counter
  due,              // time, code, reference, section
  consent,          // author, counter
  governance,       // statement id -> sequence: governance is deduplicated by id
  used_key,         // raw public key -> role, holder: a key serves one holder in one role
  consent_message,  // consent's author and counter, sequence -> author, counter: what came under it
  code,             // lookup tag, sequence -> consent
};
constexpr std::size_t kTables = 22;
std::string_view name_of(Table table);
std::span<const Table> all_tables();

struct ViewRow {
  Bytes key;
  Bytes value;
  friend bool operator==(const ViewRow&, const ViewRow&) = default;
};

// A put (value) or a delete (no value).
struct Change {
  Table table;
  Bytes key;
  std::optional<Bytes> value;
  friend bool operator==(const Change&, const Change&) = default;
};

struct PolicyRecord;

// The policy as it was decoded from the bytes of its row: every decision needs it, and it seldom changes.
struct PolicyMemo {
  Bytes row;
  std::shared_ptr<const PolicyRecord> record;
};

class View {
 public:
  virtual ~View() = default;
  // Where a view that one thread reads keeps it, or null.
  virtual PolicyMemo* policy_memo() const { return nullptr; }
  // Errors: damaged. Absence is no error.
  [[nodiscard]] virtual Result<std::optional<Bytes>> get(Table table, ByteView key) const = 0;
  // At most `limit` rows whose key begins with `prefix` and is >= `from`, in key order. Errors: damaged.
  [[nodiscard]] virtual Result<std::vector<ViewRow>> scan(Table table, ByteView prefix, ByteView from,
                                                          std::size_t limit) const = 0;
};

class MutableView : public View {
 public:
  // All or nothing. Deleting an absent row is no error.
  [[nodiscard]] virtual Status apply(std::span<const Change> changes) = 0;
};

class MemoryView : public MutableView {
 public:
  Result<std::optional<Bytes>> get(Table table, ByteView key) const override;
  Result<std::vector<ViewRow>> scan(Table table, ByteView prefix, ByteView from, std::size_t limit) const override;
  Status apply(std::span<const Change> changes) override;

 private:
  std::map<Bytes, Bytes> tables_[kTables];
};

// Changes on top of another view, which stays as it is: what one decision has put so far.
class Overlay : public View {
 public:
  explicit Overlay(const View& below) : below_(below) {}
  PolicyMemo* policy_memo() const override { return below_.policy_memo(); }
  Result<std::optional<Bytes>> get(Table table, ByteView key) const override;
  Result<std::vector<ViewRow>> scan(Table table, ByteView prefix, ByteView from, std::size_t limit) const override;
  void put(Table table, Bytes key, Bytes value);
  void erase(Table table, Bytes key);
  // In (table, key) order; a row put back to what it was below is still named.
  std::vector<Change> changes() const;
  // Of one table, by key; no value: deleted.
  const std::map<Bytes, std::optional<Bytes>>& changed(Table table) const;
  void discard();

 private:
  const View& below_;
  std::map<Bytes, std::optional<Bytes>> changed_[kTables];
};

// Every row of every table, sorted: "table key value" in hex, one line each. For comparing and for people.
[[nodiscard]] Result<std::string> dump(const View& view);

}  // namespace besa::core
