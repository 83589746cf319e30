#include "journal/tables.h"

#include <string>
#include <vector>

namespace besa::journal {

using base::Bytes;
using base::ByteWriter;

base::Result<Tables> open_tables(kv::Environment& environment) {
  std::vector<std::string> view_names;
  for (const core::Table table : core::all_tables()) view_names.push_back("view-" + std::string(core::name_of(table)));
  std::vector<std::string_view> names = {"log",   "beside",  "node",   "author", "id", "place",
                                         "purge", "segment", "notice", "state",  "sum"};
  const std::size_t first_view = names.size();
  names.insert(names.end(), view_names.begin(), view_names.end());

  BESA_ASSIGN(const auto opened, environment.tables(names));
  Tables out{opened[0], opened[1], opened[2], opened[3], opened[4],  opened[5],
             opened[6], opened[7], opened[8], opened[9], opened[10], {}};
  for (std::size_t i = 0; i < core::kTables; ++i) out.view[i] = opened[first_view + i];
  return out;
}

Bytes sequence_key(base::Sequence sequence) { return ByteWriter().sequence(sequence).take(); }

Bytes node_key(std::uint8_t level, std::uint64_t index) { return ByteWriter().u8(level).u64(index).take(); }

Bytes author_key(const base::MemberId& member, base::Counter counter) {
  return ByteWriter().raw(member).counter(counter).take();
}

Bytes section_key(const base::MemberId& member, base::Counter counter, std::uint16_t section) {
  return ByteWriter().raw(member).counter(counter).u16(section).take();
}

Bytes chunk_key(const base::MemberId& member, base::Counter counter, std::uint16_t section, std::uint32_t chunk) {
  return ByteWriter().raw(member).counter(counter).u16(section).u32(chunk).take();
}

Bytes notice_key(const base::MemberId& member, base::Sequence sequence, std::uint16_t number) {
  return ByteWriter().raw(member).sequence(sequence).u16(number).take();
}

}  // namespace besa::journal
