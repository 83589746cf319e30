#include "agents/node/node.h"

#include "base/fail_point.h"
#include "base/limits.h"
#include "client/governance.h"
#include "program/file.h"
#include "wire/statement.h"

namespace besa::node {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::size_t kPage = 512;  // rows read at once
constexpr std::uint64_t kMicrosecondsPerMs = 1000;
constexpr base::Duration kCounterAhead = base::minutes(4);  // below what a broker allows
static_assert(kCounterAhead < base::limits::kClockAhead);

base::ByteView meta(std::string_view name) { return base::as_bytes(name); }

Result<core::ParsedStatement> parse_kept(const client::ProvenEntry& proven) {
  const wire::LogEntry& log = proven.log;
  if (log.rows.empty()) return client::parse(proven);
  const std::vector<base::ByteView> rows(log.rows.begin(), log.rows.end());
  return wire::parse_statement(core::media_type(proven.entry.type), log.body, log.blocks, rows, log.policy);
}

// Calls `each` with every row of a box, in key order.
template <class Each>
Status for_all(const Store& store, Box box, Each each) {
  Bytes from;
  while (true) {
    BESA_ASSIGN(const std::vector<kv::Row> rows, store.scan(box, {}, from, kPage));
    for (const kv::Row& row : rows) BESA_TRY(each(row));
    if (rows.size() < kPage) return {};
    from = rows.back().key;
    from.push_back(0);
  }
}

}  // namespace

Node::Node(const NodeConfig& chosen, NodeKeys keys, Surroundings world, PrekeyBox box)
    : config(chosen),
      self(keys.member),
      signing_id(core::member_key_id(keys.member, keys.signing.public_key())),
      ledger(view, keys.member),
      prekeys(std::move(box)),
      keys_(std::move(keys)),
      world_(std::move(world)) {}

Result<std::unique_ptr<Node>> Node::open(const NodeConfig& config, NodeKeys keys, Surroundings world) {
  BESA_TRY(program::make_directory(config.state));
  BESA_ASSIGN(auto store, Store::open(config.state + "/store", std::move(keys.storage)));
  BESA_ASSIGN(PrekeyBox box, PrekeyBox::open(config.state + "/prekeys", store->key(), keys.member));
  std::unique_ptr<Node> node(new Node(config, std::move(keys), std::move(world), std::move(box)));
  node->store_ = std::move(store);
  BESA_TRY(node->load());
  BESA_TRY(node->replay());
  return node;
}

Status Node::load() {
  BESA_ASSIGN(const auto network, store_->get(Box::meta, meta("network")));
  if (network && !base::equal(*network, config.network.view())) {
    return fail(ErrorKind::configuration, "the state folder belongs to another network than the configuration names");
  }
  if (!network) {
    Store::Batch batch;
    batch.put(Box::meta, meta("network"), config.network.view());
    BESA_TRY(store_->commit(batch));
  }
  BESA_ASSIGN(const auto counter, store_->get(Box::meta, meta("counter")));
  if (counter) last_counter_.value = number_of_key(*counter);
  BESA_ASSIGN(const auto since, store_->get(Box::meta, meta("notices_since")));
  if (since) notices_since_.value = number_of_key(*since);
  BESA_ASSIGN(const auto stopped, store_->get(Box::meta, meta("stopped")));
  if (stopped) stopped_ = base::as_text(*stopped);
  BESA_TRY(for_all(*store_, Box::drafts, [&](const kv::Row& row) -> Status {
    BESA_ASSIGN(Draft draft, decode_draft(row.value));
    next_draft_ = draft.number + 1;
    drafts_[draft.number] = std::move(draft);
    return {};
  }));
  BESA_TRY(for_all(*store_, Box::inbox, [&](const kv::Row& row) -> Status {
    BESA_ASSIGN(InboxMessage message, decode_inbox(row.value));
    inbox_[message.sequence] = std::move(message);
    return {};
  }));
  return for_all(*store_, Box::alarms, [&](const kv::Row& row) -> Status {
    BESA_ASSIGN(Alarm alarm, decode_alarm(row.value));
    next_alarm_ = alarm.number + 1;
    alarms_[alarm.number] = std::move(alarm);
    return {};
  });
}

