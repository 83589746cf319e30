// Identifiers and times. Different meanings are different types; none converts into another.
// Widths: docs/protocol.md, "Widths".
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace besa::base {

// N bytes with a meaning. All zeros is "none".
template <class Tag, std::size_t N>
struct FixedBytes {
  static constexpr std::size_t kSize = N;
  std::array<std::uint8_t, N> bytes{};

  std::span<const std::uint8_t> view() const { return bytes; }
  bool is_none() const {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
  }
  friend auto operator<=>(const FixedBytes&, const FixedBytes&) = default;

  // From exactly N bytes; none if the length is another.
  static bool read(std::span<const std::uint8_t> from, FixedBytes& out) {
    if (from.size() != N) return false;
    std::copy(from.begin(), from.end(), out.bytes.begin());
    return true;
  }
};

using MemberId = FixedBytes<struct MemberTag, 16>;
using OrganisationId = FixedBytes<struct OrganisationTag, 16>;
using PersonId = FixedBytes<struct PersonTag, 16>;  // opaque id of a member's staff
using Salt = FixedBytes<struct SaltTag, 16>;
using StatementId = FixedBytes<struct StatementTag, 32>;
using KeyId = FixedBytes<struct KeyTag, 32>;               // signing keys and prekeys alike
using Digest = FixedBytes<struct DigestTag, 32>;           // a SHA-256, a Merkle root
using NetworkId = FixedBytes<struct NetworkTag, 32>;       // id of the genesis statement
using PublicKey = FixedBytes<struct PublicKeyTag, 32>;     // Ed25519
using TransportKey = FixedBytes<struct TransportTag, 32>;  // Curve25519 of CURVE
using BoxKey = FixedBytes<struct BoxTag, 32>;              // X25519 public prekey
using Signature = FixedBytes<struct SignatureTag, 64>;
using LookupTag = FixedBytes<struct LookupTagTag, 32>;    // of a person's code
using Commitment = FixedBytes<struct CommitmentTag, 32>;  // to a section's key

// The same bytes under another meaning: said out loud, never implicit.
template <class To, class From>
To id_cast(const From& from) {
  static_assert(To::kSize == From::kSize);
  To out;
  out.bytes = from.bytes;
  return out;
}

template <class Tag>
struct StrongU64 {
  std::uint64_t value = 0;
  friend auto operator<=>(const StrongU64&, const StrongU64&) = default;
};
using Counter = StrongU64<struct CounterTag>;    // of a member's statements
using Sequence = StrongU64<struct SequenceTag>;  // place in the log, from 0
using TreeSize = StrongU64<struct TreeSizeTag>;  // leaves

// Milliseconds since 1970 UTC.
struct Timestamp {
  std::uint64_t ms = 0;
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};
// A length of time in milliseconds.
struct Duration {
  std::uint64_t ms = 0;
  friend auto operator<=>(const Duration&, const Duration&) = default;
};
constexpr Duration hours(std::uint64_t n) { return {n * 3'600'000}; }
constexpr Duration minutes(std::uint64_t n) { return {n * 60'000}; }
constexpr Duration days(std::uint64_t n) { return hours(24 * n); }
// Saturates: a time never wraps.
constexpr Timestamp operator+(Timestamp t, Duration d) { return {t.ms > UINT64_MAX - d.ms ? UINT64_MAX : t.ms + d.ms}; }

// Names a member's statement: known when it is signed, found by (author, counter), compared by id.
struct Reference {
  MemberId author;
  Counter counter;
  StatementId id;
  bool is_none() const { return author.is_none() && counter.value == 0 && id.is_none(); }
  friend auto operator<=>(const Reference&, const Reference&) = default;
};

}  // namespace besa::base
