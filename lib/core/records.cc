#include "core/records.h"

#include <algorithm>

#include "base/limits.h"
#include "core/record_bytes.h"

namespace besa::core {
namespace {

namespace limits = base::limits;
using base::ByteReader;
using base::ByteWriter;
using base::ErrorKind;
using base::fail;

// The only row of a table that has one.
Bytes single_key() { return {0}; }

// The second row of the network's table.
Bytes loss_key() { return {1}; }

template <class Id>
Bytes key_of(const Id& id) {
  return base::to_bytes(id.view());
}

Bytes prekey_key(const MemberId& member, const KeyId& key) { return ByteWriter().raw(member).raw(key).take(); }

Bytes counter_key(const MemberId& member, Counter counter) { return ByteWriter().raw(member).counter(counter).take(); }

Bytes queue_key(const MemberId& recipient, Sequence sequence) {
  return ByteWriter().raw(recipient).sequence(sequence).take();
}

// A message of a thread, or under a consent.
Bytes thread_message_key(const Reference& thread, Sequence sequence) {
  return ByteWriter().raw(thread.author).counter(thread.counter).sequence(sequence).take();
}

Bytes due_key(const DueItem& item) {
  return ByteWriter()
      .time(item.at)
      .u16(number_of(item.code))
      .raw(item.reference.author)
      .counter(item.reference.counter)
      .u16(item.section)
      .take();
}

// A key that does not have the form of its table.
tl::unexpected<base::Error> damaged_key() {
  return fail(ErrorKind::damaged, "a key of the view is damaged: rebuild the view");
}

template <class Record>
Result<std::optional<Record>> read_row(const View& view, Table table, ByteView key) {
  BESA_ASSIGN(const std::optional<Bytes> row, view.get(table, key));
  if (!row) return std::nullopt;
  BESA_ASSIGN(Record record, decode_record<Record>(*row));
  return std::optional<Record>(std::move(record));
}

template <class Record>
Result<std::optional<Record>> find_row(Result<std::optional<Record>> found, const StatementId& id) {
  if (found && *found && (*found)->id != id) return std::nullopt;
  return found;
}

// Rows whose key ends in a sequence and whose value is a reference.
Result<std::vector<QueuedMessage>> decode_sequenced(const std::vector<ViewRow>& rows) {
  std::vector<QueuedMessage> out;
  out.reserve(rows.size());
  for (const ViewRow& row : rows) {
    if (row.key.size() < sizeof(std::uint64_t)) return damaged_key();
    QueuedMessage message;
    message.sequence = ByteReader(base::ByteView(row.key).last(sizeof(std::uint64_t))).sequence();
    BESA_ASSIGN(message.reference, decode_record<Reference>(row.value));
    out.push_back(message);
  }
  return out;
}

Result<std::vector<Reference>> decode_references(const std::vector<ViewRow>& rows) {
  std::vector<Reference> out;
  out.reserve(rows.size());
  for (const ViewRow& row : rows) {
    BESA_ASSIGN(const Reference reference, decode_record<Reference>(row.value));
    out.push_back(reference);
  }
  return out;
}

template <class Record>
void write_row(Overlay& view, Table table, Bytes key, const Record& record) {
  view.put(table, std::move(key), encode_record(record));
}

Result<DueItem> decode_due(const ViewRow& row) {
  ByteReader key(row.key);
  DueItem item;
  item.at = key.time();
  item.code = static_cast<DueCode>(key.u16());
  item.reference.author = key.id<MemberId>();
  item.reference.counter = key.counter();
  item.section = key.u16();
  if (!key.done()) return damaged_key();
  BESA_ASSIGN(item.reference.id, decode_record<StatementId>(row.value));
  return item;
}

Result<CounterWindow> read_window(const View& view, const MemberId& member) {
  BESA_ASSIGN(const auto window, read_row<CounterWindow>(view, Table::counter_window, member.view()));
  return window.value_or(CounterWindow{});
}

// The lowest counter that is not below `from`.
Result<Counter> lowest_counter(const View& view, const MemberId& member, Counter from) {
  BESA_ASSIGN(const auto rows, view.scan(Table::counter, member.view(), counter_key(member, from), 1));
  if (rows.empty()) return fail(ErrorKind::damaged, "the counters of a member are missing: rebuild the view");
  ByteReader key(rows.front().key);
  key.id<MemberId>();
  const Counter counter = key.counter();
  if (!key.done()) return damaged_key();
  return counter;
}

}  // namespace

Result<std::optional<Head>> read_head(const View& view) { return read_row<Head>(view, Table::head, single_key()); }

Result<std::optional<NetworkRecord>> read_network(const View& view) {
  return read_row<NetworkRecord>(view, Table::network, single_key());
}

std::optional<TreeSize> kept_of(const std::optional<LossRecord>& loss, std::uint64_t epoch) {
  std::optional<TreeSize> out;
  if (!loss) return out;
  for (const KeptBound& bound : loss->kept) {
    if (bound.epoch > epoch) out = out ? std::min(*out, bound.size) : bound.size;
  }
  return out;
}

Result<std::optional<LossRecord>> read_loss(const View& view) {
  return read_row<LossRecord>(view, Table::network, loss_key());
}

Result<std::optional<AdministratorRecord>> read_administrator(const View& view, const KeyId& key) {
  return read_row<AdministratorRecord>(view, Table::administrator, key.view());
}

Result<std::vector<AdministratorRecord>> read_administrators(const View& view) {
  BESA_ASSIGN(const auto rows, view.scan(Table::administrator, {}, {}, limits::kAdministrators));
  std::vector<AdministratorRecord> out;
  for (const ViewRow& row : rows) {
    BESA_ASSIGN(const auto record, decode_record<AdministratorRecord>(row.value));
    out.push_back(record);
  }
  return out;
}

Result<std::optional<Party>> read_party(const View& view, const TransportKey& key) {
  return read_row<Party>(view, Table::transport, key.view());
}

Result<std::optional<KnownKey>> read_key(const View& view, const KeyId& key) {
  return read_row<KnownKey>(view, Table::key, key.view());
}

Result<std::optional<MemberRecord>> read_member(const View& view, const MemberId& member) {
  return read_row<MemberRecord>(view, Table::member, member.view());
}

Result<std::optional<PrekeyRecord>> read_prekey(const View& view, const MemberId& member, const KeyId& key) {
  return read_row<PrekeyRecord>(view, Table::prekey, prekey_key(member, key));
}

Result<std::optional<StatementId>> read_subject(const View& view, ByteView subject) {
  return read_row<StatementId>(view, Table::subject, subject);
}

Result<std::shared_ptr<const PolicyRecord>> read_policy(const View& view) {
  BESA_ASSIGN(auto row, view.get(Table::policy, single_key()));
  if (!row) return nullptr;
  PolicyMemo* const memo = view.policy_memo();
  if (memo != nullptr && memo->record != nullptr && memo->row == *row) return memo->record;
  BESA_ASSIGN(PolicyRecord decoded, decode_record<PolicyRecord>(*row));
  auto record = std::make_shared<const PolicyRecord>(std::move(decoded));
  if (memo != nullptr) *memo = {std::move(*row), record};
  return record;
}

Result<std::optional<AppointmentRecord>> read_auditor(const View& view, const MemberId& auditor) {
  return read_row<AppointmentRecord>(view, Table::auditor, auditor.view());
}

Result<std::optional<CounterRecord>> read_counter(const View& view, const MemberId& member, Counter counter) {
  return read_row<CounterRecord>(view, Table::counter, counter_key(member, counter));
}

Result<std::optional<MessageRecord>> read_message(const View& view, const MemberId& author, Counter counter) {
  return read_row<MessageRecord>(view, Table::message, counter_key(author, counter));
}

Result<std::optional<ThreadRecord>> read_thread(const View& view, const MemberId& opener, Counter counter) {
  return read_row<ThreadRecord>(view, Table::thread, counter_key(opener, counter));
}

Result<std::optional<ConsentRecord>> read_consent(const View& view, const MemberId& author, Counter counter) {
  return read_row<ConsentRecord>(view, Table::consent, counter_key(author, counter));
}

Result<std::optional<MessageRecord>> find_message(const View& view, const Reference& reference) {
  return find_row(read_message(view, reference.author, reference.counter), reference.id);
}

Result<std::optional<ThreadRecord>> find_thread(const View& view, const Reference& reference) {
  return find_row(read_thread(view, reference.author, reference.counter), reference.id);
}

Result<std::optional<ConsentRecord>> find_consent(const View& view, const Reference& reference) {
  return find_row(read_consent(view, reference.author, reference.counter), reference.id);
}

Result<std::optional<Reference>> consent_behind(const View& view, const Reference& reference) {
  BESA_ASSIGN(const auto consent, find_consent(view, reference));
  if (consent) return std::optional(reference);
  BESA_ASSIGN(const auto message, find_message(view, reference));
  if (!message) return std::nullopt;
  for (const SectionRecord& section : message->sections) {
    if (!section.consent.is_none()) return std::optional(section.consent);
  }
  return std::nullopt;
}

Result<std::vector<QueuedMessage>> read_queue(const View& view, const MemberId& recipient, Sequence from,
                                              std::size_t limit) {
  BESA_ASSIGN(const auto rows, view.scan(Table::queue, recipient.view(), queue_key(recipient, from), limit));
  return decode_sequenced(rows);
}

Result<std::vector<QueuedMessage>> read_consent_messages(const View& view, const Reference& consent, Sequence from,
                                                         std::size_t limit) {
  BESA_ASSIGN(const auto rows, view.scan(Table::consent_message, counter_key(consent.author, consent.counter),
                                         thread_message_key(consent, from), limit));
  return decode_sequenced(rows);
}

Result<std::vector<Reference>> read_coded(const View& view, const base::LookupTag& tag, std::size_t limit) {
  BESA_ASSIGN(const auto rows, view.scan(Table::code, tag.view(), {}, limit));
  return decode_references(rows);
}

Result<std::vector<DueItem>> read_due(const View& view, Timestamp now, std::size_t limit) {
  BESA_ASSIGN(const auto rows, view.scan(Table::due, {}, {}, limit));
  std::vector<DueItem> out;
  for (const ViewRow& row : rows) {
    BESA_ASSIGN(const DueItem item, decode_due(row));
    if (item.at > now) break;
    out.push_back(item);
  }
  return out;
}

Result<std::optional<Timestamp>> next_due(const View& view, Timestamp from) {
  BESA_ASSIGN(const auto rows, view.scan(Table::due, {}, ByteWriter().time(from).bytes(), 1));
  if (rows.empty()) return std::nullopt;
  BESA_ASSIGN(const DueItem item, decode_due(rows.front()));
  return std::optional<Timestamp>(item.at);
}

Result<std::optional<Timestamp>> due_after(const Overlay& view, std::optional<Timestamp> before) {
  const auto& changed = view.changed(Table::due);
  if (changed.empty()) return before;
  const Timestamp first = ByteReader(changed.begin()->first).time();
  const Timestamp lowest = before ? std::min(*before, first) : first;
  const bool only_puts = std::all_of(changed.begin(), changed.end(), [](const auto& row) { return row.second; });
  if (only_puts) return std::optional<Timestamp>(lowest);
  return next_due(view, lowest);
}

Result<std::vector<Reference>> read_thread_messages(const View& view, const Reference& thread, Sequence from,
                                                    std::size_t limit) {
  BESA_ASSIGN(const auto rows, view.scan(Table::thread_message, counter_key(thread.author, thread.counter),
                                         thread_message_key(thread, from), limit));
  return decode_references(rows);
}

void write_head(Overlay& view, const Head& head) { write_row(view, Table::head, single_key(), head); }

void write_network(Overlay& view, const NetworkRecord& record) {
  write_row(view, Table::network, single_key(), record);
}

void write_loss(Overlay& view, const LossRecord& record) { write_row(view, Table::network, loss_key(), record); }

void write_administrator(Overlay& view, const KeyId& key, const AdministratorRecord& record) {
  write_row(view, Table::administrator, key_of(key), record);
}

void write_party(Overlay& view, const TransportKey& key, const Party& party) {
  write_row(view, Table::transport, key_of(key), party);
}

void write_key(Overlay& view, const KeyId& key, const KnownKey& record) {
  write_row(view, Table::key, key_of(key), record);
}

void write_member(Overlay& view, const MemberId& member, const MemberRecord& record) {
  write_row(view, Table::member, key_of(member), record);
}

void write_prekey(Overlay& view, const MemberId& member, const KeyId& key, const PrekeyRecord& record) {
  write_row(view, Table::prekey, prekey_key(member, key), record);
}

void write_subject(Overlay& view, ByteView subject, const StatementId& id) {
  write_row(view, Table::subject, base::to_bytes(subject), id);
}

void write_policy(Overlay& view, const PolicyRecord& record) { write_row(view, Table::policy, single_key(), record); }

void write_auditor(Overlay& view, const MemberId& auditor, const AppointmentRecord& record) {
  write_row(view, Table::auditor, key_of(auditor), record);
}

void write_message(Overlay& view, const MemberId& author, Counter counter, const MessageRecord& record) {
  write_row(view, Table::message, counter_key(author, counter), record);
}

void write_thread(Overlay& view, const MemberId& opener, Counter counter, const ThreadRecord& record) {
  write_row(view, Table::thread, counter_key(opener, counter), record);
}

void write_thread_message(Overlay& view, const Reference& thread, Sequence sequence, const Reference& message) {
  write_row(view, Table::thread_message, thread_message_key(thread, sequence), message);
}

void write_consent_message(Overlay& view, const Reference& consent, Sequence sequence, const Reference& message) {
  write_row(view, Table::consent_message, thread_message_key(consent, sequence), message);
}

void write_coded(Overlay& view, const base::LookupTag& tag, Sequence sequence, const Reference& consent) {
  write_row(view, Table::code, ByteWriter().raw(tag).sequence(sequence).take(), consent);
}

void write_consent(Overlay& view, const MemberId& author, Counter counter, const ConsentRecord& record) {
  write_row(view, Table::consent, counter_key(author, counter), record);
}

void erase_message(Overlay& view, const MemberId& author, Counter counter) {
  view.erase(Table::message, counter_key(author, counter));
}

void erase_thread(Overlay& view, const MemberId& opener, Counter counter) {
  view.erase(Table::thread, counter_key(opener, counter));
}

void erase_thread_message(Overlay& view, const Reference& thread, Sequence sequence) {
  view.erase(Table::thread_message, thread_message_key(thread, sequence));
}

void erase_consent_message(Overlay& view, const Reference& consent, Sequence sequence) {
  view.erase(Table::consent_message, thread_message_key(consent, sequence));
}

void erase_consent(Overlay& view, const MemberId& author, Counter counter) {
  view.erase(Table::consent, counter_key(author, counter));
}

void write_queue(Overlay& view, const MemberId& recipient, Sequence sequence, const Reference& message) {
  write_row(view, Table::queue, queue_key(recipient, sequence), message);
}

void erase_queue(Overlay& view, const MemberId& recipient, Sequence sequence) {
  view.erase(Table::queue, queue_key(recipient, sequence));
}

void write_due(Overlay& view, const DueItem& item) { write_row(view, Table::due, due_key(item), item.reference.id); }

void erase_due(Overlay& view, const DueItem& item) { view.erase(Table::due, due_key(item)); }

Status use_counter(Overlay& view, const MemberId& member, Counter counter, const CounterRecord& record) {
  BESA_ASSIGN(const auto used, read_counter(view, member, counter));
  if (used) return {};
  BESA_ASSIGN(CounterWindow window, read_window(view, member));
  write_row(view, Table::counter, counter_key(member, counter), record);
  window.lowest = window.count == 0 ? counter : std::min(window.lowest, counter);
  if (window.count < limits::kCounterWindow) {
    ++window.count;
  } else {
    view.erase(Table::counter, counter_key(member, window.lowest));
    BESA_ASSIGN(window.lowest, lowest_counter(view, member, window.lowest));
  }
  write_row(view, Table::counter_window, key_of(member), window);
  return {};
}

Result<std::optional<Counter>> window_floor(const View& view, const MemberId& member) {
  BESA_ASSIGN(const CounterWindow window, read_window(view, member));
  if (window.count < limits::kCounterWindow) return std::nullopt;
  return std::optional<Counter>(window.lowest);
}

}  // namespace besa::core
