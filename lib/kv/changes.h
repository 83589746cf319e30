// Puts and deletes that are not in the database yet, as an ordered map in memory: what one batch decided, or several of
// them one after the other. Written by one thread; read by any once nobody writes.
#pragma once

#include <map>
#include <vector>

#include "kv/reader.h"

namespace besa::kv {

// Keys in the order of the database. Finds by a view of the key, too.
struct KeyLess {
  using is_transparent = void;
  bool operator()(ByteView a, ByteView b) const;
};

class Changes {
 public:
  // A key without a value is deleted.
  using Rows = std::map<Bytes, std::optional<Bytes>, KeyLess>;
  struct OfTable {
    Table table;
    bool cleared = false;  // nothing that lies below counts any more
    Rows rows;
  };

  void put(Table table, ByteView key, ByteView value);
  void erase(Table table, ByteView key);
  // All rows of the table, those put here before included.
  void clear(Table table);

  // A key of a table, hashed once for all layers that are asked.
  struct Sought {
    Sought(Table of_table, ByteView of_key);
    Table table;
    ByteView key;
    std::uint64_t hash;
  };
  // The change of this key, or null if there is none.
  const std::optional<Bytes>* find(const Sought& sought) const;
  const Rows& rows(Table table) const;
  bool clears(Table table) const;
  // By handle; tables without any change may stand between.
  const std::vector<OfTable>& tables() const { return tables_; }

  // Adds what came later: it wins.
  void add(const Changes& later);

  std::size_t count() const { return count_; }
  // Of keys and values, and about what it costs to keep them.
  std::size_t bytes() const { return bytes_; }
  bool empty() const { return count_ == 0 && !cleared_; }

  // No more changes come: finding a key that is not here gets cheap.
  void seal();

 private:
  OfTable& of(Table table);
  void set(OfTable& of_table, ByteView key, std::optional<Bytes> value);
  bool may_hold(std::uint64_t hash) const;

  std::vector<OfTable> tables_;  // at the place of its handle
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
  bool cleared_ = false;
  std::vector<std::uint64_t> filter_;  // Bloom's, two bits a key; empty while changes come
};

}  // namespace besa::kv
