#include "agents/node/intake.h"
#include "agents/node/crossing.h"
#include "agents/node/withdrawing.h"

#include <algorithm>
#include <set>

#include "agents/node/statement_maker.h"
#include "base/fail_point.h"
#include "base/limits.h"
#include "client/governance.h"
#include "core/statement.h"
#include "wire/chunks.h"
#include "wire/content.h"

namespace besa::node {

using base::ErrorKind;
using base::Reference;

struct Intake::Arrived {
  client::ProvenEntry proven;
  std::optional<core::ParsedStatement> statement;  // none: it does not even parse
  std::vector<wire::Chunk> chunks;
  bool missing = false;  // the broker did not give all chunks
};

namespace {

constexpr base::Duration kPartsOwed = base::minutes(10);
constexpr base::Duration kAcknowledgeAgain = base::hours(1);  // what was refused, if the message still comes

const core::Envelope* envelope_of(const std::optional<core::ParsedStatement>& statement) {
  return statement ? std::get_if<core::Envelope>(&statement->body) : nullptr;
}

template <class Id>
std::string hex_of_id(const Id& id) {
  return base::to_hex(id.view());
}

InboxMessage header_of(const client::ProvenEntry& proven, const core::ParsedStatement& statement,
                       const core::Envelope& envelope) {
  const core::Context& context = envelope.context;
  InboxMessage out;
  out.sequence = proven.entry.sequence;
  out.reference = core::reference_of(statement);
  out.thread = context.thread.is_none() ? out.reference : context.thread;
  out.reply_to = context.reply_to;
  out.decided = proven.entry.now;
  out.expires = context.expires;
  out.kind = context.kind;
  out.purpose = context.purpose;
  out.priority = context.priority;
  out.person_class = context.person_class;
  out.sets = context.sets;
  out.break_glass = context.break_glass;
  for (std::size_t i = 0; i < envelope.sections.size(); ++i) {
    const core::Section& section = envelope.sections[i];
    out.sections.push_back({static_cast<std::uint16_t>(i), section.category, section.form, section.grant, section.basis,
                            section.handling});
  }
  return out;
}

// The key that the log gives for the sender at this message's place; zeros if it gives none.
base::PublicKey sender_key(const client::KeyHistory& keys, const core::Context& context, const core::Entry& entry) {
  const auto known = keys.in_force(context.sender_key, entry);
  const bool fits = known && known->role == core::KeyRole::member && known->holder == context.sender;
  return fits ? known->key : base::PublicKey{};
}

// The content as JSON for people; of an attachment only its name and type.
std::string shown_content(const envelope::OpenedSection& section) {
  if (section.form == core::Form::record) {
    return wire::content_to_json(section.category, section.content).value_or("{}");
  }
  return base::to_hex(section.content);
}

}  // namespace

// The chunks of sections granted now that did not fit into the pull.
Result<Intake::Arrived> Intake::fetch_missing(client::Session& session, client::PulledEnvelope pulled) {
  Arrived out;
  out.proven = std::move(pulled.proven);
  out.chunks = std::move(pulled.chunks);
  auto statement = client::parse(out.proven);
  if (!statement) return out;
  out.statement = std::move(*statement);
  const core::Envelope* envelope = envelope_of(out.statement);
  if (envelope == nullptr || envelope->context.recipient != node_.self) return out;
  std::set<std::pair<std::uint16_t, std::uint32_t>> have;
  for (const wire::Chunk& chunk : out.chunks) have.insert({chunk.section, chunk.index});
  for (std::size_t i = 0; i < envelope->sections.size(); ++i) {
    const auto index = static_cast<std::uint16_t>(i);
    if (envelope->sections[i].grant != core::Grant::now) continue;
    const std::uint32_t count = wire::chunk_count(envelope->sections[i].padded_length);
    for (std::uint32_t chunk = 0; chunk < count; ++chunk) {
      if (have.contains({index, chunk})) continue;
      auto data = session.fetch(core::reference_of(*out.statement), index, chunk);
      if (!data && data.error().kind != ErrorKind::not_found && data.error().kind != ErrorKind::denied) {
        return tl::unexpected(data.error());
      }
      if (!data) {
        out.missing = true;
        return out;
      }
      out.chunks.push_back({index, chunk, std::move(*data)});
    }
  }
  return out;
}

Status Intake::misdelivered(const client::ProvenEntry& proven) {
  const std::string key = hex_of_id(proven.entry.id);
  node_.raise("misdelivered", key,
              "The broker handed this node a message that is not for it. Nothing of it was stored.",
              "besa evidence v1\nbreach: misdelivered\nentry: " + base::to_hex(proven.log.entry) +
                  "\nbody: " + base::to_hex(proven.log.body) + "\nblocks: " + base::to_hex(proven.log.blocks) + "\n");
  return {};
}

// A message whose parts the broker does not give: asked for again, since nobody but the broker is at fault. The lock is
// held.
Status Intake::watch_parts(const Arrived& arrived) {
  const auto since = incomplete_.emplace(arrived.proven.entry.id, node_.now()).first->second;
  if (since + kPartsOwed < node_.now()) {
    node_.raise("incomplete", hex_of_id(arrived.proven.entry.id),
                "The broker hands out a message but keeps back a part of it. This node goes on asking for it.");
  }
  return {};
}

// The number under which this message is stored already: another than its entry's if a lost log had handed it out.
std::optional<base::Sequence> Intake::number_here(const Arrived& arrived) const {
  const auto& inbox = node_.inbox();
  if (inbox.contains(arrived.proven.entry.sequence)) return arrived.proven.entry.sequence;
  if (inbox.empty() || !is_lost_number(inbox.rbegin()->first.value) || !arrived.statement) return std::nullopt;
  const Reference reference = core::reference_of(*arrived.statement);
  for (auto at = inbox.lower_bound(base::Sequence{kLostNumbers}); at != inbox.end(); ++at) {
    if (at->second.reference == reference) return at->first;
  }
  return std::nullopt;
}

// One message, verified in the stated order. The lock is held.
Status Intake::take_message(client::Session& session, const Arrived& arrived) {
  const core::Envelope* envelope = envelope_of(arrived.statement);
  if (envelope == nullptr) {
    node_.raise("unreadable", hex_of_id(arrived.proven.entry.id),
                "The broker handed this node a message whose form is wrong.");
    return {};
  }
  if (envelope->context.recipient != node_.self) return misdelivered(arrived.proven);
  if (number_here(arrived)) return {};
  if (arrived.missing) return watch_parts(arrived);
  if (incomplete_.erase(arrived.proven.entry.id) != 0) {
    node_.end_alarm("incomplete", hex_of_id(arrived.proven.entry.id));
  }
  InboxMessage message = header_of(arrived.proven, *arrived.statement, *envelope);
  envelope::OpenInput input;
  input.body = arrived.proven.log.body;
  input.blocks = arrived.proven.log.blocks;
  input.network = node_.config.network;
  input.self = node_.self;
  input.sender_key = sender_key(node_.key_history, envelope->context, arrived.proven.entry);
  input.chunks = arrived.chunks;
  input.prekeys = [this](const base::KeyId& id) { return node_.prekeys.find(id); };
  const auto opened = envelope::open(input);
  if (!opened) return store_unreadable(session, arrived, std::move(message), opened.error());
  return store_opened(session, arrived, message, *opened);
}

// The message, its place in the inbox and what its gossip says go to the disk together: after a crash it is either all
// there or asked for again.
Status Intake::store(client::Session& session, const Arrived& arrived, const InboxMessage& message,
                     const std::optional<envelope::Gossip>& gossip, Store::Batch more) {
  const base::MemberId& sender = message.reference.author;
  BESA_ASSIGN(const PairWatch before, watch_of(sender));
  PairWatch after = before;
  if (gossip) {
    after.hear(*gossip, message.sequence);
    more.put(Box::senders, sender.view(), after.encode());
  }
  if (gossip && gossip->size.value != 0) {
    const Bytes key = base::ByteWriter().raw(sender).u64(gossip->size.value).take();
    const Bytes value = base::ByteWriter().time(node_.now()).raw(gossip->root).raw(gossip->log_signature).take();
    more.put(Box::gossip, key, value);
  }
  const Status taken = node_.take_message(arrived.proven, *arrived.statement, message, std::move(more));
  if (!taken && taken.error().kind == ErrorKind::misbehaviour) {
    return session.accuse(taken.error().message, &arrived.proven);
  }
  BESA_FAIL_POINT("message_stored");
  if (taken) raise_gaps(sender, before, after);
  return taken;
}

Status Intake::store_opened(client::Session& session, const Arrived& arrived, const InboxMessage& message,
                            const envelope::OpenedMessage& opened) {
  std::vector<StoredSection> content;
  for (const envelope::OpenedSection& section : opened.opened) {
    content.push_back({section.index, section.category, shown_content(section), base::to_bytes(section.cek.view())});
  }
  Store::Batch batch;
  batch.put(Box::content, number_key(message.sequence.value), encode_content(content));
  BESA_TRY(store(session, arrived, message, opened.gossip, std::move(batch)));
  node_.log().info("message_stored", {{"sequence", message.sequence}, {"sender", message.reference.author}});
  return {};
}

Status Intake::store_unreadable(client::Session& session, const Arrived& arrived, InboxMessage message,
                                const envelope::Unopened& reason) {
  message.unreadable = reason.reason;
  message.detail = reason.detail;
  BESA_TRY(store(session, arrived, message, reason.gossip, {}));
  node_.log().warning("message_unreadable", {{"sequence", message.sequence},
                                             {"sender", message.reference.author},
                                             {"reason", core::number_of(reason.reason)}});
  return {};
}

// One `received` a sender, one `unreadable` a message. Durable drafts: made again after a crash by `owed`.
Status Intake::acknowledge(const std::vector<base::Sequence>& messages) {
  std::map<base::MemberId, std::vector<Reference>> received;
  std::vector<Draft> drafts;
  for (const base::Sequence sequence : messages) {
    const InboxMessage& message = node_.inbox().at(sequence);
    if (message.unreadable == core::Unreadable::none) {
      received[message.reference.author].push_back(message.reference);
      continue;
    }
    Draft draft;
    draft.type = core::StatementType::unreadable;
    draft.messages = {message.reference};
    draft.reason = message.unreadable;
    drafts.push_back(std::move(draft));
  }
  for (auto& [sender, references] : received) {
    for (std::size_t at = 0; at < references.size(); at += base::limits::kReferencesPerStatement) {
      const std::size_t end = std::min(references.size(), at + base::limits::kReferencesPerStatement);
      Draft draft;
      draft.type = core::StatementType::received;
      draft.messages.assign(references.begin() + static_cast<std::ptrdiff_t>(at),
                            references.begin() + static_cast<std::ptrdiff_t>(end));
      drafts.push_back(std::move(draft));
    }
  }
  if (drafts.empty()) return {};
  const auto added = node_.add(std::move(drafts));
  if (!added) return tl::unexpected(added.error());
  return {};
}

namespace {

// Messages that are stored and that no draft acknowledges yet: after a crash between the two, these are made now.
// And those that come again (`again`) although an acknowledgement was made, if that was refused some time ago.
std::vector<base::Sequence> owed_acknowledgements(const Node& node, const std::set<base::Sequence>& again) {
  std::set<Reference> named;
  std::set<Reference> in_vain;
  for (const auto& [number, draft] : node.drafts()) {
    if (draft.type != core::StatementType::received && draft.type != core::StatementType::unreadable) continue;
    const bool lost = draft.state == DraftState::refused || draft.state == DraftState::failed;
    std::set<Reference>& into = lost && draft.made + kAcknowledgeAgain <= node.now() ? in_vain : named;
    into.insert(draft.messages.begin(), draft.messages.end());
  }
  std::vector<base::Sequence> out;
  for (const auto& [sequence, message] : node.inbox()) {
    if (named.contains(message.reference)) continue;
    if (!in_vain.contains(message.reference) || again.contains(sequence)) out.push_back(sequence);
  }
  return out;
}

}  // namespace

// --- Notices --------------------------------------------------------------------------------------------------------

// An entry of somebody else about a message of ours: signed by its recipient, or written by the broker.
Status Intake::take_notice_entry(client::Session& session, const client::ProvenEntry& proven) {
  BESA_ASSIGN(const core::ParsedStatement statement, client::parse(proven));
  if (!core::is_broker(proven.entry.type) && !check_signatures(node_.view, node_.key_history, proven, statement)) {
    return session.accuse("the broker shows a report that its author never signed", &proven);
  }
  // With the entry, or never: once it is in the store, the notice is not looked at again.
  const bool withheld = proven.entry.type == core::StatementType::withhold && proven.entry.decision.accepted();
  const Status taken = node_.take(proven, statement, withheld ? voided_by(statement) : Store::Batch{});
  if (!taken && taken.error().kind == ErrorKind::misbehaviour) return session.accuse(taken.error().message, &proven);
  return taken;
}

// Withheld messages are void for the pair counters that the recipient watches. Only an entry of the log says so: a
// notice alone would let the broker hide a message that it dropped.
Store::Batch Intake::voided_by(const core::ParsedStatement& withhold) const {
  Store::Batch batch;
  const auto* body = std::get_if<core::HandOut>(&withhold.body);
  if (body == nullptr) return batch;
  for (const auto& [number, draft] : node_.drafts()) {
    const Reference reference{node_.self, draft.counter, draft.id};
    const bool named =
        draft.pair != 0 && std::find(body->messages.begin(), body->messages.end(), reference) != body->messages.end();
    if (named) put_pair(batch, draft.to, draft.pair, PairFate::voided);
  }
  return batch;
}

// And expired ones, by the own clock and the statement itself: ticks are shown to auditors only.
Status Intake::void_expired() {
  Store::Batch batch;
  for (const auto& [number, draft] : node_.drafts()) {
    if (draft.state != DraftState::accepted || draft.pair == 0) continue;
    const Reference reference{node_.self, draft.counter, draft.id};
    BESA_ASSIGN(const auto message, core::find_message(node_.view, reference));
    const bool travels =
        message && (message->state == core::MessageState::queued || message->state == core::MessageState::handed_out ||
                    message->state == core::MessageState::withheld);
    if (!travels || node_.now() < message->expires) continue;
    BESA_TRY(node_.ledger.mark(reference, core::MessageState::expired));
    put_pair(batch, draft.to, draft.pair, PairFate::voided);
  }
  return node_.store().commit(batch);
}

// A notice proves nothing: it is a reason to ask for the entry.
Status Intake::take_notice(client::Session& session, const wire::Notice& notice) {
  {
    const std::lock_guard lock(node_.mutex);
    BESA_ASSIGN(const auto known, node_.store().get(Box::log, number_key(notice.sequence.value)));
    if (known) return {};
    BESA_TRY(hear_of_withdrawal(node_, notice));
    BESA_FAIL_POINT("notice_heard");
  }
  auto proven = session.entry(notice.sequence);
  if (!proven) {
    const ErrorKind kind = proven.error().kind;
    const bool not_ours = kind == ErrorKind::not_found || kind == ErrorKind::denied;
    return not_ours ? Status{} : tl::unexpected(proven.error());
  }
  if (core::counts_as_governance(proven->entry.type)) return {};
  const std::lock_guard lock(node_.mutex);
  const Status taken = take_notice_entry(session, *proven);
  if (!taken && taken.error().kind == ErrorKind::unsupported) return {};
  return taken;
}

bool Intake::governance_is_behind(const client::Session& session) const {
  const auto head = core::read_head(node_.view);
  return !head || !*head || (*head)->governance < session.governance();
}

Result<bool> Intake::run(client::Session& session) {
  base::Sequence since;
  {
    const std::lock_guard lock(node_.mutex);
    since = node_.notices_since();
  }
  BESA_ASSIGN(client::Pulled pulled, session.pull(base::limits::kMessagesPerPull, since));
  if (!pulled.messages.empty()) BESA_FAIL_POINT("mail_pulled");
  // What came was decided under governance that is not known here yet: first that, then the same mail again.
  if (governance_is_behind(session)) return true;
  // Notices first: what they report happened before, as a rule, and the view then knows it.
  base::Sequence newest = since;
  for (const wire::Notice& notice : pulled.notices) {
    newest = std::max(newest, notice.sequence);
    BESA_TRY(take_notice(session, notice));
    BESA_FAIL_POINT("notice_taken");
  }
  std::set<base::Sequence> came;
  for (client::PulledEnvelope& message : pulled.messages) {
    BESA_ASSIGN(const Arrived arrived, fetch_missing(session, std::move(message)));
    const std::lock_guard lock(node_.mutex);
    BESA_TRY(take_message(session, arrived));
    came.insert(number_here(arrived).value_or(arrived.proven.entry.sequence));
  }
  const std::lock_guard lock(node_.mutex);
  if (!came.empty()) BESA_FAIL_POINT("mail_stored");
  BESA_TRY(acknowledge(owed_acknowledgements(node_, came)));
  if (!came.empty()) BESA_FAIL_POINT("mail_acknowledged");
  BESA_TRY(void_expired());
  Store::Batch batch;
  node_.set_notices_since(newest, batch);
  BESA_TRY(node_.store().commit(batch));
  BESA_FAIL_POINT("notices_kept");
  return pulled.more;
}

}  // namespace besa::node
