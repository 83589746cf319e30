#include "wire/statement_file.h"

#include <flatbuffers/flatbuffers.h>

#include "base/base64.h"
#include "schemas/wire_generated.h"
#include "wire/check.h"

namespace besa::wire {
namespace {

using base::Bytes;
using base::ByteView;
using base::ErrorKind;
using base::Result;
using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

constexpr std::string_view kHeaderWord = "besa-statement ";
constexpr std::size_t kLine = 76;

tl::unexpected<base::Error> malformed(std::string message) {
  return base::fail(ErrorKind::malformed, std::move(message));
}

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

std::string armour(ByteView bytes) {
  const std::string text = base::base64_encode(bytes);
  std::string out = std::string(kStatementFileHeader) + "\n";
  for (std::size_t at = 0; at < text.size(); at += kLine) out += text.substr(at, kLine) + "\n";
  return out;
}

// What stands between the lines, joined. The caller compares with the armour, which has one form only.
Result<Bytes> unarmour(std::string_view text) {
  if (text.size() > kStatementFileBytes) return malformed("a statement file of this size holds no statement");
  if (!text.starts_with(kHeaderWord))
    return malformed("this is no statement file: it must begin with 'besa-statement v1'");
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return malformed("the statement file is cut off");
  if (text.substr(0, end) != kStatementFileHeader) {
    return base::fail(ErrorKind::unsupported, "the statement file is of a later version: use a newer program");
  }
  std::string joined;
  for (const char c : text.substr(end)) {
    if (c != '\n') joined += c;
  }
  auto bytes = base::base64_decode(joined);
  if (!bytes || armour(*bytes) != text) return malformed("the lines of the statement file are not as it writes them");
  return std::move(*bytes);
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
  return armour(bytes);
}

Result<StatementParts> decode_statement_file(std::string_view text) {
  BESA_ASSIGN(const Bytes bytes, unarmour(text));
  BESA_TRY(check(Family::wire, "Statement", bytes, {base::limits::kFrameBytes, base::limits::kFrameTables, {}}));
  const auto* table = flatbuffers::GetRoot<schema::Statement>(bytes.data());
  if (table->chunks() != nullptr) return malformed("a statement file carries no ciphertext");
  return read(*table);
}

}  // namespace besa::wire
