#include "tests/tidy/parsers.h"

#include <algorithm>
#include <vector>

namespace besa::tidy {
namespace {

const std::vector<Parser> kParsers = {
    {"lib/base/bytes.h", "bytes"},
    {"lib/core/signed_note.h", "note"},
    {"lib/core/checkpoint.h", "note"},
};

constexpr std::string_view kBridges[] = {"lib/program/cli11.h", "lib/program/json_fwd.h"};

}  // namespace

std::span<const Parser> parsers() { return kParsers; }

bool is_bridge(std::string_view path) {
  return std::find(std::begin(kBridges), std::end(kBridges), path) != std::end(kBridges);
}

}  // namespace besa::tidy
