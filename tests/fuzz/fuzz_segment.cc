// A segment of ciphertext with any bytes in it, and places that point anywhere. What is read is the payload that lies
// at its place, as it would be written there; opening the segment leaves all before its end as it was, and zeros
// behind.
//
// Place (20), end (2), then the bytes of the segment.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "journal/segments.h"
#include "tests/support/temporary_folder.h"

namespace {

using besa::base::Bytes;
using besa::base::ByteView;
namespace journal = besa::journal;

constexpr std::size_t kPlaceBytes = 20;
constexpr std::size_t kSegmentBytes = 4'096;

bool all_zeros(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
}

void check_read(const journal::Segments& segments, journal::Place place, ByteView bytes) {
  place.segment = 0;
  place.length %= 2 * kSegmentBytes;  // the database's own checksum bounds it; here only memory does
  const auto payload = segments.read(place);
  if (!payload) return;
  BESA_CHECK(place.length == payload->size() + journal::kFrameHeaderBytes);
  BESA_CHECK(place.offset + place.length <= bytes.size());
  BESA_CHECK(besa::base::equal(bytes.subspan(place.offset + journal::kFrameHeaderBytes, payload->size()), *payload));
}

void check_open(journal::Segments& segments, std::uint64_t end, const std::filesystem::path& file, ByteView bytes) {
  const auto opened = segments.open({0, end});
  BESA_CHECK(opened.has_value() == (end <= bytes.size()));
  if (!opened) return;
  const Bytes after = besa::support::read_file(file);
  BESA_CHECK(after.size() == std::max(bytes.size(), kSegmentBytes));
  BESA_CHECK(besa::base::equal(ByteView(after).first(end), bytes.first(end)));
  BESA_CHECK(all_zeros(ByteView(after).subspan(end)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < kPlaceBytes + 2) return 0;
  static const besa::support::TemporaryFolder folder;
  besa::base::ByteReader reader(ByteView(data, size));
  const ByteView place_bytes = reader.raw(kPlaceBytes);
  const std::uint16_t end = reader.u16();
  const ByteView bytes = reader.raw(reader.left());
  const auto place = journal::decode_place(place_bytes);
  BESA_CHECK(place && besa::base::equal(journal::encode_place(*place), place_bytes));
  BESA_CHECK(!journal::decode_place(ByteView(data, kPlaceBytes + 1)));
  const auto file = folder / "0000000000";
  besa::support::write_file(file, bytes);
  journal::Segments segments(folder.path(), kSegmentBytes);
  check_read(segments, *place, bytes);
  check_open(segments, end, file, bytes);
  return 0;
}
