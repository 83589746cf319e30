// An exported log as a folder that any verifier of C2SP tlog-tiles can read, and what lies beside its entries.
//
//   checkpoint                     the signed note
//   tile/LEVEL/INDEX[.p/WIDTH]     1 to 256 hashes of 32 bytes
//   tile/entries/INDEX[.p/WIDTH]   1 to 256 entries, each length (2) and bytes
//   beside/INDEX[.p/WIDTH]         as many, each body, blocks, rows, policy; each length (4) and bytes
//
// INDEX is three digits a path element, all but the last with an x before: 1234067 is x001/x234/067. No name in the
// folder holds anything but numbers.
// Source: c2sp.org/tlog-tiles; docs/protocol.md "Export".
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace besa::tiles {

using base::Bytes;
using base::ByteView;
using base::Digest;
using base::Result;
using base::Sequence;
using base::Status;
using base::TreeSize;

inline constexpr std::uint64_t kTileWidth = 256;

// "x001/x234/067", with ".p/WIDTH" if width < 256. Width is 1 to 256 (a contract).
std::string tile_path(std::uint64_t index, std::uint64_t width);
// Number of hashes that level `level` holds in a tree of this size: floor(size / 256^level).
std::uint64_t hashes_at(TreeSize size, unsigned level);

// Names of files inside an export: "tile/0/000.p/5", "tile/entries/000.p/5", "beside/000.p/5".
std::string hash_tile_name(unsigned level, std::uint64_t index, std::uint64_t width);
std::string entries_name(std::uint64_t index, std::uint64_t width);
std::string beside_name(std::uint64_t index, std::uint64_t width);
inline constexpr std::string_view kCheckpointName = "checkpoint";

struct Record {
  Sequence sequence;
  Bytes entry;   // canonical bytes: the leaf
  Bytes beside;  // core::decode_beside reads it
};

}  // namespace besa::tiles
