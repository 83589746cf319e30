// Frames: how a batch lies in segments.
//
//   frame    length of payload (4), kind (1), batch (8), checksum (8), payload
//   1 chunk  reference of the message (56), section (2), chunk (4), ciphertext
//   2 entry  sequence (8), length (4), entry, what lies beside it
//   3 end    entries (4), frames (4), checksum over the checksums of the batch's frames before it (8)
//
// `batch` is the sequence of the batch's first entry. A chunk follows the entry that it belongs to. The checksum covers
// all of the header, the place of the frame (segment, offset) and the payload: bytes that turn up at a wrong place do
// not verify. A batch's frames lie one behind the other; where one does not fit into the rest of a segment, it and what
// follows lie in the next.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace besa::journal {

using base::Bytes;
using base::ByteView;
using base::Reference;
using base::Result;
using base::Sequence;
using base::Status;

inline constexpr std::size_t kFrameHeaderBytes = 4 + 1 + 8 + 8;

enum class FrameKind : std::uint8_t { chunk = 1, entry = 2, end = 3 };

// Where the next frame goes.
struct Position {
  std::uint64_t segment = 0;
  std::uint64_t offset = 0;
  friend auto operator<=>(const Position&, const Position&) = default;
};

// Where a frame lies.
struct Place {
  std::uint64_t segment = 0;
  std::uint64_t offset = 0;
  std::uint32_t length = 0;  // header and payload
  friend auto operator<=>(const Place&, const Place&) = default;
};

Bytes encode_place(const Place& place);
[[nodiscard]] Result<Place> decode_place(ByteView bytes);
Bytes encode_position(const Position& position);
[[nodiscard]] Result<Position> decode_position(ByteView bytes);

// A frame as it was found; `payload` points into the bytes that were looked at.
struct Frame {
  Place place;
  FrameKind kind = FrameKind::end;
  Sequence batch;
  std::uint64_t sum = 0;
  ByteView payload;
};

// The frame that begins at `bytes`, which lie at `at`; more may follow behind it. None if there is no such frame, or if
// its checksum says that it is not what was written there.
std::optional<Frame> find_frame(const Position& at, ByteView bytes);
// The length of the payload if a frame of a batch of about this sequence may begin here: cheap, before the checksum is
// asked.
std::optional<std::uint32_t> may_be_frame(ByteView bytes, Sequence about);

// One chunk of one section's ciphertext.
struct Chunk {
  std::uint16_t section = 0;
  std::uint32_t chunk = 0;
  Bytes bytes;
};

struct ChunkPayload {
  Reference message;
  std::uint16_t section = 0;
  std::uint32_t chunk = 0;
  ByteView bytes;
};
struct EntryPayload {
  Sequence sequence;
  ByteView entry;
  ByteView beside;
};
struct EndPayload {
  std::uint32_t entries = 0;
  std::uint32_t frames = 0;
  std::uint64_t sum = 0;
  friend bool operator==(const EndPayload&, const EndPayload&) = default;
};
std::optional<ChunkPayload> read_chunk(ByteView payload);
std::optional<EntryPayload> read_entry(ByteView payload);
std::optional<EndPayload> read_end(ByteView payload);

// What the end of a batch says about its frames, kept while they pass by.
class BatchSum {
 public:
  void add(FrameKind kind, std::uint64_t sum);
  EndPayload end() const { return end_; }

 private:
  EndPayload end_;
};

// Bytes that lie one behind the other in one segment.
struct Run {
  Position at;
  Bytes bytes;
};

// The frames of one batch, made ready for writing.
class BatchFrames {
 public:
  // Begins at `at`, in a segment of `room` bytes; all further ones have `further_room`.
  BatchFrames(Position at, Sequence batch, std::uint64_t room, std::uint64_t further_room)
      : at_(at), batch_(batch), room_(room), further_room_(further_room) {}

  // Errors: malformed (larger than a segment).
  [[nodiscard]] Status add_entry(Sequence sequence, ByteView entry, ByteView beside);
  [[nodiscard]] Result<Place> add_chunk(const Reference& message, const Chunk& chunk);
  [[nodiscard]] Status end();

  const std::vector<Run>& runs() const { return runs_; }
  Position position() const { return at_; }
  bool empty() const { return runs_.empty(); }

 private:
  [[nodiscard]] Result<Place> add(FrameKind kind, ByteView head, ByteView first, ByteView second);

  Position at_;
  Sequence batch_;
  std::uint64_t room_;
  std::uint64_t further_room_;
  BatchSum sum_;
  std::vector<Run> runs_;
};

}  // namespace besa::journal
