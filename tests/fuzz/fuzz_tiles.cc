// A folder that says it is an export. Whatever is read of it is inside its files: as many records as the size says, in
// order, and together exactly the bytes that are there; an altered tile or entry is never consistent with its root.
//
// First byte: the size, 1 to 255; then length (4) and bytes of the entries, the same of what lies beside, the level-0
// tile.
#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "base/check.h"
#include "core/merkle.h"
#include "tests/support/temporary_folder.h"
#include "tiles/reader.h"

namespace {

using besa::base::Bytes;
using besa::base::ByteView;
namespace tiles = besa::tiles;

// What the reader gives, laid out again as the files are.
struct Again {
  Bytes entries;
  Bytes beside;
  std::vector<besa::base::Digest> leaves;

  void add(const tiles::Record& record) {
    BESA_CHECK(record.sequence.value == leaves.size() && record.entry.size() <= UINT16_MAX);
    const Bytes length =
        besa::base::ByteWriter().u16(static_cast<std::uint16_t>(record.entry.size())).raw(record.entry).take();
    entries.insert(entries.end(), length.begin(), length.end());
    beside.insert(beside.end(), record.beside.begin(), record.beside.end());
    leaves.push_back(besa::core::leaf_hash(record.entry));
  }
};

void check(const tiles::Reader& reader, ByteView entries, ByteView beside, ByteView tile) {
  Again again;
  const auto read = reader.each({}, [&](const tiles::Record& record) -> besa::base::Status {
    again.add(record);
    return {};
  });
  const auto report = tiles::verify(reader);
  BESA_CHECK(report && report->read.value <= reader.size().value);
  if (!read) return BESA_CHECK(report->damage && !report->consistent());
  BESA_CHECK(again.leaves.size() == reader.size().value);
  BESA_CHECK(besa::base::equal(again.entries, entries) && besa::base::equal(again.beside, beside));
  if (report->damage) return BESA_CHECK(!report->consistent());
  BESA_CHECK(report->root == besa::core::root_of(again.leaves));
  besa::base::ByteWriter hashes;
  for (const auto& leaf : again.leaves) hashes.raw(leaf);
  BESA_CHECK(report->consistent() == besa::base::equal(hashes.bytes(), tile));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || data[0] == 0) return 0;
  static const besa::support::TemporaryFolder folder;
  besa::base::ByteReader reader(ByteView(data + 1, size - 1));
  const ByteView entries = reader.sized();
  const ByteView beside = reader.sized();
  const ByteView tile = reader.raw(reader.left());
  const std::uint64_t width = data[0];
  const auto put = [&](const std::string& name, ByteView bytes) {
    std::filesystem::create_directories((folder / name).parent_path());
    besa::support::write_file(folder / name, bytes);
  };
  put(tiles::entries_name(0, width), entries);
  put(tiles::beside_name(0, width), beside);
  put(tiles::hash_tile_name(0, 0, width), tile);
  check(tiles::Reader(folder.path(), besa::base::TreeSize{width}), entries, beside, tile);
  return 0;
}
