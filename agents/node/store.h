// What a node keeps on its disk: boxes of records, each value encrypted under the storage key. Only keys (numbers and
// ids) are in the clear. A batch is durable as a whole when `commit` returns.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/secret/aead.h"
#include "kv/environment.h"

namespace besa::node {

enum class Box : std::uint8_t {
  meta,      // name -> small values: genesis, checkpoint, last counter, places
  log,       // sequence -> entry with what lies beside it: this node's excerpt of the log
  drafts,    // number -> what the agency wants to say, and how far it got
  signed_,   // draft number -> the signed statement, exactly as it is sent
  inbox,     // sequence -> header of a message that came
  content,   // sequence -> its opened sections
  requests,  // a request id, blinded -> what was asked and answered
  pairs,     // recipient, pair counter -> what became of it
  senders,   // sender -> pair counters seen, gaps
  gossip,    // sender, tree size -> a checkpoint that the broker must still prove
  alarms,    // number -> an alarm
};
inline constexpr std::size_t kBoxes = 11;

base::Bytes number_key(std::uint64_t number);
std::uint64_t number_of_key(base::ByteView key);

class Store {
 public:
  // Errors: configuration, busy (another node runs on it), damaged, io.
  [[nodiscard]] static base::Result<std::unique_ptr<Store>> open(const std::string& folder, crypto::StorageKey key);

  // Errors of all: damaged (also a record of another storage key), io, full.
  [[nodiscard]] base::Result<std::optional<base::Bytes>> get(Box box, base::ByteView key) const;
  // Rows from `from` (a whole key, or empty) whose key begins with `prefix`, in key order.
  [[nodiscard]] base::Result<std::vector<kv::Row>> scan(Box box, base::ByteView prefix, base::ByteView from,
                                                        std::size_t limit) const;
  // The highest number used as a key; 0 if the box is empty.
  [[nodiscard]] base::Result<std::uint64_t> last_number(Box box) const;

  // Changes that go to the disk together. One thread, one after the other.
  class Batch {
   public:
    void put(Box box, base::ByteView key, base::ByteView value);
    void erase(Box box, base::ByteView key);
    bool empty() const { return changes_.empty(); }

   private:
    friend class Store;
    struct Change {
      Box box;
      base::Bytes key;
      std::optional<base::Bytes> value;
    };
    std::vector<Change> changes_;
  };
  [[nodiscard]] base::Status commit(const Batch& batch);

  // What only this node can make from a name: names that people choose must not be guessed from the disk or the log.
  base::Digest blind(std::string_view use, std::string_view name) const;
  base::Bytes seal(base::ByteView associated, base::ByteView plain) const { return key_.seal(associated, plain); }
  const crypto::StorageKey& key() const { return key_; }

 private:
  Store(std::unique_ptr<kv::Environment> environment, std::vector<kv::Table> tables, crypto::StorageKey key)
      : environment_(std::move(environment)), tables_(std::move(tables)), key_(std::move(key)) {}
  kv::Table table(Box box) const { return tables_[static_cast<std::size_t>(box)]; }

  std::unique_ptr<kv::Environment> environment_;
  std::vector<kv::Table> tables_;
  crypto::StorageKey key_;
};

}  // namespace besa::node
