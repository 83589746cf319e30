#include "tests/tidy/parsers.h"

#include <algorithm>
#include <vector>

namespace besa::tidy {
namespace {

const std::vector<Parser> kParsers = {
    {"lib/base/bytes.h", "bytes"},         {"lib/core/signed_note.h", "note"},  {"lib/core/checkpoint.h", "note"},
    {"lib/base/base64.h", "note"},         {"lib/core/entry.h", "entry"},       {"lib/core/statement.h", "entry"},
    {"lib/core/record_bytes.h", "record"}, {"lib/core/policy.h", "record"},     {"lib/wire/statement.h", "statement"},
    {"lib/wire/statement.h", "policy"},    {"lib/wire/messages.h", "frame"},    {"lib/wire/statement_file.h", "frame"},
    {"lib/wire/armour.h", "ceremony"},     {"lib/wire/ceremony.h", "ceremony"}, {"lib/wire/content.h", "content"},
    {"lib/envelope/gossip.h", "gossip"},   {"lib/program/json.h", "text"},      {"lib/program/toml.h", "text"},
    {"lib/program/time_text.h", "text"},   {"lib/envelope/open.h", "envelope"}, {"lib/tiles/reader.h", "tiles"},
    {"lib/journal/segments.h", "segment"},
};

constexpr std::string_view kBridges[] = {"lib/program/cli11.h", "lib/program/json_fwd.h"};

}  // namespace

std::span<const Parser> parsers() { return kParsers; }

bool is_bridge(std::string_view path) {
  return std::find(std::begin(kBridges), std::end(kBridges), path) != std::end(kBridges);
}

}  // namespace besa::tidy
