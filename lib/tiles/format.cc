#include "tiles/format.h"

#include "base/check.h"

namespace besa::tiles {
namespace {

std::string three_digits(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  return std::string(3 - digits.size(), '0') + digits;
}

}  // namespace

std::string tile_path(std::uint64_t index, std::uint64_t width) {
  BESA_CHECK(width >= 1 && width <= kTileWidth);
  std::string path = three_digits(index % 1000);
  for (std::uint64_t rest = index / 1000; rest > 0; rest /= 1000) path = "x" + three_digits(rest % 1000) + "/" + path;
  if (width < kTileWidth) path += ".p/" + std::to_string(width);
  return path;
}

std::uint64_t hashes_at(TreeSize size, unsigned level) { return level < 8 ? size.value >> (8 * level) : 0; }

std::string hash_tile_name(unsigned level, std::uint64_t index, std::uint64_t width) {
  return "tile/" + std::to_string(level) + "/" + tile_path(index, width);
}

std::string entries_name(std::uint64_t index, std::uint64_t width) { return "tile/entries/" + tile_path(index, width); }

std::string beside_name(std::uint64_t index, std::uint64_t width) { return "beside/" + tile_path(index, width); }

}  // namespace besa::tiles