Status Node::begin_epoch(const std::string& note, base::TreeSize kept, Store::Batch batch) {
  batch.put(Box::meta, meta("checkpoint"), base::as_bytes(note));
  const base::Sequence since{std::min(notices_since_.value, kept.value - 1)};
  batch.put(Box::meta, meta("notices_since"), number_key(since.value));
  BESA_TRY(store_->commit(batch));
  drafts_.clear();
  inbox_.clear();
  alarms_.clear();
  view = core::MemoryView();
  key_history = client::KeyHistory();
  ledger.forget();
  BESA_TRY(load());
  return replay();
}

Status Node::replay() {
  return for_all(*store_, Box::log, [&](const kv::Row& row) -> Status {
    BESA_ASSIGN(client::ProvenEntry proven, decode_proven(row.value));
    proven.entry.sequence.value = number_of_key(row.key);  // another one where the log lost it (crossing.h)
    BESA_ASSIGN(const core::ParsedStatement statement, parse_kept(proven));
    return take_meaning(proven, statement);
  });
}

Status Node::apply_governance(base::Sequence at, const std::vector<core::Change>& changes) {
  BESA_TRY(view.apply(changes));
  return key_history.follow(view, at, changes);
}

Status Node::take_meaning(const client::ProvenEntry& proven, const core::ParsedStatement& statement) {
  if (client::is_chained(proven.entry)) {
    BESA_ASSIGN(const std::vector<core::Change> changes, decide_governance(view, proven));
    return apply_governance(proven.entry.sequence, changes);
  }
  BESA_TRY(ledger.apply(proven.entry, statement));
  const auto* envelope = std::get_if<core::Envelope>(&statement.body);
  if (envelope == nullptr || envelope->context.recipient != self) return {};
  return ledger.mark(core::reference_of(statement), core::MessageState::handed_out);
}

Status Node::take(const client::ProvenEntry& proven, const core::ParsedStatement& statement, Store::Batch more) {
  more.put(Box::log, number_key(proven.entry.sequence.value), encode_proven(proven));
  if (client::is_chained(proven.entry)) {
    // On the disk first: a chain with a hole would never load again.
    BESA_ASSIGN(const std::vector<core::Change> changes, decide_governance(view, proven));
    BESA_TRY(store_->commit(more));
    BESA_FAIL_POINT("governance_stored");
    return apply_governance(proven.entry.sequence, changes);
  }
  BESA_TRY(take_meaning(proven, statement));
  return store_->commit(more);
}

Status Node::take_message(const client::ProvenEntry& proven, const core::ParsedStatement& statement,
                          const InboxMessage& message, Store::Batch more) {
  more.put(Box::inbox, number_key(message.sequence.value), encode_inbox(message));
  BESA_TRY(take(proven, statement, std::move(more)));
  inbox_[message.sequence] = message;
  call(message.kind == core::Kind::answer ? Attention::answer : Attention::message);
  return {};
}

Result<Draft> Node::draft(std::uint64_t number) const {
  const auto found = drafts_.find(number);
  if (found == drafts_.end()) return fail(ErrorKind::not_found, "no such message was written here");
  return found->second;
}

std::vector<std::uint64_t> Node::next_numbers(std::size_t count) const {
  std::vector<std::uint64_t> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(next_draft_ + i);
  return out;
}

Result<std::uint64_t> Node::add(Draft draft, Store::Batch more) {
  std::vector<Draft> one;
  one.push_back(std::move(draft));
  BESA_ASSIGN(const std::vector<std::uint64_t> numbers, add(std::move(one), std::move(more)));
  return numbers.front();
}

Result<std::vector<std::uint64_t>> Node::add(std::vector<Draft> drafts, Store::Batch more) {
  std::vector<std::uint64_t> numbers;
  for (Draft& draft : drafts) {
    draft.number = next_draft_ + numbers.size();
    draft.made = now();
    numbers.push_back(draft.number);
    more.put(Box::drafts, number_key(draft.number), encode_draft(draft));
  }
  BESA_TRY(store_->commit(more));
  BESA_FAIL_POINT("draft_stored");
  next_draft_ += numbers.size();
  for (Draft& draft : drafts) drafts_[draft.number] = std::move(draft);
  wake();
  return numbers;
}

Status Node::update(const Draft& draft, Store::Batch more) {
  more.put(Box::drafts, number_key(draft.number), encode_draft(draft));
  BESA_TRY(store_->commit(more));
  drafts_[draft.number] = draft;
  return {};
}

