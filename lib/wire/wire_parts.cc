#include "wire/wire_parts.h"

namespace besa::wire {

using flatbuffers::Offset;

std::vector<base::Bytes> read_blobs(const Blobs* blobs) {
  std::vector<base::Bytes> out;
  if (blobs == nullptr) return out;
  for (const auto* blob : *blobs) out.push_back(bytes_of(blob->data()));
  return out;
}

std::vector<Chunk> read_chunks(const ChunkTables* chunks) {
  std::vector<Chunk> out;
  if (chunks == nullptr) return out;
  for (const auto* chunk : *chunks) out.push_back({chunk->section(), chunk->index(), bytes_of(chunk->data())});
  return out;
}

LogEntry read_log_entry(const schema::LogEntry& table) {
  LogEntry out;
  out.entry = bytes_of(table.entry());
  out.proof = digests_in(table.proof());
  out.body = bytes_of(table.body());
  out.blocks = bytes_of(table.blocks());
  out.rows = read_blobs(table.rows());
  out.policy = bytes_of(table.policy());
  return out;
}

LostReceipt read_lost(const schema::LostReceipt& table) {
  return {bytes_of(table.entry()), digests_in(table.proof()), text_of(table.checkpoint())};
}

StatementParts read_parts(const schema::Statement& table) {
  StatementParts out;
  out.type = text_of(table.type());
  out.body = bytes_of(table.body());
  out.blocks = bytes_of(table.blocks());
  out.rows = read_blobs(table.rows());
  out.policy = bytes_of(table.policy());
  out.chunks = read_chunks(table.chunks());
  return out;
}

namespace {

Offset<Blobs> put_blobs(Builder& builder, const std::vector<base::Bytes>& blobs) {
  std::vector<Offset<schema::Blob>> out;
  for (const base::Bytes& blob : blobs) {
    const auto data = put_any(builder, blob);
    out.push_back(schema::CreateBlob(builder, data));
  }
  return put_tables(builder, out);
}

Offset<ByteVector> put_proof(Builder& builder, const std::vector<base::Digest>& proof) {
  return proof.empty() ? 0 : put(builder, proof);
}

}  // namespace

Offset<ChunkTables> put_chunks(Builder& builder, const std::vector<Chunk>& chunks) {
  std::vector<Offset<schema::Chunk>> out;
  for (const Chunk& chunk : chunks) {
    const auto data = put_any(builder, chunk.data);
    out.push_back(schema::CreateChunk(builder, chunk.section, chunk.index, data));
  }
  return put_tables(builder, out);
}

Offset<schema::LogEntry> put_log_entry(Builder& builder, const LogEntry& entry) {
  const auto leaf = put_any(builder, entry.entry);
  const auto proof = put_proof(builder, entry.proof);
  const auto body = put_any(builder, entry.body);
  const auto blocks = put_any(builder, entry.blocks);
  const auto rows = put_blobs(builder, entry.rows);
  const auto policy = put_any(builder, entry.policy);
  return schema::CreateLogEntry(builder, leaf, proof, body, blocks, rows, policy);
}

Offset<schema::LostReceipt> put_lost(Builder& builder, const LostReceipt& receipt) {
  const auto entry = put_any(builder, receipt.entry);
  const auto proof = put_proof(builder, receipt.proof);
  const auto checkpoint = put_text(builder, receipt.checkpoint);
  return schema::CreateLostReceipt(builder, entry, proof, checkpoint);
}

Offset<schema::Statement> put_parts(Builder& builder, const StatementParts& parts) {
  const auto type = put_text(builder, parts.type);
  const auto body = put_any(builder, parts.body);
  const auto blocks = put_any(builder, parts.blocks);
  const auto rows = put_blobs(builder, parts.rows);
  const auto policy = put_any(builder, parts.policy);
  const auto chunks = put_chunks(builder, parts.chunks);
  return schema::CreateStatement(builder, type, body, blocks, rows, policy, chunks);
}

base::Result<base::Bytes> frame_of(base::Bytes bytes) {
  if (bytes.size() > base::limits::kFrameBytes) return base::fail(base::ErrorKind::full, "the frame is over 448 KiB");
  return bytes;
}

}  // namespace besa::wire
