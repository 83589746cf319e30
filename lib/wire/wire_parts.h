// Inside lib/wire: the parts that several requests and replies are made of.
#pragma once

#include "base/result.h"
#include "schemas/wire_generated.h"
#include "wire/messages.h"
#include "wire/table_view.h"

namespace besa::wire {

using Blobs = flatbuffers::Vector<flatbuffers::Offset<schema::Blob>>;
using ChunkTables = flatbuffers::Vector<flatbuffers::Offset<schema::Chunk>>;

std::vector<base::Bytes> read_blobs(const Blobs* blobs);
std::vector<Chunk> read_chunks(const ChunkTables* chunks);
LogEntry read_log_entry(const schema::LogEntry& table);
LostReceipt read_lost(const schema::LostReceipt& table);
StatementParts read_parts(const schema::Statement& table);

flatbuffers::Offset<schema::LogEntry> put_log_entry(Builder& builder, const LogEntry& entry);
flatbuffers::Offset<ChunkTables> put_chunks(Builder& builder, const std::vector<Chunk>& chunks);
flatbuffers::Offset<schema::LostReceipt> put_lost(Builder& builder, const LostReceipt& receipt);
flatbuffers::Offset<schema::Statement> put_parts(Builder& builder, const StatementParts& parts);

// A checked table of a frame.
template <class Table>
base::Result<Checked<Table>> checked_part(std::string_view name, base::ByteView bytes) {
  return Checked<Table>::make(Family::wire, name, bytes, {base::limits::kFrameBytes, base::limits::kFrameTables});
}

// A finished frame, unless it is too large.
[[nodiscard]] base::Result<base::Bytes> frame_of(base::Bytes bytes);

}  // namespace besa::wire
