#include "base/bytes.h"

#include <array>

#include "base/check.h"

namespace besa::base {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

template <class Integer>
std::array<std::uint8_t, sizeof(Integer)> big_endian(Integer value) {
  std::array<std::uint8_t, sizeof(Integer)> out;
  for (std::size_t i = sizeof(Integer); i-- > 0; value = static_cast<Integer>(value >> 8)) {
    out[i] = static_cast<std::uint8_t>(value);
  }
  return out;
}

// Zero if the bytes are too few.
template <class Integer>
Integer from_big_endian(ByteView bytes) {
  Integer out = 0;
  for (const std::uint8_t byte : bytes) out = static_cast<Integer>(out << 8 | byte);
  return out;
}

}  // namespace

std::string to_hex(ByteView bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return out;
}

ByteWriter& ByteWriter::u8(std::uint8_t value) {
  bytes_.push_back(value);
  return *this;
}

ByteWriter& ByteWriter::u16(std::uint16_t value) { return raw(big_endian(value)); }
ByteWriter& ByteWriter::u32(std::uint32_t value) { return raw(big_endian(value)); }
ByteWriter& ByteWriter::u64(std::uint64_t value) { return raw(big_endian(value)); }

ByteWriter& ByteWriter::raw(ByteView bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  return *this;
}

ByteWriter& ByteWriter::sized(ByteView bytes) {
  BESA_CHECK(bytes.size() <= UINT32_MAX);
  return u32(static_cast<std::uint32_t>(bytes.size())).raw(bytes);
}

ByteView ByteReader::raw(std::size_t size) {
  if (!ok_ || size > rest_.size()) {
    ok_ = false;
    return {};
  }
  const ByteView out = rest_.first(size);
  rest_ = rest_.subspan(size);
  return out;
}

std::uint8_t ByteReader::u8() {
  const ByteView bytes = raw(1);
  return bytes.empty() ? std::uint8_t{0} : bytes[0];
}

std::uint16_t ByteReader::u16() { return from_big_endian<std::uint16_t>(raw(sizeof(std::uint16_t))); }
std::uint32_t ByteReader::u32() { return from_big_endian<std::uint32_t>(raw(sizeof(std::uint32_t))); }
std::uint64_t ByteReader::u64() { return from_big_endian<std::uint64_t>(raw(sizeof(std::uint64_t))); }

ByteView ByteReader::sized() {
  const std::uint32_t size = u32();
  return raw(size);
}

Reference ByteReader::reference() {
  Reference out;
  out.author = id<MemberId>();
  out.counter = counter();
  out.id = id<StatementId>();
  return out;
}

}  // namespace besa::base
