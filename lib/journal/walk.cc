#include "journal/walk.h"

#include <algorithm>
#include <map>
#include <string>

namespace besa::journal {
namespace {

using base::ErrorKind;

// Looking for frames where none may be: how many bytes of them a checksum is asked over that does not hold. Ciphertext
// can be made so that a long frame seems to begin at every fourth byte, and a start must not take hours over it. Short
// ones, as each batch has at its end, are always asked.
constexpr std::uint64_t kShortFrameBytes = 4'096;
constexpr std::uint64_t kMostInVain = std::uint64_t{256} << 20;

// One batch while its frames pass by.
struct Batched {
  std::vector<Recovered> records;
  BatchSum sum;
};

class Walker {
 public:
  Walker(const Segments& segments, const Position& from, Sequence next) : segments_(segments), next_(next) {
    out_.end = from;
  }

  Result<Walked> run() {
    BESA_ASSIGN(bool whole, take_batch());
    while (whole) {
      BESA_ASSIGN(whole, take_batch());
    }
    BESA_TRY(look_behind());
    return std::move(out_);
  }

 private:
  // The bytes of a segment; empty if it is not there.
  Result<ByteView> content(std::uint64_t segment) {
    const auto found = contents_.find(segment);
    if (found != contents_.end()) return ByteView(found->second);
    while (!contents_.empty() && contents_.begin()->first < out_.end.segment) contents_.erase(contents_.begin());
    if (!segments_.has(segment)) return ByteView();
    BESA_ASSIGN(contents_[segment], segments_.content(segment, 0));
    return ByteView(contents_[segment]);
  }

  Result<std::optional<Frame>> frame_at(const Position& at) {
    BESA_ASSIGN(const ByteView bytes, content(at.segment));
    if (at.offset >= bytes.size()) return std::nullopt;
    return find_frame(at, bytes.subspan(at.offset));
  }

  // The frame that follows at `at`, or at the beginning of the next segment if it did not fit here.
  Result<std::optional<Frame>> frame_after(const Position& at) {
    BESA_ASSIGN(auto here, frame_at(at));
    if (here) return here;
    BESA_ASSIGN(const ByteView bytes, content(at.segment));
    const std::uint64_t room = bytes.size();
    BESA_ASSIGN(auto there, frame_at({at.segment + 1, 0}));
    if (!there || at.offset + there->place.length <= room) return std::nullopt;
    return there;
  }

  bool take_entry(const Frame& frame, Batched& batch) const {
    const auto entry = read_entry(frame.payload);
    if (!entry || entry->sequence.value != next_.value + batch.records.size()) return false;
    batch.records.push_back(
        {entry->sequence, base::to_bytes(entry->entry), base::to_bytes(entry->beside), {}, std::nullopt});
    return true;
  }

  static bool take_chunk(const Frame& frame, Batched& batch) {
    const auto chunk = read_chunk(frame.payload);
    if (!chunk || batch.records.empty()) return false;
    batch.records.back().chunks.push_back({chunk->message, chunk->section, chunk->chunk, frame.place});
    return true;
  }

  // Whether a whole batch follows; then it is taken.
  Result<bool> take_batch() {
    Batched batch;
    Position at = out_.end;
    while (true) {
      BESA_ASSIGN(const auto frame, frame_after(at));
      if (!frame || frame->batch != next_) return false;
      at = {frame->place.segment, frame->place.offset + frame->place.length};
      if (frame->kind == FrameKind::end) {
        const auto end = read_end(frame->payload);
        if (!end || *end != batch.sum.end() || batch.records.empty()) return false;
        batch.records.back().ends_batch = at;
        keep(std::move(batch), at);
        return true;
      }
      const bool fits = frame->kind == FrameKind::entry ? take_entry(*frame, batch) : take_chunk(*frame, batch);
      if (!fits) return false;
      batch.sum.add(frame->kind, frame->sum);
    }
  }

  void keep(Batched batch, const Position& end) {
    next_.value += batch.records.size();
    std::move(batch.records.begin(), batch.records.end(), std::back_inserter(out_.records));
    out_.end = end;
  }

  std::optional<Frame> look_for_frame(const Position& at, ByteView rest) {
    const auto payload_bytes = may_be_frame(rest, next_);
    if (!payload_bytes) return std::nullopt;
    const bool is_short = *payload_bytes <= kShortFrameBytes;
    if (!is_short && in_vain_ + *payload_bytes > kMostInVain) return std::nullopt;
    auto frame = find_frame(at, rest);
    if (!frame && !is_short) in_vain_ += *payload_bytes;
    return frame;
  }

  Status look_behind() {
    for (const std::uint64_t segment : segments_.numbers()) {
      if (segment < out_.end.segment) continue;
      BESA_TRY(look_behind(segment, segment == out_.end.segment ? out_.end.offset : 0));
    }
    return {};
  }

  Status look_behind(std::uint64_t segment, std::uint64_t offset) {
    BESA_ASSIGN(const ByteView bytes, content(segment));
    while (offset < bytes.size()) {
      if (bytes[offset] != 0) out_.dropped = true;
      const ByteView rest = bytes.subspan(offset);
      const auto frame = look_for_frame({segment, offset}, rest);
      if (frame && frame->batch != next_) return damaged(segment);
      offset += frame ? frame->place.length : 1;
    }
    return {};
  }

  tl::unexpected<base::Error> damaged(std::uint64_t segment) const {
    return base::fail(ErrorKind::damaged,
                      "the batch of entry " + std::to_string(next_.value) +
                          " is damaged, and later ones lie behind it in segment " + std::to_string(segment) +
                          ": check the disk, then restore a backup; nothing may be appended after what is left");
  }

  const Segments& segments_;
  Sequence next_;
  Walked out_;
  std::map<std::uint64_t, Bytes> contents_;
  std::uint64_t in_vain_ = 0;
};

}  // namespace

Result<Walked> walk(const Segments& segments, const Position& from, Sequence next) {
  return Walker(segments, from, next).run();
}

}  // namespace besa::journal
