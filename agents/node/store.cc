#include "agents/node/store.h"

#include <array>

#include "crypto/verify/hmac.h"

namespace besa::node {
namespace {

using base::ErrorKind;
using base::fail;
using base::Result;

constexpr std::array<std::string_view, kBoxes> kNames = {"meta",     "log",   "drafts",  "signed", "inbox", "content",
                                                         "requests", "pairs", "senders", "gossip", "alarms"};

// Names the record, so that a value cannot be put elsewhere.
base::Bytes associated(Box box, base::ByteView key) {
  return base::ByteWriter().raw(kNames[static_cast<std::size_t>(box)]).u8(0).raw(key).take();
}

Result<base::Bytes> open_value(const crypto::StorageKey& key, Box box, base::ByteView name, base::ByteView value) {
  auto plain = key.open(associated(box, name), value);
  if (plain) return plain;
  return fail(ErrorKind::damaged, "a stored record is damaged or belongs to another storage key");
}

}  // namespace

base::Bytes number_key(std::uint64_t number) { return base::ByteWriter().u64(number).take(); }
std::uint64_t number_of_key(base::ByteView key) { return base::ByteReader(key).u64(); }

Result<std::unique_ptr<Store>> Store::open(const std::string& folder, crypto::StorageKey key) {
  kv::Options options;
  options.max_tables = kBoxes;
  options.max_readers = 128;
  BESA_ASSIGN(auto environment, kv::Environment::open(folder, options));
  BESA_ASSIGN(std::vector<kv::Table> tables, environment->tables(kNames));
  return std::unique_ptr<Store>(new Store(std::move(environment), std::move(tables), std::move(key)));
}

Result<std::optional<base::Bytes>> Store::get(Box box, base::ByteView key) const {
  BESA_ASSIGN(const kv::ReadTransaction read, environment_->read());
  BESA_ASSIGN(const auto value, read.get(table(box), key));
  if (!value) return std::nullopt;
  BESA_ASSIGN(base::Bytes plain, open_value(key_, box, key, *value));
  return plain;
}

Result<std::vector<kv::Row>> Store::scan(Box box, base::ByteView prefix, base::ByteView from, std::size_t limit) const {
  BESA_ASSIGN(const kv::ReadTransaction read, environment_->read());
  BESA_ASSIGN(std::vector<kv::Row> rows, read.scan(table(box), prefix, from, limit));
  for (kv::Row& row : rows) {
    BESA_ASSIGN(row.value, open_value(key_, box, row.key, row.value));
  }
  return rows;
}

Result<std::uint64_t> Store::last_number(Box box) const {
  BESA_ASSIGN(const kv::ReadTransaction read, environment_->read());
  BESA_ASSIGN(const auto row, read.last(table(box)));
  return row ? number_of_key(row->key) : std::uint64_t{0};
}

base::Digest Store::blind(std::string_view use, std::string_view name) const {
  const std::uint8_t end = 0;
  return crypto::hmac_sha256_of(key_.view(), {base::as_bytes(use), base::ByteView(&end, 1), base::as_bytes(name)});
}

void Store::Batch::put(Box box, base::ByteView key, base::ByteView value) {
  changes_.push_back({box, base::to_bytes(key), base::to_bytes(value)});
}

void Store::Batch::erase(Box box, base::ByteView key) { changes_.push_back({box, base::to_bytes(key), std::nullopt}); }

base::Status Store::commit(const Batch& batch) {
  if (batch.empty()) return {};
  BESA_ASSIGN(kv::WriteTransaction write, environment_->write());
  for (const Batch::Change& change : batch.changes_) {
    if (change.value) {
      BESA_TRY(write.put(table(change.box), change.key, key_.seal(associated(change.box, change.key), *change.value)));
    } else {
      BESA_TRY(write.erase(table(change.box), change.key));
    }
  }
  return write.commit();
}

}  // namespace besa::node
