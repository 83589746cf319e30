#include "tests/support/fake_broker.h"

#include <algorithm>

#include "base/check.h"
#include "base/limits.h"
#include "wire/statement.h"

namespace besa::support {

using base::Bytes;
using base::ErrorKind;
using base::fail;
using base::MemberId;
using base::Reference;
using base::Result;
using base::Sequence;
using core::StatementType;
using wire::WireError;

namespace {

MemberId administrator(const Network& network) {
  return base::id_cast<MemberId>(network.administrators().front().organisation);
}

std::vector<Reference> named_messages(const core::ParsedStatement& statement) {
  if (const auto* body = std::get_if<core::HandOut>(&statement.body)) return body->messages;
  if (const auto* body = std::get_if<core::Acknowledgement>(&statement.body)) return body->messages;
  if (const auto* body = std::get_if<core::UnreadableReport>(&statement.body)) return {body->message};
  if (const auto* body = std::get_if<core::Opened>(&statement.body)) return {body->message};
  if (const auto* body = std::get_if<core::WithdrawalAnswer>(&statement.body)) return {body->message};
  return {};
}

core::NoticeCode notice_code(StatementType type) {
  return type == StatementType::withhold ? core::NoticeCode::message_withheld : core::NoticeCode::message_moved;
}

}  // namespace

// Decides at the next place; ticks come first where one is owed.
Result<Sequence> FakeBroker::decide(core::ParsedStatement statement, const MemberId& submitter,
                                    std::vector<wire::Chunk> chunks) {
  if (statement.type != StatementType::tick) tick();
  BESA_ASSIGN(core::Verified verified, core::verify(std::move(statement), submitter, core::key_lookup(view_)));
  BESA_TRY(core::check_submitter(view_, verified));
  BESA_ASSIGN(core::Outcome outcome, core::decide(view_, verified, network_.now));
  if (const auto* before = std::get_if<core::AlreadyDecided>(&outcome)) return before->sequence;
  auto* decided = std::get_if<core::Decided>(&outcome);
  if (decided == nullptr) return fail(ErrorKind::not_found, "counter_too_old");
  BESA_TRY(view_.apply(decided->changes));
  Kept kept{decided->entry,
            core::encode_entry(decided->entry),
            core::beside_of(verified.statement()),
            verified.statement(),
            std::move(chunks),
            decided->effects};
  leaves_.push_back(core::leaf_hash(kept.bytes));
  entries_.push_back(std::move(kept));
  return entries_.back().entry.sequence;
}

void FakeBroker::tick() {
  while (true) {
    const auto owed = core::tick_owed(view_, network_.now);
    if (!owed || !*owed) return;
    core::Tick body;
    body.network = network_.id();
    body.salt.bytes[0] = static_cast<std::uint8_t>(entries_.size());
    auto statement = wire::parse_statement(core::media_type(StatementType::tick), wire::encode_tick(body), {}, {}, {});
    BESA_CHECK(statement && decide(std::move(*statement), {}, {}));
  }
}

Result<Sequence> FakeBroker::take(const wire::StatementParts& parts, const MemberId& submitter) {
  const std::vector<base::ByteView> rows(parts.rows.begin(), parts.rows.end());
  BESA_ASSIGN(core::ParsedStatement statement,
              wire::parse_statement(parts.type, parts.body, parts.blocks, rows, parts.policy));
  return decide(std::move(statement), submitter, parts.chunks);
}

core::Entry FakeBroker::append(const Signed& statement, const MemberId& submitter) {
  const auto sequence = take(statement.parts, submitter);
  BESA_CHECK(sequence.has_value());
  return entries_[sequence->value].entry;
}

core::Entry FakeBroker::govern(const Signed& statement) { return append(statement, administrator(network_)); }

void FakeBroker::begin(const std::vector<Agency*>& agencies, const core::Policy& policy) {
  govern(network_.genesis());
  for (Agency* agency : agencies) govern(network_.enrolment(*agency));
  govern(network_.policy(policy));
}

core::Entry FakeBroker::forge(const Signed& statement, const MemberId& submitter) {
  const wire::StatementParts& parts = statement.parts;
  const std::vector<base::ByteView> rows(parts.rows.begin(), parts.rows.end());
  auto parsed = wire::parse_statement(parts.type, parts.body, parts.blocks, rows, parts.policy);
  auto head = core::read_head(view_);
  BESA_CHECK(parsed && head && *head);
  core::Entry entry;
  entry.sequence = (*head)->next;
  entry.now = network_.now;
  entry.type = parsed->type;
  entry.id = parsed->id;
  entry.blocks_hash = parsed->blocks_hash;
  entry.rows_root = parsed->rows_root;
  entry.submitter = submitter;
  entry.decision.verdict = core::Verdict::accepted;
  entry.governance_previous = (*head)->governance;
  Kept kept{entry, core::encode_entry(entry), core::beside_of(*parsed), *parsed, parts.chunks, {}};
  leaves_.push_back(core::leaf_hash(kept.bytes));
  entries_.push_back(std::move(kept));
  (*head)->next.value += 1;
  core::Overlay moved(view_);
  core::write_head(moved, **head);
  BESA_CHECK(view_.apply(moved.changes()));
  return entry;
}

core::Checkpoint FakeBroker::checkpoint() const {
  return {core::format_origin({network_.name, network_.id(), 0}), base::TreeSize{leaves_.size()},
          core::root_of(leaves_)};
}

std::string FakeBroker::note(const core::Checkpoint& checkpoint) const {
  const std::string text = core::note_text(checkpoint);
  return core::note_from(checkpoint, network_.log_key().public_key(), network_.log_key().sign(base::as_bytes(text)));
}

core::Proof FakeBroker::consistency(base::TreeSize from) const {
  if (from.value > leaves_.size() || from.value == 0) return {};
  return core::consistency_proof(from, leaves_);
}

wire::LogEntry FakeBroker::log_entry(Sequence sequence) const {
  const Kept& kept = entries_[sequence.value];
  wire::LogEntry out;
  out.entry = kept.bytes;
  out.proof = core::inclusion_proof(sequence.value, leaves_);
  out.body = kept.beside.body;
  out.blocks = kept.beside.blocks;
  out.policy = kept.beside.policy;
  return out;
}

std::size_t FakeBroker::count(StatementType type) const {
  return static_cast<std::size_t>(
      std::count_if(entries_.begin(), entries_.end(), [&](const Kept& kept) { return kept.entry.type == type; }));
}

std::size_t FakeBroker::requests(wire::RequestKind kind) const {
  const auto found = requests_.find(kind);
  return found == requests_.end() ? 0 : found->second;
}

wire::SubmitReply FakeBroker::submit(const wire::SubmitRequest& request, const MemberId& client) {
  std::vector<Result<Sequence>> taken;
  for (const wire::StatementParts& parts : request.statements) {
    taken.push_back(recovers && recovers(parts) ? fail(ErrorKind::unavailable, "recovering") : take(parts, client));
  }
  wire::SubmitReply out;
  for (const Result<Sequence>& one : taken) {
    wire::Receipt receipt;
    if (one) {
      const wire::LogEntry log = log_entry(*one);
      receipt.entry = log.entry;
      receipt.proof = log.proof;
    } else {
      const bool kept = one.error().kind == ErrorKind::unavailable;
      receipt.status = kept ? WireError::recovering : wire::wire_error_of(one.error().kind);
      receipt.detail = one.error().message;
    }
    out.receipts.push_back(std::move(receipt));
  }
  return out;
}

void FakeBroker::hand_out(const MemberId& client, const std::vector<Reference>& messages) {
  core::HandOut body;
  body.network = network_.id();
  body.salt.bytes[0] = static_cast<std::uint8_t>(entries_.size());
  body.salt.bytes[1] = static_cast<std::uint8_t>(entries_.size() >> 8);
  body.member = client;
  body.messages = messages;
  auto statement =
      wire::parse_statement(core::media_type(StatementType::hand_out), wire::encode_hand_out(body), {}, {}, {});
  BESA_CHECK(statement && decide(std::move(*statement), {}, {}));
}

wire::PulledMessage FakeBroker::pulled(Sequence sequence) const {
  wire::PulledMessage out;
  out.log = log_entry(sequence);
  const auto* envelope = std::get_if<core::Envelope>(&entries_[sequence.value].statement.body);
  BESA_CHECK(envelope != nullptr);
  for (const wire::Chunk& chunk : entries_[sequence.value].chunks) {
    if (envelope->sections[chunk.section].grant == core::Grant::now) out.chunks.push_back(chunk);
  }
  return out;
}

std::vector<wire::Notice> FakeBroker::notices(const MemberId& client, Sequence since) const {
  std::vector<wire::Notice> out;
  for (std::size_t i = since.value + 1; i < entries_.size(); ++i) {
    const Kept& kept = entries_[i];
    if (!kept.entry.decision.accepted()) continue;
    for (const Reference& reference : named_messages(kept.statement)) {
      if (reference.author != client) continue;
      out.push_back({kept.entry.sequence, core::number_of(notice_code(kept.entry.type)), reference});
    }
    for (const core::Effect& effect : kept.effects) {
      if (kept.entry.type == StatementType::withhold || effect.code != core::EffectCode::notice) continue;
      if (effect.member != client) continue;
      out.push_back({kept.entry.sequence, static_cast<std::uint16_t>(effect.value), effect.reference});
    }
  }
  return out;
}

wire::PullReply FakeBroker::pull(const wire::PullRequest& request, const MemberId& client) {
  tick();
  wire::PullReply out;
  std::vector<Sequence> shown;
  std::map<MemberId, std::vector<Reference>> fresh;
  const auto queue = core::read_queue(view_, client, {}, 1024);
  BESA_CHECK(queue.has_value());
  for (const core::QueuedMessage& queued : *queue) {
    if (swallow.contains(queued.sequence) || shown.size() >= request.limit) continue;
    const auto message = core::find_message(view_, queued.reference);
    const auto standing = core::check_standing(view_, queued.reference, network_.now);
    if (!message || !*message || !standing || standing->reason != core::Reason::none) continue;
    if ((*message)->state == core::MessageState::queued) fresh[queued.reference.author].push_back(queued.reference);
    shown.push_back(queued.sequence);
  }
  for (const auto& [sender, references] : fresh) hand_out(client, references);
  if (const auto extra = misdeliver.find(client); extra != misdeliver.end()) {
    shown.insert(shown.end(), extra->second.begin(), extra->second.end());
  }
  for (const Sequence sequence : shown) out.messages.push_back(pulled(sequence));
  if (bend_pull) bend_pull(out.messages);
  out.notices = notices(client, request.notices_since);
  return out;
}

wire::Reply FakeBroker::reply_to(const wire::Request& request, const MemberId& client) {
  const wire::RequestKind kind = wire::kind_of(request.body);
  wire::Reply reply;
  reply.kind = kind;
  if (std::holds_alternative<wire::HelloRequest>(request.body)) {
    reply.body = wire::HelloReply{network_.id(), client};
  } else if (const auto* submitted = std::get_if<wire::SubmitRequest>(&request.body)) {
    reply.body = submit(*submitted, client);
  } else if (std::holds_alternative<wire::WaitRequest>(request.body)) {
    const auto queue = core::read_queue(view_, client, {}, 1);
    reply.body = wire::WaitReply{queue && !queue->empty()};
  } else if (const auto* asked = std::get_if<wire::PullRequest>(&request.body)) {
    reply.body = pull(*asked, client);
  } else if (const auto* fetch = std::get_if<wire::FetchRequest>(&request.body)) {
    const auto message = core::find_message(view_, fetch->reference);
    if (!message || !*message) return wire::error_reply(kind, WireError::not_found, "no such message");
    for (const wire::Chunk& chunk : entries_[(*message)->sequence.value].chunks) {
      if (chunk.section == fetch->section && chunk.index == fetch->chunk) reply.body = wire::FetchReply{chunk.data};
    }
  } else if (const auto* entry = std::get_if<wire::EntryRequest>(&request.body)) {
    if (entry->sequence.value >= entries_.size()) return wire::error_reply(kind, WireError::not_found, "no such entry");
    const Kept& kept = entries_[entry->sequence.value];
    const auto allowed = core::may_read(view_, client, kept.entry, kept.statement, network_.now);
    if (!allowed || !*allowed) return wire::error_reply(kind, WireError::denied, "this is not yours to read");
    reply.body = wire::EntryReply{{log_entry(entry->sequence)}};
  } else if (const auto* prekeys = std::get_if<wire::PrekeysRequest>(&request.body)) {
    const auto member = core::read_member(view_, prekeys->member);
    const bool found = member && *member && (*member)->keys.value != 0 &&
                       entries_[(*member)->keys.value].entry.type == StatementType::prekeys;
    if (!found) return wire::error_reply(kind, WireError::not_found, "this member has no prekey in force");
    reply.body = wire::PrekeysReply{log_entry((*member)->keys)};
  }
  if (const auto* lookup = std::get_if<wire::LookupRequest>(&request.body)) {
    reply.body = wire::LookupReply{core::read_coded(view_, lookup->tag, base::limits::kLookupReferences).value()};
  }
  const auto head = core::read_head(view_);
  BESA_CHECK(head && *head);
  reply.proofs =
      wire::Proofs{note(checkpoint()), consistency(request.checkpoint_size), (*head)->governance, (*head)->now};
  return reply;
}

Bytes FakeBroker::answer(base::ByteView frame, const MemberId& client) {
  const auto request = wire::decode_request(frame);
  BESA_CHECK(request.has_value());
  ++requests_[wire::kind_of(request->body)];
  wire::Reply reply = reply_to(*request, client);
  if (bend) bend(*request, reply);
  auto out = wire::encode_reply(reply);
  BESA_CHECK(out.has_value());
  return std::move(*out);
}

client::Exchange FakeBroker::exchange(const MemberId& client) {
  return [this, client](base::ByteView frame, std::uint32_t) -> Result<Bytes> {
    const auto request = wire::decode_request(frame);
    BESA_CHECK(request.has_value());
    if (lose_request && lose_request(*request)) return fail(ErrorKind::unavailable, "no answer from the broker");
    Bytes reply = answer(frame, client);
    if (lose_reply && lose_reply(*request)) return fail(ErrorKind::unavailable, "no answer from the broker");
    return reply;
  };
}

}  // namespace besa::support
