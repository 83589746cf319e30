// Requests, in both directions.
#include "wire/messages.h"
#include "wire/wire_parts.h"

namespace besa::wire {
namespace {

using base::Bytes;
using base::ByteView;
using base::ErrorKind;
using base::fail;
using base::Result;
using flatbuffers::Offset;

struct BodyWriter {
  Bytes operator()(const HelloRequest& request) const {
    Builder builder;
    const auto note = put_text(builder, request.note);
    return finish(builder, schema::CreateHello(builder, note));
  }
  Bytes operator()(const SubmitRequest& request) const {
    Builder builder;
    std::vector<Offset<schema::Statement>> statements;
    for (const StatementParts& parts : request.statements) statements.push_back(put_parts(builder, parts));
    const auto list = put_tables(builder, statements);
    std::vector<Offset<schema::LostReceipt>> receipts;
    for (const LostReceipt& receipt : request.lost) receipts.push_back(put_lost(builder, receipt));
    const auto lost = put_tables(builder, receipts);
    return finish(builder, schema::CreateSubmit(builder, list, lost));
  }
  Bytes operator()(const WaitRequest& request) const {
    Builder builder;
    return finish(builder, schema::CreateWait(builder, request.timeout_ms));
  }
  Bytes operator()(const PullRequest& request) const {
    Builder builder;
    return finish(builder, schema::CreatePull(builder, request.limit, request.notices_since.value));
  }
  Bytes operator()(const FetchRequest& request) const {
    Builder builder;
    const auto reference = put(builder, request.reference);
    return finish(builder, schema::CreateFetch(builder, reference, request.section, request.chunk));
  }
  Bytes operator()(const EntryRequest& request) const {
    Builder builder;
    return finish(builder, schema::CreateEntryRequest(builder, request.sequence.value, request.count,
                                                      request.proof_only ? 1 : 0));
  }
  Bytes operator()(const PrekeysRequest& request) const {
    Builder builder;
    const auto member = put(builder, request.member);
    return finish(builder, schema::CreatePrekeysRequest(builder, member));
  }
  Bytes operator()(const LookupRequest& request) const {
    Builder builder;
    const auto tag = put(builder, request.tag);
    return finish(builder, schema::CreateLookup(builder, tag));
  }
};

struct KindReader {
  RequestKind operator()(const HelloRequest&) const { return RequestKind::hello; }
  RequestKind operator()(const SubmitRequest&) const { return RequestKind::submit; }
  RequestKind operator()(const WaitRequest&) const { return RequestKind::wait; }
  RequestKind operator()(const PullRequest&) const { return RequestKind::pull; }
  RequestKind operator()(const FetchRequest&) const { return RequestKind::fetch; }
  RequestKind operator()(const EntryRequest&) const { return RequestKind::entry; }
  RequestKind operator()(const PrekeysRequest&) const { return RequestKind::prekeys; }
  RequestKind operator()(const LookupRequest&) const { return RequestKind::lookup; }
};

Result<RequestBody> read_submit(ByteView bytes) {
  BESA_ASSIGN(const auto table, checked_part<schema::Submit>("Submit", bytes));
  SubmitRequest out;
  for (const auto* statement : *table->statements()) out.statements.push_back(read_parts(*statement));
  if (table->lost() != nullptr) {
    for (const auto* receipt : *table->lost()) out.lost.push_back(read_lost(*receipt));
  }
  if (!out.lost.empty() && out.lost.size() != out.statements.size()) {
    return fail(ErrorKind::malformed, "/lost: is not one receipt a statement");
  }
  return out;
}

Result<RequestBody> read_small(RequestKind kind, ByteView bytes) {
  if (kind == RequestKind::hello) {
    BESA_ASSIGN(const auto table, checked_part<schema::Hello>("Hello", bytes));
    return HelloRequest{text_of(table->note())};
  }
  if (kind == RequestKind::wait) {
    BESA_ASSIGN(const auto table, checked_part<schema::Wait>("Wait", bytes));
    return WaitRequest{table->timeout_ms()};
  }
  if (kind == RequestKind::pull) {
    BESA_ASSIGN(const auto table, checked_part<schema::Pull>("Pull", bytes));
    return PullRequest{table->limit(), base::Sequence{table->notices_since()}};
  }
  if (kind == RequestKind::fetch) {
    BESA_ASSIGN(const auto table, checked_part<schema::Fetch>("Fetch", bytes));
    return FetchRequest{reference_in(table->reference()), table->section(), table->chunk()};
  }
  if (kind == RequestKind::entry) {
    BESA_ASSIGN(const auto table, checked_part<schema::EntryRequest>("EntryRequest", bytes));
    return EntryRequest{base::Sequence{table->sequence()}, table->count(), table->proof_only() != 0};
  }
  if (kind == RequestKind::lookup) {
    BESA_ASSIGN(const auto table, checked_part<schema::Lookup>("Lookup", bytes));
    return LookupRequest{fixed<base::LookupTag>(table->tag())};
  }
  BESA_ASSIGN(const auto table, checked_part<schema::PrekeysRequest>("PrekeysRequest", bytes));
  return PrekeysRequest{fixed<base::MemberId>(table->member())};
}

Result<RequestBody> read_body(RequestKind kind, ByteView bytes) {
  switch (kind) {
    case RequestKind::submit: return read_submit(bytes);
    case RequestKind::hello:
    case RequestKind::wait:
    case RequestKind::pull:
    case RequestKind::fetch:
    case RequestKind::entry:
    case RequestKind::prekeys:
    case RequestKind::lookup: return read_small(kind, bytes);
    case RequestKind::none: return fail(ErrorKind::malformed, "/kind: is missing");
    case RequestKind::reserve:
    case RequestKind::chunk:
    case RequestKind::relay: break;
  }
  return fail(ErrorKind::unsupported, "this kind of request is not served by this version");
}

}  // namespace

RequestKind kind_of(const RequestBody& body) { return std::visit(KindReader{}, body); }

std::string_view name_of(RequestKind kind) {
  switch (kind) {
    case RequestKind::none: return "none";
    case RequestKind::hello: return "hello";
    case RequestKind::submit: return "submit";
    case RequestKind::reserve: return "reserve";
    case RequestKind::chunk: return "chunk";
    case RequestKind::wait: return "wait";
    case RequestKind::pull: return "pull";
    case RequestKind::fetch: return "fetch";
    case RequestKind::entry: return "entry";
    case RequestKind::prekeys: return "prekeys";
    case RequestKind::relay: return "relay";
    case RequestKind::lookup: return "lookup";
  }
  return "unknown";
}

Result<Bytes> encode_request(const Request& request) {
  const Bytes body = std::visit(BodyWriter{}, request.body);
  Builder builder;
  const auto root = put(builder, request.checkpoint_root);
  const auto body_bytes = put(builder, ByteView(body));
  return frame_of(
      finish(builder, schema::CreateRequest(builder, kWireVersion, static_cast<std::uint16_t>(kind_of(request.body)),
                                            request.checkpoint_size.value, root, body_bytes)));
}

Result<Request> decode_request(ByteView frame) {
  BESA_ASSIGN(const auto table, checked_part<schema::Request>("Request", frame));
  if (table->version() != kWireVersion) {
    return fail(table->version() == 0 ? ErrorKind::malformed : ErrorKind::unsupported, "/version: is not 1");
  }
  Request out;
  out.checkpoint_size = base::TreeSize{table->checkpoint_size()};
  out.checkpoint_root = fixed<base::Digest>(table->checkpoint_root());
  BESA_ASSIGN(out.body, read_body(static_cast<RequestKind>(table->kind()), view_of(table->body())));
  return out;
}

}  // namespace besa::wire
