#include "core/record_bytes.h"

#include "base/check.h"

namespace besa::core {
namespace {

using base::ByteReader;
using base::ByteWriter;
using base::ErrorKind;
using base::fail;

constexpr std::uint8_t kVersion = 1;

ByteWriter begin() {
  ByteWriter writer;
  writer.u8(kVersion);
  return writer;
}

// A reader that also refuses what no encoder writes: an unknown version, a flag that is neither 0 nor 1.
class RowReader : public ByteReader {
 public:
  explicit RowReader(ByteView bytes) : ByteReader(bytes) { sound_ = u8() == kVersion; }
  bool flag() {
    const std::uint8_t value = u8();
    sound_ = sound_ && value <= 1;
    return value == 1;
  }
  void refuse() { sound_ = false; }
  bool complete() const { return sound_ && done(); }

 private:
  bool sound_ = true;
};

template <class Record>
Result<Record> finish(const RowReader& reader, Record record) {
  if (!reader.complete()) return fail(ErrorKind::damaged, "a row of the view is damaged: rebuild the view");
  return record;
}

std::uint8_t flag_byte(bool value) { return value ? 1 : 0; }

template <class List>
void write_count(ByteWriter& writer, const List& list) {
  BESA_CHECK(list.size() <= UINT16_MAX);
  writer.u16(static_cast<std::uint16_t>(list.size()));
}

// A list: count (2), then each element. Stops at the end of the bytes, whatever the count says.
template <class Element, class Read>
std::vector<Element> read_list(RowReader& reader, Read read) {
  std::vector<Element> list;
  const std::size_t count = reader.u16();
  for (std::size_t i = 0; i < count && reader.ok(); ++i) list.push_back(read(reader));
  return list;
}

template <class Code>
CodeSet<Code> read_set(RowReader& reader) {
  return CodeSet<Code>::from_bits(reader.u64());
}

void write_section(ByteWriter& writer, const SectionRecord& section) {
  writer.u16(number_of(section.category)).u16(number_of(section.form)).u16(number_of(section.grant));
  writer.u8(number_of(section.basis)).u16(section.rule).u8(flag_byte(section.granted)).u64(section.handling.bits());
  writer.raw(section.commitment).raw(section.ciphertext_root).u32(section.padded_length).reference(section.consent);
  writer.u8(flag_byte(section.withdrawn));
}

SectionRecord read_section(RowReader& reader) {
  SectionRecord section;
  section.category = static_cast<Category>(reader.u16());
  section.form = static_cast<Form>(reader.u16());
  section.grant = static_cast<Grant>(reader.u16());
  section.basis = static_cast<Basis>(reader.u8());
  section.rule = reader.u16();
  section.granted = reader.flag();
  section.handling = read_set<Handling>(reader);
  section.commitment = reader.id<base::Commitment>();
  section.ciphertext_root = reader.id<Digest>();
  section.padded_length = reader.u32();
  section.consent = reader.reference();
  section.withdrawn = reader.flag();
  return section;
}

void write_consent_row(ByteWriter& writer, const ConsentRowRecord& record) {
  const ConsentRow& row = record.row;
  writer.raw(row.member).raw(row.organisation).u16(number_of(row.sector)).u64(row.allow.bits());
  writer.u64(row.withhold.bits()).u64(row.purposes.bits()).u8(flag_byte(row.relay)).u8(flag_byte(row.excluded));
  writer.u8(flag_byte(row.not_told)).raw(record.hash).u8(flag_byte(record.withdrawn));
}

ConsentRowRecord read_consent_row(RowReader& reader) {
  ConsentRowRecord record;
  ConsentRow& row = record.row;
  row.member = reader.id<MemberId>();
  row.organisation = reader.id<OrganisationId>();
  row.sector = static_cast<Sector>(reader.u16());
  row.allow = read_set<Category>(reader);
  row.withhold = read_set<Category>(reader);
  row.purposes = read_set<Purpose>(reader);
  row.relay = reader.flag();
  row.excluded = reader.flag();
  row.not_told = reader.flag();
  record.hash = reader.id<Digest>();
  record.withdrawn = reader.flag();
  return record;
}

}  // namespace

Bytes encode_record(const Head& head) {
  return begin()
      .sequence(head.next)
      .time(head.now)
      .raw(head.effects_chain)
      .sequence(head.governance)
      .u8(flag_byte(head.ticked))
      .u8(flag_byte(head.recovering))
      .u8(flag_byte(head.due.has_value()))
      .time(head.due.value_or(Timestamp{}))
      .take();
}

template <>
Result<Head> decode_record<Head>(ByteView bytes) {
  RowReader reader(bytes);
  Head head;
  head.next = reader.sequence();
  head.now = reader.time();
  head.effects_chain = reader.id<Digest>();
  head.governance = reader.sequence();
  head.ticked = reader.flag();
  head.recovering = reader.flag();
  const bool is_due = reader.flag();
  const Timestamp due = reader.time();
  if (is_due) head.due = due;
  if (!is_due && due != Timestamp{}) reader.refuse();
  return finish(reader, head);
}

Bytes encode_record(const LossRecord& record) {
  ByteWriter writer = begin();
  writer.sequence(record.sequence).u64(record.epoch).u64(record.kept_size.value).raw(record.kept_root);
  writer.time(record.kept_now).time(record.until);
  write_count(writer, record.kept);
  for (const KeptBound& bound : record.kept) writer.u64(bound.epoch).u64(bound.size.value);
  return writer.take();
}

template <>
Result<LossRecord> decode_record<LossRecord>(ByteView bytes) {
  RowReader reader(bytes);
  LossRecord record;
  record.sequence = reader.sequence();
  record.epoch = reader.u64();
  record.kept_size.value = reader.u64();
  record.kept_root = reader.id<Digest>();
  record.kept_now = reader.time();
  record.until = reader.time();
  record.kept = read_list<KeptBound>(reader, [](RowReader& row) {
    const std::uint64_t epoch = row.u64();
    return KeptBound{epoch, TreeSize{row.u64()}};
  });
  return finish(reader, record);
}

Bytes encode_record(const NetworkRecord& record) {
  return begin()
      .raw(record.id)
      .sized(base::as_bytes(record.name))
      .u16(record.threshold)
      .raw(record.broker_log_key)
      .raw(record.broker_transport_key)
      .u16(record.decision_version)
      .take();
}

template <>
Result<NetworkRecord> decode_record<NetworkRecord>(ByteView bytes) {
  RowReader reader(bytes);
  NetworkRecord record;
  record.id = reader.id<NetworkId>();
  record.name = std::string(base::as_text(reader.sized()));
  record.threshold = reader.u16();
  record.broker_log_key = reader.id<PublicKey>();
  record.broker_transport_key = reader.id<TransportKey>();
  record.decision_version = reader.u16();
  return finish(reader, std::move(record));
}

Bytes encode_record(const AdministratorRecord& record) {
  return begin().raw(record.organisation).raw(record.signing_key).raw(record.transport_key).take();
}

template <>
Result<AdministratorRecord> decode_record<AdministratorRecord>(ByteView bytes) {
  RowReader reader(bytes);
  AdministratorRecord record;
  record.organisation = reader.id<OrganisationId>();
  record.signing_key = reader.id<PublicKey>();
  record.transport_key = reader.id<TransportKey>();
  return finish(reader, record);
}

Bytes encode_record(const Party& party) {
  return begin().u8(static_cast<std::uint8_t>(party.role)).raw(party.id).take();
}

template <>
Result<Party> decode_record<Party>(ByteView bytes) {
  RowReader reader(bytes);
  Party party;
  party.role = static_cast<PartyRole>(reader.u8());
  if (party.role > PartyRole::broker) reader.refuse();
  party.id = reader.id<MemberId>();
  return finish(reader, party);
}

Bytes encode_record(const KnownKey& key) {
  return begin().u8(number_of(key.role)).raw(key.holder).raw(key.key).time(key.from).time(key.until).take();
}

template <>
Result<KnownKey> decode_record<KnownKey>(ByteView bytes) {
  RowReader reader(bytes);
  KnownKey key;
  key.role = static_cast<KeyRole>(reader.u8());
  key.holder = reader.id<MemberId>();
  key.key = reader.id<PublicKey>();
  key.from = reader.time();
  key.until = reader.time();
  return finish(reader, key);
}

Bytes encode_record(const MemberRecord& record) {
  return begin()
      .raw(record.organisation)
      .raw(record.parent)
      .u16(number_of(record.sector))
      .u16(record.country)
      .raw(record.signing_key)
      .raw(record.transport_key)
      .time(record.from)
      .time(record.until)
      .u16(number_of(record.standing))
      .sequence(record.enrolled)
      .sequence(record.keys)
      .raw(record.outgoing_key)
      .take();
}

template <>
Result<MemberRecord> decode_record<MemberRecord>(ByteView bytes) {
  RowReader reader(bytes);
  MemberRecord record;
  record.organisation = reader.id<OrganisationId>();
  record.parent = reader.id<MemberId>();
  record.sector = static_cast<Sector>(reader.u16());
  record.country = reader.u16();
  record.signing_key = reader.id<KeyId>();
  record.transport_key = reader.id<TransportKey>();
  record.from = reader.time();
  record.until = reader.time();
  record.standing = static_cast<Standing>(reader.u16());
  record.enrolled = reader.sequence();
  record.keys = reader.sequence();
  record.outgoing_key = reader.id<KeyId>();
  return finish(reader, record);
}

Bytes encode_record(const PrekeyRecord& record) {
  return begin().raw(record.key).time(record.from).time(record.until).take();
}

template <>
Result<PrekeyRecord> decode_record<PrekeyRecord>(ByteView bytes) {
  RowReader reader(bytes);
  PrekeyRecord record;
  record.key = reader.id<base::BoxKey>();
  record.from = reader.time();
  record.until = reader.time();
  return finish(reader, record);
}

Bytes encode_record(const StatementId& id) { return begin().raw(id).take(); }

template <>
Result<StatementId> decode_record<StatementId>(ByteView bytes) {
  RowReader reader(bytes);
  const auto id = reader.id<StatementId>();
  return finish(reader, id);
}

Bytes encode_record(const PolicyRecord& record) {
  return begin().raw(record.id).sized(encode_policy(record.policy)).take();
}

template <>
Result<PolicyRecord> decode_record<PolicyRecord>(ByteView bytes) {
  RowReader reader(bytes);
  PolicyRecord record;
  record.id = reader.id<StatementId>();
  const auto policy = decode_policy(reader.sized());
  if (policy) {
    record.policy = *policy;
  } else {
    reader.refuse();
  }
  return finish(reader, std::move(record));
}

Bytes encode_record(const AppointmentRecord& record) { return begin().time(record.from).time(record.until).take(); }

template <>
Result<AppointmentRecord> decode_record<AppointmentRecord>(ByteView bytes) {
  RowReader reader(bytes);
  AppointmentRecord record;
  record.from = reader.time();
  record.until = reader.time();
  return finish(reader, record);
}

Bytes encode_record(const CounterRecord& record) { return begin().raw(record.id).sequence(record.sequence).take(); }

template <>
Result<CounterRecord> decode_record<CounterRecord>(ByteView bytes) {
  RowReader reader(bytes);
  CounterRecord record;
  record.id = reader.id<StatementId>();
  record.sequence = reader.sequence();
  return finish(reader, record);
}

Bytes encode_record(const MessageRecord& record) {
  ByteWriter writer = begin();
  writer.raw(record.id).sequence(record.sequence).raw(record.recipient).u16(number_of(record.kind));
  writer.u16(number_of(record.sets)).u8(number_of(record.priority)).u16(number_of(record.person_class));
  writer.reference(record.thread).time(record.expires).u16(number_of(record.state));
  writer.u8(flag_byte(record.handed_out)).u8(flag_byte(record.purged));
  writer.u16(number_of(record.debt)).time(record.debt_due);
  write_count(writer, record.references);
  for (const ReferenceType type : record.references) writer.u16(number_of(type));
  write_count(writer, record.sections);
  for (const SectionRecord& section : record.sections) write_section(writer, section);
  return writer.take();
}

template <>
Result<MessageRecord> decode_record<MessageRecord>(ByteView bytes) {
  RowReader reader(bytes);
  MessageRecord record;
  record.id = reader.id<StatementId>();
  record.sequence = reader.sequence();
  record.recipient = reader.id<MemberId>();
  record.kind = static_cast<Kind>(reader.u16());
  record.sets = static_cast<Sets>(reader.u16());
  record.priority = static_cast<Priority>(reader.u8());
  record.person_class = static_cast<PersonClass>(reader.u16());
  record.thread = reader.reference();
  record.expires = reader.time();
  record.state = static_cast<MessageState>(reader.u16());
  record.handed_out = reader.flag();
  record.purged = reader.flag();
  record.debt = static_cast<Debt>(reader.u16());
  record.debt_due = reader.time();
  record.references =
      read_list<ReferenceType>(reader, [](RowReader& r) { return static_cast<ReferenceType>(r.u16()); });
  record.sections = read_list<SectionRecord>(reader, read_section);
  return finish(reader, std::move(record));
}

Bytes encode_record(const ThreadRecord& record) {
  ByteWriter writer = begin();
  writer.raw(record.id).raw(record.opener).raw(record.receiver).u16(number_of(record.kind));
  writer.u16(number_of(record.purpose)).u8(number_of(record.priority)).u16(number_of(record.person_class));
  writer.u16(number_of(record.state)).u8(flag_byte(record.overdue)).u8(flag_byte(record.handed_out));
  writer.time(record.answer_due).time(record.retention_due);
  writer.u32(record.standing_sections).u32(record.debts);
  write_count(writer, record.consents);
  for (const Reference& consent : record.consents) writer.reference(consent);
  return writer.take();
}

template <>
Result<ThreadRecord> decode_record<ThreadRecord>(ByteView bytes) {
  RowReader reader(bytes);
  ThreadRecord record;
  record.id = reader.id<StatementId>();
  record.opener = reader.id<MemberId>();
  record.receiver = reader.id<MemberId>();
  record.kind = static_cast<Kind>(reader.u16());
  record.purpose = static_cast<Purpose>(reader.u16());
  record.priority = static_cast<Priority>(reader.u8());
  record.person_class = static_cast<PersonClass>(reader.u16());
  record.state = static_cast<ThreadState>(reader.u16());
  record.overdue = reader.flag();
  record.handed_out = reader.flag();
  record.answer_due = reader.time();
  record.retention_due = reader.time();
  record.standing_sections = reader.u32();
  record.debts = reader.u32();
  record.consents = read_list<Reference>(reader, [](RowReader& r) { return r.reference(); });
  return finish(reader, std::move(record));
}

Bytes encode_record(const ConsentRecord& record) {
  ByteWriter writer = begin();
  writer.raw(record.id).sequence(record.sequence).u16(number_of(record.person_class));
  writer.u16(number_of(record.given_by)).u8(flag_byte(record.guardian_conflict)).time(record.valid_from);
  writer.time(record.valid_until).u8(flag_byte(record.withdrawn)).u64(record.withdrawn_purposes.bits());
  writer.raw(record.code_key).sequence(record.drained);
  write_count(writer, record.rows);
  for (const ConsentRowRecord& row : record.rows) write_consent_row(writer, row);
  return writer.take();
}

template <>
Result<ConsentRecord> decode_record<ConsentRecord>(ByteView bytes) {
  RowReader reader(bytes);
  ConsentRecord record;
  record.id = reader.id<StatementId>();
  record.sequence = reader.sequence();
  record.person_class = static_cast<PersonClass>(reader.u16());
  record.given_by = static_cast<GivenBy>(reader.u16());
  record.guardian_conflict = reader.flag();
  record.valid_from = reader.time();
  record.valid_until = reader.time();
  record.withdrawn = reader.flag();
  record.withdrawn_purposes = read_set<Purpose>(reader);
  record.code_key = reader.id<KeyId>();
  record.drained = reader.sequence();
  record.rows = read_list<ConsentRowRecord>(reader, read_consent_row);
  return finish(reader, std::move(record));
}

Bytes encode_record(const Reference& reference) { return begin().reference(reference).take(); }

template <>
Result<Reference> decode_record<Reference>(ByteView bytes) {
  RowReader reader(bytes);
  const Reference reference = reader.reference();
  return finish(reader, reference);
}

Bytes encode_record(const CounterWindow& window) { return begin().u16(window.count).counter(window.lowest).take(); }

template <>
Result<CounterWindow> decode_record<CounterWindow>(ByteView bytes) {
  RowReader reader(bytes);
  CounterWindow window;
  window.count = reader.u16();
  window.lowest = reader.counter();
  return finish(reader, window);
}

}  // namespace besa::core
