// Sums over the rows of the view: for each table and first byte of a key, the hashes of its rows added up modulo 2^256.
// They are kept as rows are written, so that a row that was lost, or that an older page brought back, is found by
// counting again. (A flipped bit is found by the record's own checksum.)
//
// Threads: the settling thread's.
#pragma once

#include <array>
#include <map>
#include <optional>

#include "core/view.h"
#include "journal/tables.h"
#include "kv/environment.h"

namespace besa::journal {

using base::Bytes;
using base::ByteView;
using base::Result;
using base::Status;

// A number of 256 bits.
class Sum {
 public:
  void add(const Sum& other);
  void subtract(const Sum& other);
  Bytes encode() const;
  static std::optional<Sum> decode(ByteView bytes);
  // The hash of one row.
  static Sum of(core::Table table, ByteView key, ByteView value);
  friend bool operator==(const Sum&, const Sum&) = default;

 private:
  std::array<std::uint64_t, 4> limbs_{};  // the lowest first
};

struct Bucket {
  std::uint8_t table = 0;
  std::uint8_t first = 0;  // byte of the keys
  friend auto operator<=>(const Bucket&, const Bucket&) = default;
};
inline constexpr std::size_t kBuckets = core::kTables * 256;

// Counts again, piece by piece, while rows are written between the pieces.
class Scrub {
 public:
  // Looks at about `rows` rows, and wherever a bucket ends compares; an empty bucket costs as a row.
  // Errors: damaged (rows were lost, came back or do not read), io.
  [[nodiscard]] Status go_on(const kv::Environment& database, const Tables& tables, std::size_t rows);
  // Has this row been counted in the bucket under way?
  bool has_counted(const Bucket& bucket, ByteView key) const;
  // Such rows were written.
  void moved(const Sum& added, const Sum& removed);
  void begin_again();
  std::uint64_t rounds() const { return rounds_; }

 private:
  [[nodiscard]] Result<std::size_t> look(const kv::Transaction& reading, const Tables& tables, std::size_t rows);
  [[nodiscard]] Status finish_bucket(const kv::Transaction& reading, const Tables& tables);

  Bucket bucket_;
  Bytes counted_;  // the last key that is in the sum
  Sum sum_;
  std::uint64_t rounds_ = 0;
};

// What one transaction changes.
class SumChanges {
 public:
  explicit SumChanges(const Scrub& scrub) : scrub_(scrub) {}
  void change(core::Table table, ByteView key, const std::optional<Bytes>& before, const std::optional<Bytes>& after);
  // All rows of the table go.
  [[nodiscard]] Status clear(kv::WriteTransaction& writing, const Tables& tables, core::Table table);
  [[nodiscard]] Status write(kv::WriteTransaction& writing, const Tables& tables) const;
  // The transaction was committed.
  void done(Scrub& scrub) const;

 private:
  struct Moved {
    Sum added;
    Sum removed;
  };
  const Scrub& scrub_;
  std::map<Bucket, Moved> buckets_;
  Moved counted_;
  bool cleared_ = false;
};

}  // namespace besa::journal
