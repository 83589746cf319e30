// Replies, in both directions.
#include "wire/messages.h"
#include "wire/text.h"
#include "wire/wire_parts.h"

namespace besa::wire {
namespace {

using base::Bytes;
using base::ByteView;
using base::ErrorKind;
using base::fail;
using base::Result;
using flatbuffers::Offset;

constexpr std::size_t kDetailBytes = 256;
// What FlatBuffers puts around a table and each of its vectors: vtable, offsets, lengths, padding.
constexpr std::size_t kTableCost = 64;
constexpr std::size_t kVectorCost = 16;

// One line for people: cut between characters, and nothing that a reader of the reply would refuse.
std::string detail_of(std::string_view detail) {
  std::size_t length = std::min(detail.size(), kDetailBytes);
  while (length > 0 && length < detail.size() && (static_cast<unsigned char>(detail[length]) & 0xC0U) == 0x80U)
    --length;
  const std::string_view cut = detail.substr(0, length);
  return text_fault(TextKind::line, cut).empty() ? std::string(cut) : std::string();
}

struct BodyWriter {
  Bytes operator()(const std::monostate&) const { return {}; }
  Bytes operator()(const HelloReply& reply) const {
    Builder builder;
    const auto network = put(builder, reply.network);
    const auto member = put(builder, reply.member);
    return finish(builder, schema::CreateHelloReply(builder, network, member));
  }
  Bytes operator()(const SubmitReply& reply) const {
    Builder builder;
    std::vector<Offset<schema::Receipt>> receipts;
    for (const Receipt& receipt : reply.receipts) {
      const auto detail = put_text(builder, detail_of(receipt.detail));
      const auto entry = put_any(builder, receipt.entry);
      const Offset<ByteVector> proof = receipt.proof.empty() ? 0 : put(builder, receipt.proof);
      receipts.push_back(
          schema::CreateReceipt(builder, static_cast<std::uint16_t>(receipt.status), detail, entry, proof));
    }
    const auto list = put_tables(builder, receipts);
    return finish(builder, schema::CreateSubmitReply(builder, list));
  }
  Bytes operator()(const WaitReply& reply) const {
    Builder builder;
    return finish(builder, schema::CreateWaitReply(builder, reply.queued ? 1 : 0));
  }
  Bytes operator()(const PullReply& reply) const {
    Builder builder;
    std::vector<Offset<schema::PulledMessage>> messages;
    for (const PulledMessage& message : reply.messages) {
      const auto log = put_log_entry(builder, message.log);
      const auto chunks = put_chunks(builder, message.chunks);
      messages.push_back(schema::CreatePulledMessage(builder, log, chunks));
    }
    const auto message_vector = put_tables(builder, messages);
    std::vector<Offset<schema::Notice>> notices;
    for (const Notice& notice : reply.notices) {
      const auto reference = put(builder, notice.reference);
      notices.push_back(schema::CreateNotice(builder, notice.sequence.value, notice.code, reference));
    }
    const auto notice_vector = put_tables(builder, notices);
    return finish(builder, schema::CreatePullReply(builder, message_vector, notice_vector, reply.more ? 1 : 0));
  }
  Bytes operator()(const FetchReply& reply) const {
    Builder builder;
    const auto data = put_any(builder, reply.data);
    return finish(builder, schema::CreateFetchReply(builder, data));
  }
  Bytes operator()(const EntryReply& reply) const {
    Builder builder;
    std::vector<Offset<schema::LogEntry>> entries;
    for (const LogEntry& entry : reply.entries) entries.push_back(put_log_entry(builder, entry));
    const auto list = put_tables(builder, entries);
    return finish(builder, schema::CreateEntryReply(builder, list));
  }
  Bytes operator()(const PrekeysReply& reply) const {
    Builder builder;
    const auto log = put_log_entry(builder, reply.log);
    return finish(builder, schema::CreatePrekeysReply(builder, log));
  }
  Bytes operator()(const LookupReply& reply) const {
    Builder builder;
    const Offset<ByteVector> references = reply.references.empty() ? 0 : put(builder, reply.references);
    return finish(builder, schema::CreateLookupReply(builder, references));
  }
};

Result<ReplyBody> read_submit(ByteView bytes) {
  BESA_ASSIGN(const auto table, checked_part<schema::SubmitReply>("SubmitReply", bytes));
  SubmitReply out;
  for (const auto* receipt : *table->receipts()) {
    out.receipts.push_back({static_cast<WireError>(receipt->status()), text_of(receipt->detail()),
                            bytes_of(receipt->entry()), digests_in(receipt->proof())});
  }
  return out;
}

Result<ReplyBody> read_pull(ByteView bytes) {
  BESA_ASSIGN(const auto table, checked_part<schema::PullReply>("PullReply", bytes));
  PullReply out;
  if (table->messages() != nullptr) {
    for (const auto* message : *table->messages()) {
      out.messages.push_back({read_log_entry(*message->log()), read_chunks(message->chunks())});
    }
  }
  if (table->notices() != nullptr) {
    for (const auto* notice : *table->notices()) {
      out.notices.push_back({base::Sequence{notice->sequence()}, notice->code(), reference_in(notice->reference())});
    }
  }
  out.more = table->more() != 0;
  return out;
}

Result<ReplyBody> read_entries(ByteView bytes) {
  BESA_ASSIGN(const auto table, checked_part<schema::EntryReply>("EntryReply", bytes));
  EntryReply out;
  if (table->entries() != nullptr) {
    for (const auto* entry : *table->entries()) out.entries.push_back(read_log_entry(*entry));
  }
  return out;
}

Result<ReplyBody> read_small(RequestKind kind, ByteView bytes) {
  if (kind == RequestKind::hello) {
    BESA_ASSIGN(const auto table, checked_part<schema::HelloReply>("HelloReply", bytes));
    return HelloReply{fixed<base::NetworkId>(table->network()), fixed<base::MemberId>(table->member())};
  }
  if (kind == RequestKind::wait) {
    BESA_ASSIGN(const auto table, checked_part<schema::WaitReply>("WaitReply", bytes));
    return WaitReply{table->queued() != 0};
  }
  if (kind == RequestKind::fetch) {
    BESA_ASSIGN(const auto table, checked_part<schema::FetchReply>("FetchReply", bytes));
    return FetchReply{bytes_of(table->data())};
  }
  if (kind == RequestKind::lookup) {
    BESA_ASSIGN(const auto table, checked_part<schema::LookupReply>("LookupReply", bytes));
    return LookupReply{references_in(table->references())};
  }
  BESA_ASSIGN(const auto table, checked_part<schema::PrekeysReply>("PrekeysReply", bytes));
  return PrekeysReply{read_log_entry(*table->log())};
}

Result<ReplyBody> read_body(RequestKind kind, ByteView bytes) {
  if (bytes.empty()) return ReplyBody{};
  switch (kind) {
    case RequestKind::submit: return read_submit(bytes);
    case RequestKind::pull: return read_pull(bytes);
    case RequestKind::entry: return read_entries(bytes);
    case RequestKind::hello:
    case RequestKind::wait:
    case RequestKind::fetch:
    case RequestKind::prekeys:
    case RequestKind::lookup: return read_small(kind, bytes);
    case RequestKind::none:
    case RequestKind::reserve:
    case RequestKind::chunk:
    case RequestKind::relay: break;
  }
  return fail(ErrorKind::unsupported, "a reply of a kind that this version does not know");
}

Offset<schema::Proofs> put_proofs(Builder& builder, const std::optional<Proofs>& proofs) {
  if (!proofs) return 0;
  const auto checkpoint = put_text(builder, proofs->checkpoint);
  const Offset<ByteVector> consistency = proofs->consistency.empty() ? 0 : put(builder, proofs->consistency);
  return schema::CreateProofs(builder, checkpoint, consistency, proofs->governance.value, proofs->now.ms);
}

Proofs read_proofs(const schema::Proofs& table) {
  return {text_of(table.checkpoint()), digests_in(table.consistency()), base::Sequence{table.governance()},
          base::Timestamp{table.now()}};
}

std::size_t sum(const std::vector<Bytes>& parts) {
  std::size_t out = kVectorCost;
  for (const Bytes& part : parts) out += part.size() + kTableCost;
  return out;
}

}  // namespace

Result<Bytes> encode_reply(const Reply& reply) {
  const Bytes body = std::visit(BodyWriter{}, reply.body);
  Builder builder;
  const auto detail = put_text(builder, detail_of(reply.detail));
  const auto proofs = put_proofs(builder, reply.proofs);
  const auto body_bytes = put_any(builder, body);
  return frame_of(finish(builder, schema::CreateReply(builder, kWireVersion, static_cast<std::uint16_t>(reply.kind),
                                                      static_cast<std::uint16_t>(reply.status), reply.retry_after_ms,
                                                      detail, proofs, body_bytes)));
}

Result<Reply> decode_reply(ByteView frame) {
  BESA_ASSIGN(const auto table, checked_part<schema::Reply>("Reply", frame));
  if (table->version() != kWireVersion) {
    return fail(table->version() == 0 ? ErrorKind::malformed : ErrorKind::unsupported, "/version: is not 1");
  }
  Reply out;
  out.kind = static_cast<RequestKind>(table->kind());
  out.status = static_cast<WireError>(table->status());
  out.retry_after_ms = table->retry_after_ms();
  out.detail = text_of(table->detail());
  if (table->proofs() != nullptr) out.proofs = read_proofs(*table->proofs());
  BESA_ASSIGN(out.body, read_body(out.kind, view_of(table->body())));
  return out;
}

Reply error_reply(RequestKind kind, WireError status, std::string_view detail, std::uint32_t retry_after_ms) {
  Reply out;
  out.kind = kind;
  out.status = status;
  out.retry_after_ms = retry_after_ms;
  out.detail = detail_of(detail);
  return out;
}

std::size_t frame_cost(const Chunk& chunk) { return chunk.data.size() + kTableCost; }

std::size_t frame_cost(const StatementParts& parts) {
  std::size_t out = kTableCost + 5 * kVectorCost + parts.type.size() + parts.body.size() + parts.blocks.size() +
                    parts.policy.size() + sum(parts.rows);
  for (const Chunk& chunk : parts.chunks) out += frame_cost(chunk);
  return out;
}

std::size_t frame_cost(const LostReceipt& lost) {
  return kTableCost + 3 * kVectorCost + lost.entry.size() + 32 * lost.proof.size() + lost.checkpoint.size();
}

std::size_t frame_cost(const LogEntry& entry) {
  return 2 * kTableCost + 6 * kVectorCost + entry.entry.size() + 32 * entry.proof.size() + entry.body.size() +
         entry.blocks.size() + entry.policy.size() + sum(entry.rows);
}

std::size_t table_cost(const StatementParts& parts) { return 1 + parts.rows.size() + parts.chunks.size(); }
std::size_t table_cost(const LogEntry& entry) { return 2 + entry.rows.size(); }

}  // namespace besa::wire
