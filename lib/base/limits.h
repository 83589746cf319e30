// Every bound of the product, the unit in the name, related to each other where one rests on another.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/ids.h"

namespace besa::base::limits {

// Statements
inline constexpr std::size_t kBodyBytes = 32 * 1024;
inline constexpr std::size_t kPolicyBytes = 256 * 1024;
inline constexpr std::size_t kRowBytes = 2 * 1024;
inline constexpr std::size_t kEnvelopeRows = 32;
inline constexpr std::size_t kConsentRows = 64;
inline constexpr std::size_t kBundleStatements = 256;
inline constexpr std::size_t kBundlePath = 8;  // log2(256)
inline constexpr std::size_t kSignatureBlocks = 64;
inline constexpr std::size_t kAdministrators = 32;
inline constexpr std::size_t kUnitDepth = 64;  // members above a unit, one above the other
inline constexpr Duration kStatementLife = days(30);
inline constexpr Duration kPersonStatementLife = hours(24);
inline constexpr Duration kClockAhead = minutes(5);
inline constexpr std::uint64_t kCounterWindow = 1'024;

// Envelopes
inline constexpr std::size_t kSections = 16;
inline constexpr std::size_t kChunkBytes = 256 * 1024;
inline constexpr std::size_t kMessageBytes = 64 * 1024 * 1024;
inline constexpr std::size_t kSmallestPadding = 1024;
inline constexpr std::size_t kPowerOfTwoPadding = 64 * 1024;
inline constexpr std::size_t kHandlingCodes = 7;
inline constexpr std::size_t kContextReferences = 8;
inline constexpr std::size_t kDueWindows = 16;
inline constexpr std::size_t kOriginsPerSection = 4;
inline constexpr std::size_t kGossipBytes = 120;
inline constexpr std::size_t kPrekeysPerStatement = 16;
inline constexpr std::size_t kReferencesPerStatement = 64;

// The log
inline constexpr std::size_t kDecisionItems = 256;
inline constexpr std::size_t kEntryBytes = 65'534;
inline constexpr std::size_t kTickItems = 256;
inline constexpr std::size_t kTickDrained = 128;  // messages that feel a withdrawal in one tick
inline constexpr std::size_t kTileHashes = 256;

// Wire
inline constexpr std::size_t kFrameBytes = 448 * 1024;
inline constexpr std::size_t kStatementsPerSubmit = 64;
inline constexpr std::size_t kMessagesPerPull = 64;
inline constexpr std::size_t kUnansweredPerMember = 512;
inline constexpr std::uint32_t kWaitMs = 25'000;
// Of one tag, oldest first: what one submit withdraws.
inline constexpr std::size_t kLookupReferences = kStatementsPerSubmit;
// Of one member. A desk looks up a code for each card that is shown to it, which is some a day; who guesses among 2^66
// codes at this rate has tried one in 10^14 after a year.
inline constexpr std::uint32_t kLookupsPerHour = 60;

// Parsers
inline constexpr std::size_t kFlatBufferDepth = 8;
inline constexpr std::size_t kFlatBufferTables = 1'000;  // of a body, row or rule
inline constexpr std::size_t kFrameTables = 8'192;       // of a request, reply or policy
inline constexpr std::size_t kJsonBytes = 1024 * 1024;
inline constexpr std::size_t kNoteSignatures = 100;

static_assert(kChunkBytes < kFrameBytes, "a chunk fits into one request");
static_assert(kTickItems <= kDecisionItems && kReferencesPerStatement <= kDecisionItems);
static_assert(std::size_t{1} << kBundlePath == kBundleStatements);
static_assert(kPolicyBytes + kBodyBytes < kFrameBytes, "a policy adoption fits into one request");
// An item is 56 + 2 + 1 + 2 + 2 + 1 = 64 bytes; what stands around the items is under 1 KiB.
static_assert(kDecisionItems * 64 + 1024 <= kEntryBytes);

}  // namespace besa::base::limits
