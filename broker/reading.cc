#include "broker/reading.h"

#include <algorithm>

#include "base/limits.h"
#include "broker/log_entries.h"
#include "core/decide.h"
#include "wire/statement.h"

namespace besa::broker {
namespace {

using base::ByteView;
using base::Result;
using base::Sequence;
using core::StatementType;
using wire::WireError;
namespace limits = base::limits;

constexpr std::size_t kKeyStatementsBack = 64;   // how far prekeys are looked for
constexpr std::size_t kProofsBytes = 16 * 1024;  // checkpoint and consistency proof in a reply
constexpr std::size_t kRoomBytes = limits::kFrameBytes - kProofsBytes;
constexpr std::size_t kRoomTables = limits::kFrameTables - 64;

tl::unexpected<Refusal> not_in_force() { return refuse(WireError::not_member, "this member is not in force"); }
tl::unexpected<Refusal> denied() { return refuse(WireError::denied, "this is not yours to read"); }

Result<core::ParsedStatement> parse_beside(const core::Entry& entry, const core::Beside& beside) {
  const std::vector<ByteView> rows(beside.rows.begin(), beside.rows.end());
  return wire::parse_statement(core::media_type(entry.type), beside.body, beside.blocks, rows, beside.policy);
}

Result<core::Entry> read_entry(const Reading& reading, Sequence sequence) {
  BESA_ASSIGN(const base::Bytes bytes, reading.snapshot.log().entry(sequence));
  return core::decode_entry(bytes);
}

Result<core::ParsedStatement> read_statement(const Reading& reading, const core::Entry& entry) {
  BESA_ASSIGN(const base::Bytes bytes, reading.snapshot.log().beside(entry.sequence));
  BESA_ASSIGN(const core::Beside beside, core::decode_beside(bytes));
  return parse_beside(entry, beside);
}

Result<bool> is_auditor(const Reading& reading, const Caller& caller) {
  if (caller.administrator || !caller.in_force) return false;
  BESA_ASSIGN(const auto appointment, core::read_auditor(reading.snapshot.view(), caller.id));
  return appointment && appointment->from <= reading.now && reading.now < appointment->until;
}

Result<bool> may_read_one(const Reading& reading, const Caller& caller, Sequence sequence) {
  BESA_ASSIGN(const core::Entry entry, read_entry(reading, sequence));
  // Also the tick that ends a recovery: it stands in the chain of governance and names nothing.
  const bool ends_recovery =
      entry.type == StatementType::tick && entry.decision.accepted() && entry.decision.items.empty();
  if (core::counts_as_governance(entry.type) || ends_recovery) return true;
  if (caller.administrator) return false;  // governance, nothing else
  BESA_ASSIGN(const core::ParsedStatement statement, read_statement(reading, entry));
  return core::may_read(reading.snapshot.view(), caller.id, entry, statement, reading.now);
}

Result<wire::EntryReply> run_for_auditor(const Reading& reading, const wire::EntryRequest& request) {
  wire::EntryReply out;
  std::size_t bytes = 0;
  std::size_t tables = 0;
  const std::uint64_t left = reading.published.checkpoint.size.value - request.sequence.value;
  const std::uint64_t count = std::min<std::uint64_t>(request.count, left);
  for (std::uint64_t i = 0; i < count; ++i) {
    BESA_ASSIGN(wire::LogEntry entry, show_entry(reading.snapshot.log(), Sequence{request.sequence.value + i},
                                                 reading.published.checkpoint.size, Shown::with_rows));
    bytes += wire::frame_cost(entry);
    tables += wire::table_cost(entry);
    if (!out.entries.empty() && (bytes > kRoomBytes || tables > kRoomTables)) break;
    out.entries.push_back(std::move(entry));
  }
  return out;
}

// The hashes beside an entry say nothing about anybody: a member may see them of every entry.
Result<wire::EntryReply> prove_one(const Reading& reading, Sequence sequence) {
  wire::EntryReply out;
  out.entries.emplace_back();
  BESA_ASSIGN(out.entries.back().proof,
              reading.snapshot.log().inclusion_proof(sequence, reading.published.checkpoint.size));
  return out;
}

// Is this the member's accepted prekeys statement with one in force?
Result<bool> has_prekey_in_force(const Reading& reading, const core::Entry& entry, const base::MemberId& member) {
  if (entry.type != StatementType::prekeys || !entry.decision.accepted()) return false;
  BESA_ASSIGN(const core::ParsedStatement statement, read_statement(reading, entry));
  const auto* prekeys = std::get_if<core::Prekeys>(&statement.body);
  if (prekeys == nullptr || prekeys->header.author != member) return false;
  return std::any_of(prekeys->keys.begin(), prekeys->keys.end(), [&](const core::Prekey& prekey) {
    return prekey.from <= reading.now && reading.now < prekey.until;
  });
}

}  // namespace

Answered<wire::HelloReply> answer_hello(const Reading& reading, const Caller& caller) {
  if (!caller.in_force) return not_in_force();
  BESA_ASSIGN(const auto network, core::read_network(reading.snapshot.view()));
  if (!network) return refuse(WireError::not_found, "the log has no genesis yet");
  return wire::HelloReply{network->id, caller.id};
}

Answered<wire::FetchReply> answer_fetch(const Reading& reading, const Caller& caller,
                                        const wire::FetchRequest& request) {
  if (!caller.in_force) return not_in_force();
  if (caller.administrator) return denied();
  BESA_ASSIGN(const bool allowed,
              core::may_fetch(reading.snapshot.view(), caller.id, request.reference, request.section, reading.now));
  if (!allowed) return denied();
  BESA_ASSIGN(base::Bytes data, reading.snapshot.ciphertext(request.reference, request.section, request.chunk));
  return wire::FetchReply{std::move(data)};
}

Answered<wire::EntryReply> answer_entry(const Reading& reading, const Caller& caller,
                                        const wire::EntryRequest& request) {
  if (!caller.in_force) return not_in_force();
  if (request.sequence.value >= reading.published.checkpoint.size.value) {
    return refuse(WireError::not_found, "the log has no such entry yet");
  }
  if (request.proof_only) return prove_one(reading, request.sequence);
  BESA_ASSIGN(const bool auditor, is_auditor(reading, caller));
  if (auditor) {
    BESA_ASSIGN(wire::EntryReply run, run_for_auditor(reading, request));
    return run;
  }
  BESA_ASSIGN(const bool allowed, may_read_one(reading, caller, request.sequence));
  if (!allowed) return denied();
  wire::EntryReply out;
  BESA_ASSIGN(wire::LogEntry entry, show_entry(reading.snapshot.log(), request.sequence,
                                               reading.published.checkpoint.size, Shown::without_rows));
  out.entries.push_back(std::move(entry));
  return out;
}

Answered<wire::PrekeysReply> answer_prekeys(const Reading& reading, const Caller& caller,
                                            const wire::PrekeysRequest& request) {
  if (!caller.in_force) return not_in_force();
  if (caller.administrator) return denied();
  const auto none = [] { return refuse(WireError::not_found, "this member has no prekey in force"); };
  BESA_ASSIGN(const auto member, core::read_member(reading.snapshot.view(), request.member));
  if (!member) return none();
  Sequence at = member->keys;
  for (std::size_t i = 0; i < kKeyStatementsBack && at.value != 0; ++i) {
    BESA_ASSIGN(const core::Entry entry, read_entry(reading, at));
    BESA_ASSIGN(const bool fits, has_prekey_in_force(reading, entry, request.member));
    if (fits && at.value < reading.published.checkpoint.size.value) {
      wire::PrekeysReply out;
      BESA_ASSIGN(out.log,
                  show_entry(reading.snapshot.log(), at, reading.published.checkpoint.size, Shown::without_rows));
      return out;
    }
    at = entry.keys_previous;
  }
  return none();
}

Answered<wire::LookupReply> answer_lookup(const Reading& reading, const Caller& caller,
                                          const wire::LookupRequest& request) {
  if (!caller.in_force) return not_in_force();
  if (caller.administrator) return denied();
  BESA_ASSIGN(auto references, core::read_coded(reading.snapshot.view(), request.tag, limits::kLookupReferences));
  return wire::LookupReply{std::move(references)};
}

}  // namespace besa::broker
