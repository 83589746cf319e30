// A folder of named tables: bytes to bytes, ordered by key, with durable transactions. A thin shim over LMDB, which no
// other layer sees.
//
// One environment per folder and process, held by an exclusive lock: a second opener is refused. One writer at a time;
// any number of readers, each on the state as of its beginning. A commit is on the disk when it returns: no flag that
// weakens this is ever set.
//
// Every record carries 8 bytes of checksum over table name, key and value, verified whenever it is read: a flipped bit
// on the disk is ErrorKind::damaged and never a wrong value.
//
// Keys are 1 to 64 bytes (a contract); values up to 1 GiB, but keep those over 2,000 bytes out of hot tables.
// Errors of all calls: damaged (checksum, broken page), full (disk, map or quota), io.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "kv/reader.h"

namespace besa::kv {

struct Options {
  // Address space, not disk: the store cannot grow past it.
  std::size_t map_bytes = std::size_t{64} << 30;
  unsigned max_tables = 64;
  unsigned max_readers = 256;
};

// What readers and the writer have in common.
class Transaction : public Reader {
 public:
  Result<std::optional<Bytes>> get(Table table, ByteView key) const override;
  Result<std::vector<Row>> scan(Table table, ByteView prefix, ByteView from, std::size_t limit) const override;
  // The row with the highest key.
  [[nodiscard]] Result<std::optional<Row>> last(Table table) const;
  [[nodiscard]] Result<std::uint64_t> count(Table table) const;

 protected:
  struct State;
  explicit Transaction(std::unique_ptr<State> state);
  ~Transaction() override;
  Transaction(Transaction&& other) noexcept;
  std::unique_ptr<State> state_;
};

// A consistent state of all tables. May move between threads, is used by one at a time. End it soon: while it lives, no
// page of its state can be used again and the file grows.
class ReadTransaction : public Transaction {
 public:
  ReadTransaction(ReadTransaction&&) noexcept = default;

 private:
  friend class Environment;
  using Transaction::Transaction;
};

// Changes that become visible and durable together, or not at all. Stays in the thread that began it (a contract).
// Destruction without commit drops everything. After an error of put, erase or clear only destruction is left.
class WriteTransaction : public Transaction {
 public:
  WriteTransaction(WriteTransaction&&) noexcept = default;

  [[nodiscard]] Status put(Table table, ByteView key, ByteView value);
  // Deleting an absent row is no error.
  [[nodiscard]] Status erase(Table table, ByteView key);
  // All rows of a table.
  [[nodiscard]] Status clear(Table table);

  // Memory that the changes so far may need at worst: bytes put, and a page for each call. Past kLargeBytes a bulk job
  // commits and begins anew; past kSpillBytes put gives `full`, since LMDB would begin to spill pages (known bugs).
  std::size_t dirty_bytes() const;
  static constexpr std::size_t kLargeBytes = std::size_t{64} << 20;
  static constexpr std::size_t kSpillBytes = 6 * kLargeBytes;

  // Ends the transaction, whatever the result. Errors: full (disk or map: nothing changed, goes again when there is
  // room), io (nothing is visible; the environment refuses to go on and must be opened again).
  [[nodiscard]] Status commit();

 private:
  friend class Environment;
  using Transaction::Transaction;
};

class Environment {
 public:
  // Whether a store was ever opened in this folder.
  static bool exists(const std::filesystem::path& folder);
  // Opens or creates `folder` (mode 0700, files 0600). Clears reader slots of dead processes.
  // Errors: configuration (file system, a folder that others may read), busy (another process holds it), io, damaged.
  [[nodiscard]] static Result<std::unique_ptr<Environment>> open(const std::filesystem::path& folder,
                                                                 const Options& options = {});
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  // Opens or creates tables, in the order of their names' list. Only at start, before any other transaction.
  [[nodiscard]] Result<std::vector<Table>> tables(std::span<const std::string_view> names);

  [[nodiscard]] Result<ReadTransaction> read() const;
  // Waits while another thread has a write transaction.
  [[nodiscard]] Result<WriteTransaction> write();

  // Frees the slots of readers whose process died. Call it every minute. Gives their number.
  [[nodiscard]] Result<int> clear_dead_readers() const;

  struct Usage {
    std::uint64_t used_bytes;  // highest page ever used
    std::uint64_t map_bytes;   // alarm at 70 %
  };
  Usage usage() const;

 private:
  struct State;
  explicit Environment(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace besa::kv
