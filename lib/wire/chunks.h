// How the content of a section lies in chunks of ciphertext: padding, counts, sizes and the root.
//
// Shapes: plaintext = length (4) || content || zeros, padded to a power of two from 1 KiB to 64 KiB and above that by
// Padme (at most 12 % more). It is cut into chunks of 256 KiB of plaintext, the last one shorter; each chunk of
// ciphertext is 16 bytes (the tag) longer.
// Source: docs/protocol.md "Payload"; Padme: Nikitin et al., "Reducing Metadata Leakage from Encrypted Files" (2019).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/result.h"

namespace besa::wire {

inline constexpr std::size_t kChunkTagBytes = 16;
inline constexpr std::size_t kSealedChunkBytes = base::limits::kChunkBytes + kChunkTagBytes;
inline constexpr std::size_t kContentLengthBytes = 4;

// The padded length for so many bytes of content. None if it would pass kMessageBytes.
std::optional<std::uint32_t> padded_length(std::size_t content_bytes);
// Whether padded_length can give this number.
bool is_padded_length(std::uint32_t padded);
// Number of chunks of a section with this padded length: at least 1.
std::uint32_t chunk_count(std::uint32_t padded);
// Bytes of ciphertext of chunk `index`, tag included. `index` < chunk_count(padded).
std::size_t sealed_chunk_size(std::uint32_t padded, std::uint32_t index);

// The RFC 6962 root over the chunks, in order: what a section's `ciphertext_root` is. Cost: one hash over all bytes.
base::Digest ciphertext_root(std::span<const base::Bytes> chunks);
// Whether these are all chunks of a section, each of the right size and under the root.
// Errors: malformed (count or size), bad_signature (another root).
[[nodiscard]] base::Status check_chunks(std::uint32_t padded, const base::Digest& root,
                                        std::span<const base::Bytes> chunks);

}  // namespace besa::wire
