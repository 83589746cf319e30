// Byte strings, and the big-endian writer and reader behind every canonical encoding.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"

namespace besa::base {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
inline Bytes to_bytes(ByteView view) { return {view.begin(), view.end()}; }
inline bool equal(ByteView a, ByteView b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

// Lower-case hex, two digits a byte. `from_hex` accepts only that (either case) and nothing around it.
std::string to_hex(ByteView bytes);
std::optional<Bytes> from_hex(std::string_view text);

// Appends big-endian integers and raw bytes. Cost: amortised O(1) a byte.
class ByteWriter {
 public:
  ByteWriter& u8(std::uint8_t value);
  ByteWriter& u16(std::uint16_t value);
  ByteWriter& u32(std::uint32_t value);
  ByteWriter& u64(std::uint64_t value);
  ByteWriter& raw(ByteView bytes);
  ByteWriter& raw(std::string_view text) { return raw(as_bytes(text)); }
  template <class Tag, std::size_t N>
  ByteWriter& raw(const FixedBytes<Tag, N>& id) {
    return raw(id.view());
  }
  // Length (4) then bytes.
  ByteWriter& sized(ByteView bytes);
  ByteWriter& time(Timestamp t) { return u64(t.ms); }
  ByteWriter& counter(Counter c) { return u64(c.value); }
  ByteWriter& sequence(Sequence s) { return u64(s.value); }
  ByteWriter& reference(const Reference& r) { return raw(r.author).counter(r.counter).raw(r.id); }

  const Bytes& bytes() const { return bytes_; }
  Bytes take() { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

// Reads what ByteWriter wrote. Past the end every read gives zeros and `ok()` turns false for good, so a caller reads
// all fields and asks once. `done()` is ok and nothing left.
class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : rest_(bytes) {}

  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint64_t u64();
  ByteView raw(std::size_t size);
  ByteView sized();
  template <class Id>
  Id id() {
    Id out;
    const ByteView bytes = raw(Id::kSize);
    if (bytes.size() == Id::kSize) std::copy(bytes.begin(), bytes.end(), out.bytes.begin());
    return out;
  }
  Timestamp time() { return Timestamp{u64()}; }
  Counter counter() { return Counter{u64()}; }
  Sequence sequence() { return Sequence{u64()}; }
  Reference reference();

  bool ok() const { return ok_; }
  bool done() const { return ok_ && rest_.empty(); }
  std::size_t left() const { return rest_.size(); }

 private:
  ByteView rest_;
  bool ok_ = true;
};

}  // namespace besa::base
