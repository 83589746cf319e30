#include "journal/frame.h"

#include <string>

#include "kv/checksum.h"

namespace besa::journal {
namespace {

using base::ByteReader;
using base::ByteWriter;
using base::ErrorKind;

constexpr std::uint64_t kBatchesAhead = std::uint64_t{1} << 32;  // a number past it is no sequence of ours

struct Header {
  std::uint32_t length = 0;
  std::uint8_t kind = 0;
  Sequence batch;
  std::uint64_t sum = 0;
};

Header read_header(ByteView bytes) {
  ByteReader reader(bytes);
  Header out;
  out.length = reader.u32();
  out.kind = reader.u8();
  out.batch = reader.sequence();
  out.sum = reader.u64();
  return out;
}

bool is_kind(std::uint8_t kind) {
  return kind >= static_cast<std::uint8_t>(FrameKind::chunk) && kind <= static_cast<std::uint8_t>(FrameKind::end);
}

std::uint64_t frame_sum(const Position& at, const Header& header, ByteView payload) {
  const Bytes around =
      ByteWriter().u64(at.segment).u64(at.offset).u32(header.length).u8(header.kind).sequence(header.batch).take();
  return kv::checksum(kv::checksum(0, around), payload);
}

}  // namespace

Bytes encode_place(const Place& place) {
  return ByteWriter().u64(place.segment).u64(place.offset).u32(place.length).take();
}

Result<Place> decode_place(ByteView bytes) {
  ByteReader reader(bytes);
  Place place;
  place.segment = reader.u64();
  place.offset = reader.u64();
  place.length = reader.u32();
  if (!reader.done()) return base::fail(ErrorKind::damaged, "a stored place is cut: restore the store from a backup");
  return place;
}

Bytes encode_position(const Position& position) {
  return ByteWriter().u64(position.segment).u64(position.offset).take();
}

Result<Position> decode_position(ByteView bytes) {
  ByteReader reader(bytes);
  Position position;
  position.segment = reader.u64();
  position.offset = reader.u64();
  if (!reader.done()) {
    return base::fail(ErrorKind::damaged, "a stored position is cut: restore the store from a backup");
  }
  return position;
}

std::optional<std::uint32_t> may_be_frame(ByteView bytes, Sequence about) {
  if (bytes.size() < kFrameHeaderBytes || !is_kind(bytes[4])) return std::nullopt;
  const Header header = read_header(bytes);
  if (header.length > bytes.size() - kFrameHeaderBytes) return std::nullopt;
  if (header.batch.value > about.value + kBatchesAhead) return std::nullopt;
  return header.length;
}

std::optional<Frame> find_frame(const Position& at, ByteView bytes) {
  if (bytes.size() < kFrameHeaderBytes || !is_kind(bytes[4])) return std::nullopt;
  const Header header = read_header(bytes);
  if (header.length > bytes.size() - kFrameHeaderBytes) return std::nullopt;
  const ByteView payload = bytes.subspan(kFrameHeaderBytes, header.length);
  if (header.sum != frame_sum(at, header, payload)) return std::nullopt;
  const auto length = static_cast<std::uint32_t>(kFrameHeaderBytes + payload.size());
  return Frame{{at.segment, at.offset, length}, FrameKind{header.kind}, header.batch, header.sum, payload};
}

std::optional<ChunkPayload> read_chunk(ByteView payload) {
  ByteReader reader(payload);
  ChunkPayload out;
  out.message = reader.reference();
  out.section = reader.u16();
  out.chunk = reader.u32();
  out.bytes = reader.raw(reader.left());
  if (!reader.done()) return std::nullopt;
  return out;
}

std::optional<EntryPayload> read_entry(ByteView payload) {
  ByteReader reader(payload);
  EntryPayload out;
  out.sequence = reader.sequence();
  out.entry = reader.sized();
  out.beside = reader.raw(reader.left());
  if (!reader.done()) return std::nullopt;
  return out;
}

std::optional<EndPayload> read_end(ByteView payload) {
  ByteReader reader(payload);
  EndPayload out;
  out.entries = reader.u32();
  out.frames = reader.u32();
  out.sum = reader.u64();
  if (!reader.done()) return std::nullopt;
  return out;
}

void BatchSum::add(FrameKind kind, std::uint64_t sum) {
  if (kind == FrameKind::entry) ++end_.entries;
  ++end_.frames;
  end_.sum = kv::checksum(end_.sum, ByteWriter().u64(sum).bytes());
}

Result<Place> BatchFrames::add(FrameKind kind, ByteView head, ByteView first, ByteView second) {
  const std::size_t payload_bytes = head.size() + first.size() + second.size();
  const std::size_t length = kFrameHeaderBytes + payload_bytes;
  if (length > further_room_ || length > UINT32_MAX) {
    return base::fail(ErrorKind::malformed, "a frame is larger than a segment");
  }
  if (at_.offset + length > room_) {
    at_ = {at_.segment + 1, 0};
    room_ = further_room_;
  }
  if (runs_.empty() || runs_.back().at.segment != at_.segment) runs_.push_back({at_, {}});
  Header header{static_cast<std::uint32_t>(payload_bytes), static_cast<std::uint8_t>(kind), batch_, 0};
  // Payload first, behind room for the header; then the checksum over it, in place.
  Bytes& bytes = runs_.back().bytes;
  const std::size_t begin = bytes.size();
  bytes.resize(begin + kFrameHeaderBytes);
  for (const ByteView part : {head, first, second}) bytes.insert(bytes.end(), part.begin(), part.end());
  header.sum = frame_sum(at_, header, ByteView(bytes).subspan(begin + kFrameHeaderBytes));
  const Bytes head_bytes =
      ByteWriter().u32(header.length).u8(header.kind).sequence(header.batch).u64(header.sum).take();
  std::copy(head_bytes.begin(), head_bytes.end(), bytes.begin() + static_cast<std::ptrdiff_t>(begin));
  sum_.add(kind, header.sum);
  const Place place{at_.segment, at_.offset, static_cast<std::uint32_t>(length)};
  at_.offset += length;
  return place;
}

Status BatchFrames::add_entry(Sequence sequence, ByteView entry, ByteView beside) {
  const Bytes head = ByteWriter().sequence(sequence).u32(static_cast<std::uint32_t>(entry.size())).take();
  BESA_TRY(add(FrameKind::entry, head, entry, beside));
  return {};
}

Result<Place> BatchFrames::add_chunk(const Reference& message, const Chunk& chunk) {
  return add(FrameKind::chunk, ByteWriter().reference(message).u16(chunk.section).u32(chunk.chunk).take(), chunk.bytes,
             {});
}

Status BatchFrames::end() {
  const EndPayload end = sum_.end();
  BESA_TRY(add(FrameKind::end, ByteWriter().u32(end.entries).u32(end.frames).u64(end.sum).take(), {}, {}));
  return {};
}

}  // namespace besa::journal
