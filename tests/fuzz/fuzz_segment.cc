// A segment with any bytes in it behind a place that the database names. What is read is the payload that lies at its
// place, as it would be written there. What a walk recovers are whole batches, in order, that verify once more where
// they lie; opening leaves all before their end as it was, and zeros behind. After that a walk finds the same again.
//
// Place (20), settled (2), next sequence (1), then the bytes of the segment.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "journal/segments.h"
#include "journal/walk.h"
#include "tests/support/temporary_folder.h"

namespace {

using besa::base::Bytes;
using besa::base::ByteView;
using besa::base::Sequence;
namespace journal = besa::journal;

constexpr std::size_t kPlaceBytes = 20;
constexpr std::size_t kSegmentBytes = 4'096;

bool all_zeros(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
}

void check_read(const journal::Segments& segments, journal::Place place, ByteView bytes) {
  place.segment = 0;
  place.length %= 2 * kSegmentBytes;  // the database's own checksum bounds it; here only memory does
  besa::journal::Segments::Opened opened;
  const auto payload = segments.read(place, opened);
  if (!payload) return;
  BESA_CHECK(place.length == payload->size() + journal::kFrameHeaderBytes);
  BESA_CHECK(place.offset + place.length <= bytes.size());
  BESA_CHECK(besa::base::equal(bytes.subspan(place.offset + journal::kFrameHeaderBytes, payload->size()), *payload));
}

void check_walked(const journal::Walked& walked, const journal::Position& settled, Sequence next, ByteView bytes) {
  BESA_CHECK(walked.end.segment == 0 && walked.end >= settled && walked.end.offset <= bytes.size());
  BESA_CHECK(walked.records.empty() == (walked.end == settled));
  BESA_CHECK(walked.records.empty() || walked.records.back().ends_batch == walked.end);
  for (const journal::Recovered& one : walked.records) {
    BESA_CHECK(one.sequence == next);
    ++next.value;
    for (const journal::PlacedChunk& chunk : one.chunks) {
      const auto frame = journal::find_frame({0, chunk.place.offset}, bytes.subspan(chunk.place.offset));
      BESA_CHECK(frame && frame->kind == journal::FrameKind::chunk && frame->place == chunk.place);
    }
  }
}

void check_open(journal::Segments& segments, const journal::Position& settled, Sequence next,
                const std::filesystem::path& file, ByteView bytes) {
  const auto walked = journal::walk(segments, settled, next);
  if (!walked) return;
  if (settled.offset > bytes.size()) {
    BESA_CHECK(!segments.open(settled, walked->end, false));
    return;
  }
  check_walked(*walked, settled, next, bytes);
  BESA_CHECK(segments.open(settled, walked->end, false).has_value());
  const Bytes after = besa::support::read_file(file);
  BESA_CHECK(after.size() == std::max(bytes.size(), kSegmentBytes));
  BESA_CHECK(besa::base::equal(ByteView(after).first(walked->end.offset), bytes.first(walked->end.offset)));
  BESA_CHECK(all_zeros(ByteView(after).subspan(walked->end.offset)));
  const auto again = journal::walk(segments, settled, next);
  BESA_CHECK(again && again->end == walked->end && again->records.size() == walked->records.size());
  BESA_CHECK(!again->dropped);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < kPlaceBytes + 3) return 0;
  static const besa::support::TemporaryFolder folder;
  besa::base::ByteReader reader(ByteView(data, size));
  const ByteView place_bytes = reader.raw(kPlaceBytes);
  const journal::Position settled{0, reader.u16()};
  const Sequence next{reader.u8()};
  const ByteView bytes = reader.raw(reader.left());
  const auto place = journal::decode_place(place_bytes);
  BESA_CHECK(place && besa::base::equal(journal::encode_place(*place), place_bytes));
  BESA_CHECK(!journal::decode_place(ByteView(data, kPlaceBytes + 1)));
  const auto file = folder / "0000000000";
  besa::support::write_file(file, bytes);
  journal::Segments segments(folder.path(), kSegmentBytes);
  BESA_CHECK(segments.find().has_value());
  check_read(segments, *place, bytes);
  check_open(segments, settled, next, file, bytes);
  return 0;
}
