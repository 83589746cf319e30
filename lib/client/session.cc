#include "client/session.h"

#include <algorithm>

#include "base/limits.h"
#include "core/merkle.h"
#include "transport/requester.h"

namespace besa::client {

using base::Bytes;
using base::ErrorKind;
using base::fail;
using base::Result;
using base::Status;
namespace limits = base::limits;

// A reply whose checkpoint was verified and kept.
struct Session::Checked {
  wire::Reply reply;
  Bytes frame;
  core::SignedCheckpoint shown;
  core::Checkpoint checkpoint;
};

namespace {

constexpr std::uint32_t kWaitMarginMs = 5'000;  // of a wait, beyond the time that the broker may keep it
constexpr int kOtherTries = 3;

Result<SavedLog> check_saved(const base::NetworkId& network, const SavedLog& saved) {
  if (saved.genesis.empty()) {
    if (!saved.note.empty()) return fail(ErrorKind::configuration, "a checkpoint without the genesis it belongs to");
    return saved;
  }
  const auto identity = identity_from_genesis(network, saved.genesis);
  if (!identity) {
    return fail(ErrorKind::configuration, "the saved state belongs to another network than the configuration names");
  }
  return saved;
}

base::Error answered(const wire::Reply& reply) {
  std::string text = "the broker answered ";
  text.append(wire::name_of(reply.status));
  if (!reply.detail.empty()) text.append(": ").append(reply.detail);
  return {wire::error_kind_of(reply.status), std::move(text)};
}

bool too_far_ahead(base::Timestamp theirs, base::Timestamp ours) { return theirs > ours + limits::kClockAhead; }

}  // namespace

Exchange exchange_over(transport::Requester& requester) {
  return [&requester](base::ByteView frame, std::uint32_t timeout_ms) { return requester.request(frame, timeout_ms); };
}

Result<Session> Session::create(SessionOptions options, const SavedLog& saved) {
  BESA_ASSIGN(const SavedLog fit, check_saved(options.network, saved));
  Session session(std::move(options));
  if (fit.genesis.empty()) return session;
  BESA_ASSIGN(session.identity_, identity_from_genesis(session.options_.network, fit.genesis));
  session.genesis_ = fit.genesis;
  if (fit.note.empty()) return session;
  session.epoch_ = session.identity_->epoch_of(fit.note).value_or(0);
  const auto held =
      core::verify_checkpoint(fit.note, session.identity_->origin(session.epoch_), session.identity_->log_key);
  if (!held) return fail(ErrorKind::configuration, "the saved checkpoint is not one of this network's log");
  session.held_ = *held;
  session.note_ = fit.note;
  return session;
}

tl::unexpected<base::Error> Session::breach(Breach breach, std::string what, const std::string& shown,
                                            const Bytes& frame) {
  evidence_ =
      Evidence{breach, what, options_.now(), earlier_note_.empty() ? note_ : earlier_note_, shown, frame, std::nullopt};
  return fail(ErrorKind::misbehaviour, std::move(what));
}

tl::unexpected<base::Error> Session::accuse(std::string what, const ProvenEntry* shown) {
  evidence_ = Evidence{Breach::entry, what,        options_.now(), earlier_note_.empty() ? note_ : earlier_note_,
                       note_,         last_frame_, std::nullopt};
  if (shown != nullptr) evidence_->entry = shown->log;
  return fail(ErrorKind::misbehaviour, std::move(what));
}

Result<wire::Reply> Session::exchange(const wire::Request& request, std::uint32_t timeout_ms, Bytes& frame) {
  if (evidence_) return fail(ErrorKind::misbehaviour, "stopped: " + evidence_->what);
  BESA_ASSIGN(const Bytes out, wire::encode_request(request));
  BESA_ASSIGN(frame, options_.exchange(out, timeout_ms));
  last_frame_ = frame;
  BESA_ASSIGN(wire::Reply reply, wire::decode_reply(frame));
  retry_after_ms_ = reply.retry_after_ms;
  if (reply.status != wire::WireError::none) return tl::unexpected(answered(reply));
  if (reply.kind != wire::kind_of(request.body)) {
    return fail(ErrorKind::malformed, "the broker answered another request than the one that was sent");
  }
  if (!reply.proofs) return fail(ErrorKind::malformed, "the broker's reply proves nothing");
  return reply;
}

Result<core::SignedCheckpoint> Session::check_note(const wire::Reply& reply, const Bytes& frame) {
  const std::string& note = reply.proofs->checkpoint;
  // At first contact any epoch; then the one that is held. A later one may follow an accepted loss: whoever finds out
  // begins anew with it.
  const std::uint64_t epoch = identity_->epoch_of(note).value_or(epoch_);
  auto next = core::verify_checkpoint(note, identity_->origin(epoch), identity_->log_key);
  if (next && held_ && epoch > epoch_) {
    newer_epoch_ = epoch;
    return fail(ErrorKind::unavailable, "the log goes on in a new epoch after a loss: it has to be verified first");
  }
  if (next && held_ && epoch < epoch_) next = fail(ErrorKind::bad_signature, "an epoch that is over");
  if (!next) return breach(Breach::checkpoint, "the broker shows a checkpoint that this log never signed", note, frame);
  if (too_far_ahead(reply.proofs->now, options_.now())) {
    return breach(Breach::clock,
                  "the broker's time is more than 5 minutes ahead of ours: check this computer's clock first", note,
                  frame);
  }
  return std::move(*next);
}

// From the held checkpoint to the next one; kept before anything else of the reply is used.
Status Session::advance(const core::SignedCheckpoint& next, const wire::Reply& reply, const Bytes& frame) {
  const std::string& note = reply.proofs->checkpoint;
  if (held_) {
    if (const auto growth = core::check_growth(held_->checkpoint, next.checkpoint, reply.proofs->consistency);
        !growth) {
      return breach(Breach::growth, "the broker's log is not a continuation of the one it showed before", note, frame);
    }
  }
  if (reply.proofs->governance.value >= next.checkpoint.size.value) {
    return fail(ErrorKind::malformed, "the broker names a governance entry that is not there");
  }
  governance_ = std::max(governance_, reply.proofs->governance);
  if (held_ && held_->checkpoint == next.checkpoint) return {};
  BESA_TRY(options_.keep(note));
  held_ = next;
  note_ = note;
  epoch_ = identity_->epoch_of(note).value_or(0);
  return {};
}

Result<Session::Checked> Session::ask(wire::RequestBody body, std::uint32_t timeout_ms) {
  if (!identity_) BESA_TRY(meet());
  wire::Request request;
  if (held_) {
    request.checkpoint_size = held_->checkpoint.size;
    request.checkpoint_root = held_->checkpoint.root;
  }
  request.body = std::move(body);
  Checked out;
  BESA_ASSIGN(out.reply, exchange(request, timeout_ms, out.frame));
  BESA_ASSIGN(const core::SignedCheckpoint next, check_note(out.reply, out.frame));
  BESA_TRY(advance(next, out.reply, out.frame));
  out.shown = next;
  out.checkpoint = next.checkpoint;
  return out;
}

// First contact: genesis names the log's key, and the network id is its hash.
Status Session::meet() {
  wire::Request request;
  request.body = wire::EntryRequest{base::Sequence{0}, 1};
  Checked first;
  BESA_ASSIGN(first.reply, exchange(request, options_.timeout_ms, first.frame));
  const auto* reply = std::get_if<wire::EntryReply>(&first.reply.body);
  if (reply == nullptr || reply->entries.size() != 1) {
    return fail(ErrorKind::malformed, "the broker does not show the genesis of its log");
  }
  const auto identity = identity_from_genesis(options_.network, reply->entries[0].body);
  if (!identity) return tl::unexpected(identity.error());
  identity_ = *identity;
  const auto checked = [&]() -> Status {
    BESA_ASSIGN(const core::SignedCheckpoint next, check_note(first.reply, first.frame));
    BESA_TRY(advance(next, first.reply, first.frame));
    first.shown = next;
    first.checkpoint = next.checkpoint;
    BESA_ASSIGN(const ProvenEntry genesis, checked_entry(reply->entries[0], first));
    if (genesis.entry.sequence.value == 0) return {};
    return breach(Breach::receipt, "the broker shows the genesis at another place than the first", note_, first.frame);
  }();
  if (!checked) {
    identity_.reset();
    return checked;
  }
  genesis_ = reply->entries[0].body;
  return {};
}

Result<ProvenEntry> Session::checked_entry(const wire::LogEntry& log, const Checked& checked) {
  auto proven = prove(log, checked.shown);
  const std::string& note = checked.reply.proofs->checkpoint;
  if (!proven)
    return breach(Breach::inclusion, "the broker shows an entry that is not in its log", note, checked.frame);
  if (!check_beside(*proven)) {
    return breach(Breach::beside, "the broker shows an entry with a body or signatures of another", note,
                  checked.frame);
  }
  if (too_far_ahead(proven->entry.now, options_.now())) {
    return breach(Breach::clock, "an entry's time is more than 5 minutes ahead of ours: check this computer's clock",
                  note, checked.frame);
  }
  governance_ = std::max(governance_, proven->entry.governance_previous);
  return std::move(*proven);
}

Status Session::hello() {
  if (!identity_) BESA_TRY(meet());
  BESA_ASSIGN(const Checked checked, ask(wire::HelloRequest{note_}, options_.timeout_ms));
  const auto* reply = std::get_if<wire::HelloReply>(&checked.reply.body);
  if (reply == nullptr) return fail(ErrorKind::malformed, "the broker's hello says nothing");
  if (reply->network != options_.network) return fail(ErrorKind::denied, "the broker serves another network");
  if (!options_.self.is_none() && reply->member != options_.self) {
    return fail(ErrorKind::denied, "the broker takes this transport key for another member's");
  }
  return {};
}

// An entry about exactly this statement, decided within five minutes of our clock unless it was sent before.
Result<SubmitAnswer> Session::checked_receipt(const Submission& submission, const wire::Receipt& receipt,
                                              const Checked& checked, base::Timestamp sent) {
  SubmitAnswer answer;
  answer.error = receipt.status;
  answer.detail = receipt.detail;
  if (receipt.status != wire::WireError::none) return answer;
  const wire::StatementParts& parts = submission.parts;
  wire::LogEntry log;
  log.entry = receipt.entry;
  log.proof = receipt.proof;
  log.body = parts.body;
  log.blocks = parts.blocks;
  log.rows = parts.rows;
  log.policy = parts.policy;
  const std::string& note = checked.reply.proofs->checkpoint;
  auto proven = prove(log, checked.shown);
  if (!proven) return breach(Breach::inclusion, "a receipt's entry is not in the log", note, checked.frame);
  // Governance may have been brought by another administrator, with other signatures under it.
  const bool governance = core::is_governance(proven->entry.type);
  const bool same = governance ? core::statement_id(proven->entry.type, parts.body) == proven->entry.id
                               : check_beside(*proven).has_value();
  const bool ours_to_bring = governance || options_.self.is_none() || proven->entry.submitter == options_.self;
  if (core::media_type(proven->entry.type) != parts.type || !same || !ours_to_bring) {
    return breach(Breach::receipt, "a receipt is about another statement than the one that was sent", note,
                  checked.frame);
  }
  // Late is what was decided long before it was sent; a computer that slept meanwhile proves nothing.
  const bool late = !submission.repeated && sent > proven->entry.now + limits::kClockAhead;
  if (late || too_far_ahead(proven->entry.now, options_.now())) {
    return breach(Breach::clock, "a receipt's time is more than 5 minutes from ours: check this computer's clock first",
                  note, checked.frame);
  }
  governance_ = std::max(governance_, proven->entry.governance_previous);
  answer.entry = std::move(*proven);
  return answer;
}

Result<std::vector<SubmitAnswer>> Session::submit(const std::vector<Submission>& statements) {
  wire::SubmitRequest request;
  request.statements.reserve(statements.size());
  for (const Submission& submission : statements) {
    request.statements.push_back(submission.parts);
    if (submission.lost) request.lost.push_back(*submission.lost);
  }
  const base::Timestamp sent = options_.now();
  BESA_ASSIGN(const Checked checked, ask(std::move(request), options_.timeout_ms));
  const auto* reply = std::get_if<wire::SubmitReply>(&checked.reply.body);
  if (reply == nullptr || reply->receipts.size() != statements.size()) {
    return fail(ErrorKind::malformed, "the broker gave not one receipt for each statement");
  }
  std::vector<SubmitAnswer> answers;
  answers.reserve(statements.size());
  for (std::size_t i = 0; i < statements.size(); ++i) {
    BESA_ASSIGN(SubmitAnswer answer, checked_receipt(statements[i], reply->receipts[i], checked, sent));
    answers.push_back(std::move(answer));
  }
  return answers;
}

Result<bool> Session::wait(std::uint32_t timeout_ms) {
  BESA_ASSIGN(const Checked checked, ask(wire::WaitRequest{timeout_ms}, timeout_ms + kWaitMarginMs));
  const auto* reply = std::get_if<wire::WaitReply>(&checked.reply.body);
  if (reply == nullptr) return fail(ErrorKind::malformed, "the broker's answer to a wait says nothing");
  return reply->queued;
}

Result<Pulled> Session::pull(std::uint16_t limit, base::Sequence notices_since) {
  BESA_ASSIGN(Checked checked, ask(wire::PullRequest{limit, notices_since}, options_.timeout_ms));
  auto* reply = std::get_if<wire::PullReply>(&checked.reply.body);
  if (reply == nullptr) return fail(ErrorKind::malformed, "the broker's answer to a pull says nothing");
  if (reply->messages.size() > limit) return fail(ErrorKind::malformed, "the broker hands out more than was asked for");
  for (const wire::Notice& notice : reply->notices) {
    const bool there = notice.sequence > notices_since && notice.sequence.value < checked.checkpoint.size.value;
    if (!there) return fail(ErrorKind::malformed, "the broker gives notice of an entry that is not there");
  }
  Pulled out;
  out.messages.reserve(reply->messages.size());
  for (wire::PulledMessage& message : reply->messages) {
    BESA_ASSIGN(ProvenEntry proven, checked_entry(message.log, checked));
    if (proven.entry.type != core::StatementType::envelope || !proven.entry.decision.accepted() ||
        proven.log.body.empty()) {
      return breach(Breach::receipt, "the broker hands out what is no accepted message",
                    checked.reply.proofs->checkpoint, checked.frame);
    }
    out.messages.push_back({std::move(proven), std::move(message.chunks)});
  }
  out.notices = std::move(reply->notices);
  out.more = reply->more;
  return out;
}

Result<Bytes> Session::fetch(const base::Reference& message, std::uint16_t section, std::uint32_t chunk) {
  BESA_ASSIGN(Checked checked, ask(wire::FetchRequest{message, section, chunk}, options_.timeout_ms));
  auto* reply = std::get_if<wire::FetchReply>(&checked.reply.body);
  if (reply == nullptr) return fail(ErrorKind::malformed, "the broker's answer to a fetch says nothing");
  return std::move(reply->data);
}

Result<std::vector<ProvenEntry>> Session::entries(base::Sequence first, std::uint32_t count) {
  BESA_ASSIGN(const Checked checked, ask(wire::EntryRequest{first, count}, options_.timeout_ms));
  const auto* reply = std::get_if<wire::EntryReply>(&checked.reply.body);
  if (reply == nullptr || reply->entries.size() > count) {
    return fail(ErrorKind::malformed, "the broker's answer has not the entries that were asked for");
  }
  std::vector<ProvenEntry> out;
  out.reserve(reply->entries.size());
  for (const wire::LogEntry& log : reply->entries) {
    BESA_ASSIGN(ProvenEntry proven, checked_entry(log, checked));
    if (proven.entry.sequence.value != first.value + out.size()) {
      return breach(Breach::receipt, "the broker shows another entry than the one that was asked for",
                    checked.reply.proofs->checkpoint, checked.frame);
    }
    out.push_back(std::move(proven));
  }
  return out;
}

Result<ProvenEntry> Session::entry(base::Sequence sequence) {
  BESA_ASSIGN(std::vector<ProvenEntry> found, entries(sequence, 1));
  if (found.empty()) return fail(ErrorKind::not_found, "the broker does not show this entry");
  return std::move(found[0]);
}

Result<ProvenEntry> Session::prekeys(const base::MemberId& member) {
  BESA_ASSIGN(const Checked checked, ask(wire::PrekeysRequest{member}, options_.timeout_ms));
  const auto* reply = std::get_if<wire::PrekeysReply>(&checked.reply.body);
  if (reply == nullptr) return fail(ErrorKind::malformed, "the broker's answer has no prekeys");
  BESA_ASSIGN(ProvenEntry proven, checked_entry(reply->log, checked));
  const auto statement = parse(proven);
  const auto* body = statement ? std::get_if<core::Prekeys>(&statement->body) : nullptr;
  if (body == nullptr || body->header.author != member || !proven.entry.decision.accepted()) {
    return breach(Breach::receipt, "the broker shows something else than the prekeys that were asked for",
                  checked.reply.proofs->checkpoint, checked.frame);
  }
  return proven;
}

Result<std::vector<base::Reference>> Session::lookup(const base::LookupTag& tag) {
  BESA_ASSIGN(const Checked checked, ask(wire::LookupRequest{tag}, options_.timeout_ms));
  const auto* reply = std::get_if<wire::LookupReply>(&checked.reply.body);
  if (reply == nullptr) return fail(ErrorKind::malformed, "the broker's answer to a lookup says nothing");
  return reply->references;
}

Status Session::check_beginning(base::TreeSize size, const base::Digest& root) {
  if (!held_) BESA_TRY(hello());
  wire::Request request;
  request.checkpoint_size = size;
  request.checkpoint_root = root;
  request.body = wire::HelloRequest{};
  Bytes frame;
  BESA_ASSIGN(const wire::Reply reply, exchange(request, options_.timeout_ms, frame));
  BESA_ASSIGN(const core::SignedCheckpoint next, check_note(reply, frame));
  const core::Checkpoint beginning{next.checkpoint.origin, size, root};
  if (core::check_growth(beginning, next.checkpoint, reply.proofs->consistency)) return {};
  return breach(Breach::growth, "the log does not begin with what it is said to have kept", reply.proofs->checkpoint,
                frame);
}

Status Session::check_holds(base::Sequence sequence, base::ByteView entry) {
  BESA_ASSIGN(const Checked checked, ask(wire::EntryRequest{sequence, 1, true}, options_.timeout_ms));
  const auto* reply = std::get_if<wire::EntryReply>(&checked.reply.body);
  if (reply == nullptr || reply->entries.size() != 1) {
    return fail(ErrorKind::malformed, "the broker's answer has not the proof that was asked for");
  }
  const auto included = core::verify_inclusion(core::leaf_hash(entry), sequence.value, checked.checkpoint.size,
                                               reply->entries[0].proof, checked.checkpoint.root);
  if (included) return {};
  return breach(Breach::inclusion, "an entry that this node has a receipt for is not where it was",
                checked.reply.proofs->checkpoint, checked.frame);
}

Status Session::check_other(const core::SignedCheckpoint& other, const std::optional<core::LossRecord>& loss) {
  BESA_ASSIGN(const core::Origin origin, core::parse_origin(other.checkpoint.origin));
  if (origin.epoch > epoch_) return fail(ErrorKind::not_found, "it is of an epoch that this node does not know yet");
  const auto kept = core::kept_of(loss, origin.epoch);
  if (kept && other.checkpoint.size > *kept) return {};
  for (int attempt = 0; attempt < kOtherTries; ++attempt) {
    BESA_TRY(hello());
    if (!held_ || other.checkpoint.size > held_->checkpoint.size) {
      return fail(ErrorKind::not_found, "the broker's log does not reach that far yet");
    }
    const std::string note = core::note_from(other.checkpoint, identity_->log_key, other.signature);
    wire::Request request;
    request.checkpoint_size = other.checkpoint.size;
    request.checkpoint_root = other.checkpoint.root;
    request.body = wire::HelloRequest{note};
    Bytes frame;
    BESA_ASSIGN(const wire::Reply reply, exchange(request, options_.timeout_ms, frame));
    BESA_ASSIGN(const core::SignedCheckpoint next, check_note(reply, frame));
    const core::Checkpoint beginning{next.checkpoint.origin, other.checkpoint.size, other.checkpoint.root};
    if (!core::check_growth(beginning, next.checkpoint, reply.proofs->consistency)) {
      return breach(Breach::growth, "another member was shown another history of this log", note, frame);
    }
    if (next.checkpoint.size < held_->checkpoint.size ||
        (next.checkpoint.size == held_->checkpoint.size && next.checkpoint.root != held_->checkpoint.root)) {
      return breach(Breach::growth, "the broker shows two histories of its log", reply.proofs->checkpoint, frame);
    }
    if (next.checkpoint == held_->checkpoint) return {};
  }
  return fail(ErrorKind::not_found, "the log grows too fast to compare: tried again later");
}

}  // namespace besa::client
