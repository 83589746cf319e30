// Reads an export. Strict: a missing file, a wrong size, a cut bundle or a byte too many is malformed, naming the file.
// Trusts nothing: whether the entries are those of the checkpoint is what `verify` says.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "tiles/format.h"

namespace besa::tiles {

class Reader {
 public:
  // `size` is that of the checkpoint, whose signature the caller has verified: it says which files there must be.
  Reader(std::filesystem::path folder, TreeSize size);

  // The bytes of the note. Errors: not_found (no export), malformed (over 64 KiB), io.
  [[nodiscard]] static Result<std::string> checkpoint(const std::filesystem::path& folder);

  // Calls `visit` for each record from `from` on, in order, holding one bundle in memory; stops at the first error,
  // its own or of `visit`.
  [[nodiscard]] Status each(Sequence from, const std::function<Status(const Record&)>& visit) const;
  // One record. Cost: reads its bundle.
  [[nodiscard]] Result<Record> record(Sequence sequence) const;
  // The hashes of one tile: 256, or fewer in the last of a level. Errors: not_found (past the tree), malformed, io.
  [[nodiscard]] Result<std::vector<Digest>> tile(unsigned level, std::uint64_t index) const;

  TreeSize size() const { return size_; }

 private:
  class Bundle;
  [[nodiscard]] Result<Bundle> bundle(std::uint64_t index) const;
  std::filesystem::path folder_;
  TreeSize size_;
};

// What an export's hashes add up to. If `root` is that of the signed checkpoint, the entries are the log's and a
// difference lies in the tiles; otherwise the entries are not the log's, and `first_bad` is where they leave it.
struct TreeReport {
  Digest root;                          // computed from the entries alone, as far as they could be read
  std::optional<Sequence> first_bad;    // the first entry whose hash is not the one in its level-0 tile
  std::optional<std::string> bad_tile;  // the first tile with a hash that is not that of the tile below it
  std::optional<std::string> damage;    // a file that is missing, cut or has bytes too many: nothing behind it was read
  Sequence read;                        // entries before the damage
  bool consistent() const { return !first_bad && !bad_tile && !damage; }
};

// Hashes every entry again and compares with all tiles. A file that does not hold is in the report, beside the first
// entry that does not: an entry cut out of a bundle is both. Errors: io. Cost: one pass over the entries.
[[nodiscard]] Result<TreeReport> verify(const Reader& reader);

}  // namespace besa::tiles
