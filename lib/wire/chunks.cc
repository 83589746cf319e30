#include "wire/chunks.h"

#include <bit>

#include "base/check.h"
#include "core/merkle.h"

namespace besa::wire {
namespace {

using base::ErrorKind;
namespace limits = base::limits;

// Padme: the top bits of a length are kept as many as its exponent has bits, the rest is rounded up.
std::uint64_t padme(std::uint64_t length) {
  const auto exponent = static_cast<unsigned>(std::bit_width(length)) - 1;
  const auto kept = static_cast<unsigned>(std::bit_width(exponent));
  const std::uint64_t mask = (std::uint64_t{1} << (exponent - kept)) - 1;
  return (length + mask) & ~mask;
}

std::uint64_t pad(std::uint64_t length) {
  if (length > limits::kPowerOfTwoPadding) return padme(length);
  return std::bit_ceil(std::max<std::uint64_t>(length, limits::kSmallestPadding));
}

}  // namespace

std::optional<std::uint32_t> padded_length(std::size_t content_bytes) {
  if (content_bytes > limits::kMessageBytes) return std::nullopt;
  const std::uint64_t padded = pad(content_bytes + kContentLengthBytes);
  if (padded > limits::kMessageBytes) return std::nullopt;
  return static_cast<std::uint32_t>(padded);
}

bool is_padded_length(std::uint32_t padded) {
  return padded >= limits::kSmallestPadding && padded <= limits::kMessageBytes && pad(padded) == padded;
}

std::uint32_t chunk_count(std::uint32_t padded) {
  return padded == 0 ? 1 : static_cast<std::uint32_t>((padded + limits::kChunkBytes - 1) / limits::kChunkBytes);
}

std::size_t sealed_chunk_size(std::uint32_t padded, std::uint32_t index) {
  BESA_CHECK(index < chunk_count(padded));
  const std::size_t begin = std::size_t{index} * limits::kChunkBytes;
  return std::min(limits::kChunkBytes, padded - begin) + kChunkTagBytes;
}

base::Digest ciphertext_root(std::span<const base::Bytes> chunks) {
  std::vector<base::Digest> hashes;
  hashes.reserve(chunks.size());
  for (const base::Bytes& chunk : chunks) hashes.push_back(core::leaf_hash(chunk));
  return core::root_of(hashes);
}

base::Status check_chunks(std::uint32_t padded, const base::Digest& root, std::span<const base::Bytes> chunks) {
  if (chunks.size() != chunk_count(padded)) return base::fail(ErrorKind::malformed, "chunks are missing or too many");
  for (std::uint32_t i = 0; i < chunks.size(); ++i) {
    if (chunks[i].size() != sealed_chunk_size(padded, i)) {
      return base::fail(ErrorKind::malformed, "chunk " + std::to_string(i) + " has the wrong size");
    }
  }
  if (ciphertext_root(chunks) != root) return base::fail(ErrorKind::bad_signature, "the chunks are not under the root");
  return {};
}

}  // namespace besa::wire
