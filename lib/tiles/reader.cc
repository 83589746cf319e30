#include "tiles/reader.h"

#include <algorithm>

#include "core/merkle.h"
#include "tiles/files.h"

namespace besa::tiles {
namespace {

using base::ErrorKind;

constexpr std::size_t kMaxNote = 64 * 1024;
constexpr std::size_t kMaxEntriesFile = kTileWidth * (2 + 0xFFFF);
// Body, blocks, rows and a policy stay far below 512 KiB together.
constexpr std::size_t kMaxBesideFile = kTileWidth * 512 * 1024;

tl::unexpected<base::Error> cut(const std::string& name, Sequence sequence) {
  return base::fail(ErrorKind::malformed, name + " is cut or damaged at entry " + std::to_string(sequence.value));
}

// A file that must be there.
Result<Bytes> required(const std::filesystem::path& folder, const std::string& name, std::size_t max_bytes) {
  auto bytes = read_whole(folder / name, name, max_bytes);
  if (!bytes && bytes.error().kind == ErrorKind::not_found) {
    return base::fail(ErrorKind::malformed, bytes.error().message);
  }
  return bytes;
}

std::uint64_t width_of(std::uint64_t hashes, std::uint64_t index) {
  return std::min(kTileWidth, hashes - index * kTileWidth);
}

}  // namespace

// The entries of one bundle and what lies beside them, read one by one.
class Reader::Bundle {
 public:
  Bundle(std::uint64_t index, std::uint64_t width, Bytes entries, Bytes beside)
      : entries_name_(tiles::entries_name(index, width)),
        beside_name_(tiles::beside_name(index, width)),
        next_{index * kTileWidth},
        left_(width),
        entries_(std::move(entries)),
        beside_(std::move(beside)),
        entries_rest_(entries_),
        beside_rest_(beside_) {}
  Bundle(Bundle&&) = default;  // moved vectors keep their bytes, and so the rests their places
  Bundle(const Bundle&) = delete;

  bool done() const { return left_ == 0; }
  Result<Record> next();
  // Nothing may lie behind the last record.
  Status at_end() const {
    for (const auto& [rest, name] : {std::pair(entries_rest_, entries_name_), std::pair(beside_rest_, beside_name_)}) {
      if (!rest.empty()) return base::fail(ErrorKind::malformed, name + " has bytes behind its last entry");
    }
    return {};
  }

