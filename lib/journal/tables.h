// The tables of a journal and their keys. Integers are big-endian, so that key order is log order.
//
//   log       sequence (8)                                   -> entry
//   beside    sequence (8)                                   -> what lies beside it
//   node      level (1), index (8)                           -> hash of a perfect subtree (32)
//   author    member (16), counter (8)                       -> sequence (8)
//   id        statement id (32)                              -> sequence (8)
//   place     member (16), counter (8), section (2), chunk (4) -> segment (8), offset (8), length (4) of a frame
//   purge     segment (8), offset (8)                        -> length (4): bytes that must become zeros
//   segment   segment (8)                                    -> chunks of ciphertext that live in it (8)
//   notice    member (16), sequence (8), number (2)          -> code (2), reference (56)
//   notice    member (16)                                    -> how many notices it has (8)
//   state     name                                           -> where the frames of the last entry end, newest
//                                                              checkpoint, format of the store
//   sum       core::Table (1), first byte of keys (1)        -> sum of the hashes of these rows of the view (32)
//   view-NAME the rows of one core::Table
//
// Sequential keys on the hot path: the cost of a message must not grow with the log.
#pragma once

#include <array>
#include <string_view>

#include "base/ids.h"
#include "core/view.h"
#include "kv/environment.h"

namespace besa::journal {

struct Tables {
  kv::Table log;
  kv::Table beside;
  kv::Table node;
  kv::Table author;
  kv::Table id;
  kv::Table place;
  kv::Table purge;
  kv::Table segment;
  kv::Table notice;
  kv::Table state;
  kv::Table sum;
  std::array<kv::Table, core::kTables> view;

  const kv::Table& of(core::Table table) const { return view[static_cast<std::size_t>(table)]; }
};

// Opens or creates all of them.
[[nodiscard]] base::Result<Tables> open_tables(kv::Environment& environment);

base::Bytes sequence_key(base::Sequence sequence);
base::Bytes node_key(std::uint8_t level, std::uint64_t index);
base::Bytes author_key(const base::MemberId& member, base::Counter counter);
base::Bytes section_key(const base::MemberId& member, base::Counter counter, std::uint16_t section);
base::Bytes chunk_key(const base::MemberId& member, base::Counter counter, std::uint16_t section, std::uint32_t chunk);

inline constexpr std::size_t kNoticeKeyBytes = 26;
base::Bytes notice_key(const base::MemberId& member, base::Sequence sequence, std::uint16_t number);

inline constexpr std::string_view kCheckpointKey = "checkpoint";
inline constexpr std::string_view kPositionKey = "position";
inline constexpr std::string_view kFormatKey = "format";

}  // namespace besa::journal
