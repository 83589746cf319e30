// What everything that reads tables has in common: a transaction, or layers of changes on top of one.
//
// Errors of all calls: damaged (checksum, broken page), io. Everything is copied out. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace besa::kv {

using base::Bytes;
using base::ByteView;
using base::Result;
using base::Status;

inline constexpr std::size_t kMaxKeyBytes = 64;

// A table of one environment. Cheap to copy; valid as long as the environment.
struct Table {
  unsigned handle = 0;
  std::uint64_t seed = 0;  // of its checksums: the hash of its name
};

struct Row {
  Bytes key;
  Bytes value;
};

class Reader {
 public:
  Reader() = default;
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  virtual ~Reader() = default;

  [[nodiscard]] virtual Result<std::optional<Bytes>> get(Table table, ByteView key) const = 0;
  // At most `limit` rows whose key begins with `prefix` and is >= `from` (a whole key, or empty), in key order.
  [[nodiscard]] virtual Result<std::vector<Row>> scan(Table table, ByteView prefix, ByteView from,
                                                      std::size_t limit) const = 0;

 protected:
  Reader(Reader&&) noexcept = default;
  Reader& operator=(Reader&&) noexcept = default;
};

}  // namespace besa::kv
