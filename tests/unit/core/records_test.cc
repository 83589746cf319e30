#include "core/records.h"

#include <gtest/gtest.h>

#include <functional>

#include "core/record_bytes.h"

namespace besa::core {
namespace {

// Gives every field another value, so that a field left out or swapped shows.
class Filler {
 public:
  template <class Id>
  Id id() {
    Id out;
    for (auto& byte : out.bytes) byte = ++next_;
    return out;
  }
  std::uint64_t number() { return 0x0100 + static_cast<std::uint64_t>(++next_); }
  std::uint16_t small() { return static_cast<std::uint16_t>(number()); }
  Timestamp time() { return {number() << 32}; }
  Sequence sequence() { return {number()}; }
  Reference reference() { return {id<MemberId>(), Counter{number()}, id<StatementId>()}; }

 private:
  std::uint8_t next_ = 0;
};

Head sample_head(Filler f = {}) { return {f.sequence(), f.time(), f.id<Digest>(), f.sequence(), true, true, f.time()}; }
LossRecord sample_loss(Filler f = {}) {
  return {f.sequence(),
          f.number(),
          {f.number()},
          f.id<Digest>(),
          f.time(),
          f.time(),
          {{f.number(), {f.number()}}, {f.number(), {f.number()}}}};
}
NetworkRecord sample_network(Filler f = {}) {
  return {f.id<NetworkId>(), "nrm.example", f.small(), f.id<PublicKey>(), f.id<TransportKey>(), f.small()};
}
AdministratorRecord sample_administrator(Filler f = {}) {
  return {f.id<OrganisationId>(), f.id<PublicKey>(), f.id<TransportKey>()};
}
Party sample_party(Filler f = {}) { return {PartyRole::administrator, f.id<MemberId>()}; }
KnownKey sample_key(Filler f = {}) {
  return {KeyRole::witness, f.id<MemberId>(), f.id<PublicKey>(), f.time(), f.time()};
}
MemberRecord sample_member(Filler f = {}) {
  return {f.id<OrganisationId>(), f.id<MemberId>(),     Sector::helpline, f.small(),
          f.id<KeyId>(),          f.id<TransportKey>(), f.time(),         f.time(),
          Standing::suspended,    f.sequence(),         f.sequence(),     f.id<KeyId>()};
}
PrekeyRecord sample_prekey(Filler f = {}) { return {f.id<base::BoxKey>(), f.time(), f.time()}; }
PolicyRecord sample_policy_record(Filler f = {}) {
  PolicyRecord out;
  out.id = f.id<StatementId>();
  out.policy.retention_days = 12;
  out.policy.rules.resize(2);
  out.policy.rules[1].id = "second";
  return out;
}
AppointmentRecord sample_appointment(Filler f = {}) { return {f.time(), f.time()}; }
CounterRecord sample_counter(Filler f = {}) { return {f.id<StatementId>(), f.sequence()}; }

SectionRecord sample_section(Filler& f) {
  SectionRecord out;
  out.category = Category::health;
  out.form = Form::attachment;
  out.grant = Grant::later;
  out.basis = Basis::public_task;
  out.rule = f.small();
  out.granted = true;
  out.handling = {Handling::no_onward, Handling::named_person_only};
  out.commitment = f.id<base::Commitment>();
  out.ciphertext_root = f.id<Digest>();
  out.padded_length = 0x01020304;
  out.consent = f.reference();
  return out;
}
MessageRecord sample_message(Filler f = {}) {
  MessageRecord out;
  out.id = f.id<StatementId>();
  out.sequence = f.sequence();
  out.recipient = f.id<MemberId>();
  out.kind = Kind::answer;
  out.sets = Sets::on_hold;
  out.priority = Priority::urgent_72h;
  out.person_class = PersonClass::unknown;
  out.thread = f.reference();
  out.expires = f.time();
  out.state = MessageState::opened;
  out.handed_out = true;
  out.references = {ReferenceType::decision, ReferenceType::legal_ground};
  out.sections = {sample_section(f), sample_section(f), SectionRecord{}};
  return out;
}
ThreadRecord sample_thread(Filler f = {}) {
  ThreadRecord out;
  out.id = f.id<StatementId>();
  out.opener = f.id<MemberId>();
  out.receiver = f.id<MemberId>();
  out.kind = Kind::referral;
  out.purpose = Purpose::asylum;
  out.priority = Priority::emergency_24h;
  out.person_class = PersonClass::minor;
  out.state = ThreadState::cancelled;
  out.overdue = true;
  out.answer_due = f.time();
  out.retention_due = f.time();
  out.consents = {f.reference(), f.reference()};
  return out;
}
ConsentRecord sample_consent(Filler f = {}) {
  ConsentRecord out;
  out.id = f.id<StatementId>();
  out.sequence = f.sequence();
  out.person_class = PersonClass::minor;
  out.given_by = GivenBy::court;
  out.guardian_conflict = true;
  out.valid_from = f.time();
  out.valid_until = f.time();
  ConsentRow row;
  row.member = f.id<MemberId>();
  row.organisation = f.id<OrganisationId>();
  row.sector = Sector::iom;
  row.allow = {Category::health};
  row.withhold = {Category::identity};
  row.purposes = {Purpose::protection};
  row.relay = true;
  row.not_told = true;
  out.rows = {{row, f.id<Digest>()}, {ConsentRow{}, f.id<Digest>()}};
  return out;
}

// --- bytes ---

template <class Record>
void expect_strict(const Record& record, const char* what) {
  const Bytes good = encode_record(record);
  const auto back = decode_record<Record>(good);
  ASSERT_TRUE(back.has_value()) << what;
  EXPECT_EQ(encode_record(*back), good) << what;
  for (std::size_t size = 0; size < good.size(); ++size) {
    const auto cut = decode_record<Record>(ByteView(good).first(size));
    ASSERT_FALSE(cut.has_value()) << what << " cut at " << size;
    EXPECT_EQ(cut.error().kind, base::ErrorKind::damaged);
  }
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(decode_record<Record>(longer).has_value()) << what;
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes bytes = good;
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    const auto flipped = decode_record<Record>(bytes);
    EXPECT_FALSE(flipped && bit < 8) << what << ": another version";
    if (!flipped) continue;
    EXPECT_EQ(encode_record(*flipped), bytes) << what << " bit " << bit;
  }
}

TEST(RecordBytes, ComeBackWholeAndAreStrict) {
  expect_strict(sample_head(), "head");
  expect_strict(sample_network(), "network");
  expect_strict(sample_loss(), "loss");
  expect_strict(sample_administrator(), "administrator");
  expect_strict(sample_party(), "party");
  expect_strict(sample_key(), "key");
  expect_strict(sample_member(), "member");
  expect_strict(sample_prekey(), "prekey");
  expect_strict(sample_policy_record(), "policy");
  expect_strict(sample_appointment(), "appointment");
  expect_strict(sample_counter(), "counter");
  expect_strict(sample_message(), "message");
  expect_strict(sample_thread(), "thread");
  expect_strict(sample_consent(), "consent");
  expect_strict(Filler().reference(), "reference");
  expect_strict(Filler().id<StatementId>(), "id");
  expect_strict(CounterWindow{1024, Counter{17}}, "window");
}

// Equal bytes mean equal records only if no field is left out: each field is changed once.
TEST(RecordBytes, HoldEveryFieldOfAMessage) {
  const std::vector<std::function<void(MessageRecord&)>> kChanges = {
      [](auto& m) { m.id.bytes[0] ^= 1; },
      [](auto& m) { m.sequence.value += 1; },
      [](auto& m) { m.recipient.bytes[0] ^= 1; },
      [](auto& m) { m.kind = Kind::cancel; },
      [](auto& m) { m.sets = Sets::accepted; },
      [](auto& m) { m.priority = Priority::immediate_1h; },
      [](auto& m) { m.person_class = PersonClass::adult; },
      [](auto& m) { m.thread.counter.value += 1; },
      [](auto& m) { m.expires.ms += 1; },
      [](auto& m) { m.state = MessageState::expired; },
      [](auto& m) { m.handed_out = false; },
      [](auto& m) { m.purged = true; },
      [](auto& m) { m.references.pop_back(); },
      [](auto& m) { m.sections.pop_back(); },
      [](auto& m) { m.sections[0].category = Category::needs; },
      [](auto& m) { m.sections[0].form = Form::record; },
      [](auto& m) { m.sections[0].grant = Grant::now; },
      [](auto& m) { m.sections[0].basis = Basis::consent; },
      [](auto& m) { m.sections[0].rule += 1; },
      [](auto& m) { m.sections[0].granted = false; },
      [](auto& m) { m.sections[0].handling = {}; },
      [](auto& m) { m.sections[0].commitment.bytes[0] ^= 1; },
      [](auto& m) { m.sections[0].ciphertext_root.bytes[0] ^= 1; },
      [](auto& m) { m.sections[0].padded_length += 1; },
      [](auto& m) { m.sections[0].consent.id.bytes[0] ^= 1; },
  };
  const Bytes good = encode_record(sample_message());
  for (std::size_t i = 0; i < kChanges.size(); ++i) {
    MessageRecord changed = sample_message();
    kChanges[i](changed);
    const Bytes bytes = encode_record(changed);
    EXPECT_NE(bytes, good) << i;
    EXPECT_EQ(encode_record(decode_record<MessageRecord>(bytes).value()), bytes) << i;
  }
}

// --- rows of the view ---

class Records : public testing::Test {
 protected:
  MemoryView below;
  Overlay view{below};
  Filler f;
};

TEST_F(Records, AbsentRowsAreEmpty) {
  EXPECT_EQ(read_head(view).value(), std::nullopt);
  EXPECT_FALSE(read_member(view, f.id<MemberId>()).value());
  EXPECT_FALSE(find_message(view, f.reference()).value());
  EXPECT_TRUE(read_due(view, {UINT64_MAX}, 10).value().empty());
  EXPECT_EQ(next_due(view).value(), std::nullopt);
}

template <class Record>
void expect_same(const Result<std::optional<Record>>& read, const Record& written, const char* what) {
  ASSERT_TRUE(read.has_value()) << what;
  ASSERT_TRUE(read->has_value()) << what;
  EXPECT_EQ(encode_record(**read), encode_record(written)) << what;
}

TEST_F(Records, EachIsReadBackWhereItWasWritten) {
  const auto key = f.id<KeyId>();
  const auto transport = f.id<TransportKey>();
  const auto member = f.id<MemberId>();
  const Counter counter{42};
  const auto subject = base::as_bytes("policy");
  write_head(view, sample_head());
  write_network(view, sample_network());
  write_loss(view, sample_loss());
  write_administrator(view, key, sample_administrator());
  write_party(view, transport, sample_party());
  write_key(view, key, sample_key());
  write_member(view, member, sample_member());
  write_prekey(view, member, key, sample_prekey());
  write_subject(view, subject, base::id_cast<StatementId>(key));
  write_policy(view, sample_policy_record());
  write_auditor(view, member, sample_appointment());
  write_message(view, member, counter, sample_message());
  write_thread(view, member, counter, sample_thread());
  write_consent(view, member, counter, sample_consent());

  expect_same(read_head(view), sample_head(), "head");
  expect_same(read_network(view), sample_network(), "network");
  expect_same(read_loss(view), sample_loss(), "loss");
  expect_same(read_administrator(view, key), sample_administrator(), "administrator");
  expect_same(read_party(view, transport), sample_party(), "party");
  expect_same(read_key(view, key), sample_key(), "key");
  expect_same(read_member(view, member), sample_member(), "member");
  expect_same(read_prekey(view, member, key), sample_prekey(), "prekey");
  expect_same(read_subject(view, subject), base::id_cast<StatementId>(key), "subject");
  const auto policy = read_policy(view);
  ASSERT_TRUE(policy && *policy);
  EXPECT_EQ(encode_record(**policy), encode_record(sample_policy_record()));
  expect_same(read_auditor(view, member), sample_appointment(), "auditor");
  expect_same(read_message(view, member, counter), sample_message(), "message");
  expect_same(read_thread(view, member, counter), sample_thread(), "thread");
  expect_same(read_consent(view, member, counter), sample_consent(), "consent");
  EXPECT_EQ(read_administrators(view).value().size(), 1U);
  EXPECT_EQ(view.changes().size(), 14U);
  for (const Change& change : view.changes()) EXPECT_LE(change.key.size(), 64U);
}

TEST_F(Records, AReferenceFindsOnlyTheIdThatItNames) {
  Reference reference = f.reference();
  MessageRecord message = sample_message();
  message.id = reference.id;
  write_message(view, reference.author, reference.counter, message);
  EXPECT_TRUE(find_message(view, reference).value());
  reference.id.bytes[0] ^= 1;
  EXPECT_FALSE(find_message(view, reference).value());
  EXPECT_FALSE(find_thread(view, reference).value());
  EXPECT_FALSE(find_consent(view, reference).value());
}

TEST_F(Records, ErasedOnesAreGone) {
  const auto member = f.id<MemberId>();
  const Reference thread{member, Counter{1}, f.id<StatementId>()};
  write_message(view, member, Counter{1}, sample_message());
  write_thread(view, member, Counter{1}, sample_thread());
  write_consent(view, member, Counter{1}, sample_consent());
  write_thread_message(view, thread, Sequence{9}, thread);
  erase_message(view, member, Counter{1});
  erase_thread(view, member, Counter{1});
  erase_consent(view, member, Counter{1});
  erase_thread_message(view, thread, Sequence{9});
  EXPECT_EQ(dump(view).value(), "");
}

TEST_F(Records, ADamagedRowIsAnError) {
  view.put(Table::head, {0}, {1, 2, 3});
  view.put(Table::due, {1, 2, 3}, {1});
  const auto head = read_head(view);
  ASSERT_FALSE(head.has_value());
  EXPECT_EQ(head.error().kind, base::ErrorKind::damaged);
  EXPECT_FALSE(read_due(view, {UINT64_MAX}, 1).has_value());
}

TEST_F(Records, AQueueIsInLogOrderAndOnesOwn) {
  const auto recipient = f.id<MemberId>();
  const auto other = f.id<MemberId>();
  const Reference first = f.reference();
  const Reference second = f.reference();
  write_queue(view, recipient, Sequence{300}, second);
  write_queue(view, recipient, Sequence{200}, first);
  write_queue(view, other, Sequence{100}, first);
  const auto queue = read_queue(view, recipient, Sequence{0}, 10).value();
  ASSERT_EQ(queue.size(), 2U);
  EXPECT_EQ(queue[0].sequence, Sequence{200});
  EXPECT_EQ(queue[0].reference, first);
  EXPECT_EQ(queue[1].reference, second);
  EXPECT_EQ(read_queue(view, recipient, Sequence{201}, 10).value().size(), 1U);
  EXPECT_EQ(read_queue(view, recipient, Sequence{0}, 1).value().size(), 1U);
  erase_queue(view, recipient, Sequence{200});
  EXPECT_EQ(read_queue(view, recipient, Sequence{0}, 10).value().size(), 1U);
}

TEST_F(Records, ThreadMessagesAreInLogOrder) {
  const Reference thread = f.reference();
  const Reference answer = f.reference();
  write_thread_message(view, thread, Sequence{256}, answer);
  write_thread_message(view, thread, Sequence{255}, thread);
  EXPECT_EQ(read_thread_messages(view, thread, Sequence{0}, 10).value(), (std::vector<Reference>{thread, answer}));
  EXPECT_EQ(read_thread_messages(view, thread, Sequence{256}, 10).value(), std::vector<Reference>{answer});
}

TEST_F(Records, DueItemsComeByTimeCodeReferenceAndSection) {
  Reference low = f.reference();
  low.author = {};
  Reference high = low;
  high.counter.value += 1;
  const std::vector<DueItem> sorted = {{{10}, DueCode::expiry, high, kNoSection}, {{20}, DueCode::expiry, low, 0},
                                       {{20}, DueCode::expiry, low, 1},           {{20}, DueCode::expiry, high, 0},
                                       {{20}, DueCode::answer, low, 0},           {{300}, DueCode::expiry, low, 0}};
  for (auto item = sorted.rbegin(); item != sorted.rend(); ++item) write_due(view, *item);
  const auto due = read_due(view, {20}, 100).value();
  ASSERT_EQ(due.size(), 5U);
  for (std::size_t i = 0; i < due.size(); ++i) {
    EXPECT_EQ(due[i].at, sorted[i].at) << i;
    EXPECT_EQ(due[i].code, sorted[i].code) << i;
    EXPECT_EQ(due[i].reference, sorted[i].reference) << i;
    EXPECT_EQ(due[i].section, sorted[i].section) << i;
  }
  EXPECT_EQ(read_due(view, {20}, 2).value().size(), 2U);
  EXPECT_TRUE(read_due(view, {9}, 100).value().empty());
  EXPECT_EQ(next_due(view).value(), Timestamp{10});
  erase_due(view, sorted[0]);
  EXPECT_EQ(next_due(view).value(), Timestamp{20});
}

// --- counters ---

TEST_F(Records, TheCounterWindowKeepsTheHighest) {
  const auto member = f.id<MemberId>();
  const auto other = f.id<MemberId>();
  const auto use = [&](const MemberId& who, std::uint64_t counter) {
    ASSERT_TRUE(use_counter(view, who, Counter{counter}, {f.id<StatementId>(), Sequence{counter}}).has_value());
  };
  use(other, 1);
  for (std::uint64_t i = 0; i < 1023; ++i) use(member, 1000 + 2 * i);
  EXPECT_EQ(window_floor(view, member).value(), std::nullopt);
  use(member, 999);
  EXPECT_EQ(window_floor(view, member).value(), Counter{999});
  use(member, 1001);  // among them: the lowest leaves
  EXPECT_EQ(window_floor(view, member).value(), Counter{1000});
  EXPECT_FALSE(read_counter(view, member, Counter{999}).value());
  EXPECT_TRUE(read_counter(view, member, Counter{1001}).value());
  use(member, 5'000'000);
  EXPECT_EQ(window_floor(view, member).value(), Counter{1001});
  EXPECT_EQ(view.scan(Table::counter, member.view(), {}, 5000).value().size(), 1024U);
  EXPECT_EQ(window_floor(view, other).value(), std::nullopt);
  EXPECT_TRUE(read_counter(view, other, Counter{1}).value());
}

TEST_F(Records, AUsedCounterStaysWithItsFirstStatement) {
  const auto member = f.id<MemberId>();
  const auto first = f.id<StatementId>();
  ASSERT_TRUE(use_counter(view, member, Counter{7}, {first, Sequence{1}}).has_value());
  ASSERT_TRUE(use_counter(view, member, Counter{7}, {f.id<StatementId>(), Sequence{2}}).has_value());
  EXPECT_EQ(read_counter(view, member, Counter{7}).value()->id, first);
}

}  // namespace
}  // namespace besa::core