 private:
  std::string entries_name_;
  std::string beside_name_;
  Sequence next_;
  std::uint64_t left_;
  Bytes entries_;
  Bytes beside_;
  ByteView entries_rest_;
  ByteView beside_rest_;
};

Result<Record> Reader::Bundle::next() {
  base::ByteReader entries(entries_rest_);
  const ByteView entry = entries.raw(entries.u16());
  if (!entries.ok() || entry.empty()) return cut(entries_name_, next_);
  base::ByteReader beside(beside_rest_);
  for (int field = 0; field < 4; ++field) beside.sized();
  if (!beside.ok()) return cut(beside_name_, next_);
  const ByteView beside_it = beside_rest_.first(beside_rest_.size() - beside.left());
  Record record{next_, base::to_bytes(entry), base::to_bytes(beside_it)};
  entries_rest_ = entries_rest_.last(entries.left());
  beside_rest_ = beside_rest_.last(beside.left());
  ++next_.value;
  --left_;
  return record;
}

Reader::Reader(std::filesystem::path folder, TreeSize size) : folder_(std::move(folder)), size_(size) {}

Result<std::string> Reader::checkpoint(const std::filesystem::path& folder) {
  const std::string name(kCheckpointName);
  BESA_ASSIGN(const Bytes bytes, read_whole(folder / name, name, kMaxNote));
  return std::string(base::as_text(bytes));
}

Result<Reader::Bundle> Reader::bundle(std::uint64_t index) const {
  const std::uint64_t width = width_of(size_.value, index);
  BESA_ASSIGN(Bytes entries, required(folder_, entries_name(index, width), kMaxEntriesFile));
  BESA_ASSIGN(Bytes beside, required(folder_, beside_name(index, width), kMaxBesideFile));
  return Bundle(index, width, std::move(entries), std::move(beside));
}

Status Reader::each(Sequence from, const std::function<Status(const Record&)>& visit) const {
  for (std::uint64_t index = from.value / kTileWidth; index * kTileWidth < size_.value; ++index) {
    BESA_ASSIGN(Bundle records, bundle(index));
    while (!records.done()) {
      BESA_ASSIGN(const Record record, records.next());
      if (record.sequence >= from) BESA_TRY(visit(record));
    }
    BESA_TRY(records.at_end());
  }
  return {};
}

Result<Record> Reader::record(Sequence sequence) const {
  if (sequence.value >= size_.value) return base::fail(ErrorKind::not_found, "the export has no such entry");
  BESA_ASSIGN(Bundle records, bundle(sequence.value / kTileWidth));
  while (true) {
    BESA_ASSIGN(Record record, records.next());
    if (record.sequence == sequence) return record;
  }
}

Result<std::vector<Digest>> Reader::tile(unsigned level, std::uint64_t index) const {
  const std::uint64_t hashes = hashes_at(size_, level);
  if (index > UINT64_MAX / kTileWidth || index * kTileWidth >= hashes) {
    return base::fail(ErrorKind::not_found, "the export has no such tile");
  }
  const std::uint64_t width = width_of(hashes, index);
  const std::string name = hash_tile_name(level, index, width);
  BESA_ASSIGN(const Bytes bytes, required(folder_, name, kTileWidth * Digest::kSize));
  if (bytes.size() != width * Digest::kSize) return base::fail(ErrorKind::malformed, name + " has a wrong size");
  base::ByteReader reader(bytes);
  std::vector<Digest> out;
  for (std::uint64_t i = 0; i < width; ++i) out.push_back(reader.id<Digest>());
  return out;
}

namespace {

// The first hash of this tile that is not the root over the tile below it.
Result<bool> names_tiles_below(const Reader& reader, unsigned level, std::uint64_t index) {
  BESA_ASSIGN(const auto hashes, reader.tile(level, index));
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    BESA_ASSIGN(const auto below, reader.tile(level - 1, index * kTileWidth + i));
    if (core::root_of(below) != hashes[i]) return false;
  }
  return true;
}

Status check_upper_tiles(const Reader& reader, TreeReport& report) {
  for (unsigned level = 1; hashes_at(reader.size(), level) > 0; ++level) {
    const std::uint64_t hashes = hashes_at(reader.size(), level);
    for (std::uint64_t index = 0; index * kTileWidth < hashes; ++index) {
      BESA_ASSIGN(const bool good, names_tiles_below(reader, level, index));
      if (good || report.bad_tile) continue;
      report.bad_tile = hash_tile_name(level, index, width_of(hashes, index));
    }
  }
  return {};
}

Status check_leaves(const Reader& reader, TreeReport& report) {
  core::Frontier frontier;
  std::vector<Digest> tile;
  const Status read = reader.each(Sequence{0}, [&](const Record& record) -> Status {
    const std::uint64_t place = record.sequence.value % kTileWidth;
    if (place == 0) {
      BESA_ASSIGN(tile, reader.tile(0, record.sequence.value / kTileWidth));
    }
    const Digest hash = core::leaf_hash(record.entry);
    if (hash != tile[place] && !report.first_bad) report.first_bad = record.sequence;
    frontier.append(hash);
    return {};
  });
  report.root = frontier.root();
  report.read = Sequence{frontier.size().value};
  return read;
}

}  // namespace

Result<TreeReport> verify(const Reader& reader) {
  TreeReport report;
  Status read = check_leaves(reader, report);
  if (read) read = check_upper_tiles(reader, report);
  if (!read && read.error().kind != ErrorKind::malformed) return tl::unexpected(read.error());
  if (!read) report.damage = read.error().message;
  return report;
}

}  // namespace besa::tiles
