// What segments hold past the end of the database: whole batches, which may have been acknowledged and are recovered;
// and perhaps the batch that was being written when the power went, which was not, and is dropped.
//
// Where no whole batch follows, everything behind is searched for frames. Frames of the batch that should follow are
// what is left of one that was not finished. A frame of another batch shows that later ones were written, so that the
// batch in between was acknowledged and is damaged: nobody may go on from there.
#pragma once

#include <optional>
#include <vector>

#include "journal/segments.h"

namespace besa::journal {

// A chunk of ciphertext that lies in a segment already.
struct PlacedChunk {
  Reference message;
  std::uint16_t section = 0;
  std::uint32_t chunk = 0;
  Place place;
};

// One entry that the database does not hold yet.
struct Recovered {
  Sequence sequence;
  Bytes entry;
  Bytes beside;
  std::vector<PlacedChunk> chunks;
  // Of the last entry of a batch: where the next batch begins.
  std::optional<Position> ends_batch;
};

struct Walked {
  std::vector<Recovered> records;
  Position end;          // behind the last whole batch
  bool dropped = false;  // something of an unfinished batch lies behind it
};

// From `from` on, where the batch that begins with `next` is expected.
// Errors: damaged (later batches lie behind one that is not whole; names the segment), io. Cost: reads all segments
// from `from` on.
[[nodiscard]] Result<Walked> walk(const Segments& segments, const Position& from, Sequence next);

}  // namespace besa::journal