Status Node::put_inbox(const InboxMessage& message, Store::Batch more) {
  more.put(Box::inbox, number_key(message.sequence.value), encode_inbox(message));
  BESA_TRY(store_->commit(more));
  inbox_[message.sequence] = message;
  return {};
}

Result<base::Counter> Node::next_counter() {
  const base::Counter next{std::max(last_counter_.value + 1, now().ms * kMicrosecondsPerMs)};
  Store::Batch batch;
  batch.put(Box::meta, meta("counter"), number_key(next.value));
  BESA_TRY(store_->commit(batch));
  BESA_FAIL_POINT("counter_kept");
  last_counter_ = next;
  return next;
}

Status Node::pull_back_counter() {
  // Just within what a broker allows ahead, above all that it took.
  const base::Counter most{(now() + kCounterAhead).ms * kMicrosecondsPerMs};
  if (last_counter_ <= most) return {};
  Store::Batch batch;
  batch.put(Box::meta, meta("counter"), number_key(most.value));
  BESA_TRY(store_->commit(batch));
  last_counter_ = most;
  return {};
}

void Node::raise(const std::string& kind, const std::string& key, const std::string& words,
                 const std::string& evidence) {
  for (const auto& [number, known] : alarms_) {
    if (known.kind == kind && known.key == key) return;
  }
  Alarm alarm{next_alarm_, kind, key, words, {}, now(), false};
  log().error("alarm", {{"number", alarm.number}});
  if (!evidence.empty()) {
    alarm.file = "evidence/" + std::to_string(alarm.number) + "-" + kind + ".txt";
    const std::string path = config.state + "/" + alarm.file;
    if (!program::make_directory(program::folder_of(path)) || !program::write_file(path, base::as_bytes(evidence))) {
      log().error("evidence_not_written", {{"number", alarm.number}});
      alarm.file.clear();
    }
  }
  Store::Batch batch;
  batch.put(Box::alarms, number_key(alarm.number), encode_alarm(alarm));
  if (const auto stored = store_->commit(batch); !stored) log().error("alarm_not_stored", {{"error", stored.error()}});
  ++next_alarm_;
  alarms_[alarm.number] = std::move(alarm);
  call(kind.ends_with("overdue") ? Attention::overdue : Attention::alarm);
}

void Node::end_alarm(const std::string& kind, const std::string& key) {
  for (auto& [number, known] : alarms_) {
    if (known.kind != kind || known.key != key || known.over) continue;
    known.over = true;
    Store::Batch batch;
    batch.put(Box::alarms, number_key(number), encode_alarm(known));
    if (const auto stored = store_->commit(batch); !stored)
      log().error("alarm_not_stored", {{"error", stored.error()}});
  }
}

void Node::stop_sending(const std::string& words, bool lasting) {
  stopped_ = words;
  if (!lasting) return;
  Store::Batch batch;
  batch.put(Box::meta, meta("stopped"), base::as_bytes(words));
  if (const auto stored = store_->commit(batch); !stored) log().error("stop_not_stored", {{"error", stored.error()}});
}

Status Node::resume() {
  Store::Batch batch;
  batch.erase(Box::meta, meta("stopped"));
  BESA_TRY(store_->commit(batch));
  stopped_.clear();
  wake();
  return {};
}

Result<client::SavedLog> Node::saved_log() {
  client::SavedLog out;
  BESA_ASSIGN(const auto genesis, store_->get(Box::meta, meta("genesis")));
  BESA_ASSIGN(const auto note, store_->get(Box::meta, meta("checkpoint")));
  if (genesis) out.genesis = *genesis;
  if (genesis && note) out.note = base::as_text(*note);
  return out;
}

Status Node::keep_checkpoint(const std::string& note) {
  Store::Batch batch;
  batch.put(Box::meta, meta("checkpoint"), base::as_bytes(note));
  BESA_FAIL_POINT("checkpoint_before_keep");
  BESA_TRY(store_->commit(batch));
  BESA_FAIL_POINT("checkpoint_kept");
  return {};
}

Status Node::keep_genesis(const Bytes& body) {
  Store::Batch batch;
  batch.put(Box::meta, meta("genesis"), body);
  return store_->commit(batch);
}

void Node::set_notices_since(base::Sequence sequence, Store::Batch& batch) {
  notices_since_ = std::max(notices_since_, sequence);
  batch.put(Box::meta, meta("notices_since"), number_key(notices_since_.value));
}

}  // namespace besa::node
