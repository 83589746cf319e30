#include "wire/statement_file.h"

#include <flatbuffers/flatbuffers.h>

#include "schemas/wire_generated.h"
#include "wire/armour.h"
#include "wire/check.h"

namespace besa::wire {
namespace {

using base::Bytes;
using base::ErrorKind;
using base::Result;
using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

constexpr std::string_view kHeaderWord = "besa-statement";

Offset<flatbuffers::Vector<std::uint8_t>> bytes_of(FlatBufferBuilder& builder, const Bytes& bytes) {
  return bytes.empty() ? 0 : builder.CreateVector(bytes);
}

Bytes build(const StatementParts& parts) {
  FlatBufferBuilder builder;
  std::vector<Offset<schema::Blob>> rows;
  for (const Bytes& row : parts.rows) rows.push_back(schema::CreateBlob(builder, builder.CreateVector(row)));
  const auto row_list = rows.empty() ? 0 : builder.CreateVector(rows);
  const auto policy = bytes_of(builder, parts.policy);
  const auto blocks = bytes_of(builder, parts.blocks);
  const auto body = bytes_of(builder, parts.body);
  const auto type = builder.CreateString(parts.type);
  builder.Finish(schema::CreateStatement(builder, type, body, blocks, row_list, policy));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

Bytes copy(const flatbuffers::Vector<std::uint8_t>* from) {
  return from == nullptr ? Bytes() : Bytes(from->begin(), from->end());
}

StatementParts read(const schema::Statement& table) {
  StatementParts parts;
  if (table.type() != nullptr) parts.type = table.type()->str();
  parts.body = copy(table.body());
  parts.blocks = copy(table.blocks());
  parts.policy = copy(table.policy());
  if (table.rows() != nullptr) {
    for (const schema::Blob* row : *table.rows()) parts.rows.push_back(copy(row->data()));
  }
  return parts;
}

}  // namespace

Result<std::string> encode_statement_file(const StatementParts& parts) {
  const Bytes bytes = build(parts);
  if (bytes.size() > base::limits::kFrameBytes) {
    return base::fail(ErrorKind::full, "the statement is too large for a file");
  }
  return armour(kHeaderWord, bytes);
}

Result<StatementParts> decode_statement_file(std::string_view text) {
  BESA_ASSIGN(const Bytes bytes, unarmour(kHeaderWord, "statement file", text, kStatementFileBytes));
  BESA_TRY(check(Family::wire, "Statement", bytes, {base::limits::kFrameBytes, base::limits::kFrameTables, {}}));
  const auto* table = flatbuffers::GetRoot<schema::Statement>(bytes.data());
  if (table->chunks() != nullptr) return base::fail(ErrorKind::malformed, "a statement file carries no ciphertext");
  return read(*table);
}

}  // namespace besa::wire
