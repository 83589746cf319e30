#include "tiles/writer.h"

#include <array>

#include "base/check.h"
#include "core/merkle.h"
#include "tiles/files.h"

namespace besa::tiles {
namespace {

using base::ErrorKind;

constexpr std::size_t kLevels = 8;  // of trees below 2^64
constexpr std::size_t kMaxEntry = 0xFFFF;

// Body, blocks, rows, policy, and not a byte more.
bool is_four_fields(ByteView beside) {
  base::ByteReader reader(beside);
  for (int field = 0; field < 4; ++field) reader.sized();
  return reader.done();
}

Bytes joined(const std::vector<Digest>& hashes) {
  base::ByteWriter out;
  for (const Digest& hash : hashes) out.raw(hash);
  return out.take();
}

}  // namespace

struct Writer::State {
  std::filesystem::path folder;
  core::Frontier frontier;
  std::array<std::vector<Digest>, kLevels> open_tiles;
  base::ByteWriter entries;
  base::ByteWriter beside;
  bool finished = false;

  std::uint64_t count() const { return frontier.size().value; }
  Status put(const std::string& name, ByteView bytes) { return write_new(folder / name, bytes); }
  Status put_tile(unsigned level);
  Status add_hash(unsigned level, const Digest& hash);
  Status put_bundles();
};

// Writes what a level holds, as the tile that it belongs to.
Status Writer::State::put_tile(unsigned level) {
  const auto& hashes = open_tiles[level];
  const std::uint64_t index = (hashes_at(frontier.size(), level) - 1) / kTileWidth;
  return put(hash_tile_name(level, index, hashes.size()), joined(hashes));
}

Status Writer::State::add_hash(unsigned level, const Digest& hash) {
  BESA_CHECK(level < kLevels);
  auto& hashes = open_tiles[level];
  hashes.push_back(hash);
  if (hashes.size() < kTileWidth) return {};
  BESA_TRY(put_tile(level));
  const Digest above = core::root_of(hashes);
  hashes.clear();
  return add_hash(level + 1, above);
}

Status Writer::State::put_bundles() {
  const std::uint64_t index = (count() - 1) / kTileWidth;
  const std::uint64_t width = count() - index * kTileWidth;
  BESA_TRY(put(entries_name(index, width), entries.bytes()));
  BESA_TRY(put(beside_name(index, width), beside.bytes()));
  entries = {};
  beside = {};
  return {};
}

Writer::Writer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Writer::Writer(Writer&&) noexcept = default;
Writer& Writer::operator=(Writer&&) noexcept = default;
Writer::~Writer() = default;

Result<Writer> Writer::begin(const std::filesystem::path& folder) {
  BESA_TRY(make_empty(folder));
  auto state = std::make_unique<State>();
  state->folder = folder;
  return Writer(std::move(state));
}

Status Writer::add(ByteView entry, ByteView beside) {
  BESA_CHECK(!state_->finished);
  if (entry.empty() || entry.size() > kMaxEntry) {
    return base::fail(ErrorKind::malformed, "an entry has no bytes or too many for an export");
  }
  if (!is_four_fields(beside)) {
    return base::fail(ErrorKind::malformed, "what lies beside an entry is not body, blocks, rows and policy");
  }
  const Digest hash = core::leaf_hash(entry);
  state_->entries.u16(static_cast<std::uint16_t>(entry.size())).raw(entry);
  state_->beside.raw(beside);
  state_->frontier.append(hash);
  BESA_TRY(state_->add_hash(0, hash));
  return state_->count() % kTileWidth == 0 ? state_->put_bundles() : Status{};
}

TreeSize Writer::size() const { return state_->frontier.size(); }
Digest Writer::root() const { return state_->frontier.root(); }

Status Writer::finish(std::string_view checkpoint_note) {
  BESA_CHECK(!state_->finished);
  state_->finished = true;
  for (unsigned level = 0; level < kLevels; ++level) {
    if (!state_->open_tiles[level].empty()) BESA_TRY(state_->put_tile(level));
  }
  if (state_->count() % kTileWidth != 0) BESA_TRY(state_->put_bundles());
  // The checkpoint comes last and at once: only with it is the folder an export.
  BESA_TRY(flush_all(state_->folder));
  const auto final_path = state_->folder / kCheckpointName;
  const auto early_path = state_->folder / "checkpoint.part";
  BESA_TRY(write_new(early_path, base::as_bytes(checkpoint_note)));
  BESA_TRY(flush_all(state_->folder));
  std::error_code failed;
  std::filesystem::rename(early_path, final_path, failed);
  if (failed) return base::fail(ErrorKind::io, "cannot name the checkpoint: " + failed.message());
  return flush_all(state_->folder);
}

}  // namespace besa::tiles
