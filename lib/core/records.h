// The rows of the view, typed. Each record has one encoding (version byte first) and one key; `read` and `write` go
// through a View and an Overlay. A row that does not decode is a damaged view.
#pragma once

#include <optional>
#include <vector>

#include "core/entry.h"
#include "core/view.h"

namespace besa::core {

// When something is decided. During the recovery from a loss, what was valid when the log was lost still is: ends of
// validity are then compared with the time of the last entry before the loss.
struct Moment {
  Moment() = default;
  Moment(Timestamp at) : now(at), ends(at) {}  // NOLINT(google-explicit-constructor): a time is a moment
  Moment(Timestamp at, Timestamp ends_at) : now(at), ends(ends_at) {}
  Timestamp now;
  Timestamp ends;
  bool within(Timestamp from, Timestamp until) const { return from <= now && ends < until; }
};

// Where the log stands. Absent before genesis.
struct Head {
  Sequence next;  // sequence of the next entry
  Timestamp now;  // of the last entry
  Digest effects_chain;
  Sequence governance;           // last accepted governance entry
  bool ticked = false;           // the last entry was a tick
  bool recovering = false;       // a loss was accepted, and the tick that ends its recovery has not come yet
  std::optional<Timestamp> due;  // when the next item of the due table falls due
};

// What an accepted loss kept of the log as it was before that epoch began.
struct KeptBound {
  std::uint64_t epoch = 0;
  TreeSize size;
};

// The last loss that was accepted. Absent in a log that never lost anything.
struct LossRecord {
  Sequence sequence;  // of its entry
  std::uint64_t epoch = 0;
  TreeSize kept_size;
  Digest kept_root;
  Timestamp kept_now;  // of the last entry before it: ends of validity are compared with it while it is recovered from
  Timestamp until;     // no earlier tick ends the recovery
  std::vector<KeptBound> kept;  // of every loss so far, this one last
};
// Up to which size a tree of that epoch is a beginning of this log; empty: as far as it goes.
std::optional<TreeSize> kept_of(const std::optional<LossRecord>& loss, std::uint64_t epoch);
inline std::uint64_t epoch_of(const std::optional<LossRecord>& loss) { return loss ? loss->epoch : 0; }

struct NetworkRecord {
  NetworkId id;
  std::string name;
  std::uint16_t threshold = 0;
  PublicKey broker_log_key;
  TransportKey broker_transport_key;
  std::uint16_t decision_version = 0;
};

struct AdministratorRecord {
  OrganisationId organisation;
  PublicKey signing_key;
  TransportKey transport_key;
};

enum class PartyRole : std::uint8_t { none, member, administrator, broker };

// Whose transport key it is: what the gate asks at a handshake and again at each message.
struct Party {
  PartyRole role = PartyRole::none;
  MemberId id;  // a member, or an administrator's organisation
};

struct MemberRecord {
  OrganisationId organisation;
  MemberId parent;
  Sector sector = Sector::none;
  std::uint16_t country = 0;
  KeyId signing_key;
  TransportKey transport_key;
  Timestamp from;
  Timestamp until;
  Standing standing = Standing::none;
  Sequence enrolled;   // entry of the latest enrolment
  Sequence keys;       // last accepted enrolment, prekeys or rotation
  KeyId outgoing_key;  // replaced by the latest rotation, signs until its own end; zeros: none
  bool in_force(const Moment& at) const { return standing == Standing::in_force && at.within(from, until); }
};

struct PrekeyRecord {
  base::BoxKey key;
  Timestamp from;
  Timestamp until;
};

struct PolicyRecord {
  StatementId id;
  Policy policy;
};

struct AppointmentRecord {
  Timestamp from;
  Timestamp until;
};

struct CounterWindow {
  std::uint16_t count = 0;
  Counter lowest;  // of those kept
};

struct CounterRecord {
  StatementId id;
  Sequence sequence;
};

// A section of an accepted message: what standing checks need again.
struct SectionRecord {
  Category category = Category::none;
  Form form = Form::none;
  Grant grant = Grant::none;
  Basis basis = Basis::none;
  std::uint16_t rule = 0;
  bool granted = false;
  CodeSet<Handling> handling;
  base::Commitment commitment;
  Digest ciphertext_root;
  std::uint32_t padded_length = 0;
  Reference consent;       // of a section on consent: the one that covered it
  bool withdrawn = false;  // that consent no longer carries it
};

struct MessageRecord {
  StatementId id;
  Sequence sequence;
  MemberId recipient;
  Kind kind = Kind::none;
  Sets sets = Sets::none;
  Priority priority = Priority::none;
  PersonClass person_class = PersonClass::none;
  Reference thread;  // its own reference when it opens one
  Timestamp expires;
  MessageState state = MessageState::none;
  bool handed_out = false;  // ever
  bool purged = false;
  Debt debt = Debt::none;  // what the recipient owes since a withdrawal
  Timestamp debt_due;
  std::vector<ReferenceType> references;
  std::vector<SectionRecord> sections;
};

struct ThreadRecord {
  StatementId id;  // of the opening message
  MemberId opener;
  MemberId receiver;
  Kind kind = Kind::none;
  Purpose purpose = Purpose::none;
  Priority priority = Priority::none;
  PersonClass person_class = PersonClass::none;
  ThreadState state = ThreadState::none;
  bool overdue = false;
  bool handed_out = false;              // any message of it, ever
  Timestamp answer_due;                 // 0: nothing is due
  Timestamp retention_due;              // 0: the thread has not ended
  std::uint32_t standing_sections = 0;  // of all its messages: those that no withdrawal has taken the basis from
  std::uint32_t debts = 0;              // of its messages: owed or overdue
  std::vector<Reference> consents;      // that the opener used in it, oldest first, at most 16
};

struct ConsentRowRecord {
  ConsentRow row;
  Digest hash;
  bool withdrawn = false;  // it allows nothing and relays nothing any more; what it withholds or excludes stays
};

struct ConsentRecord {
  StatementId id;
  Sequence sequence;
  PersonClass person_class = PersonClass::none;
  GivenBy given_by = GivenBy::none;
  bool guardian_conflict = false;
  Timestamp valid_from;
  Timestamp valid_until;
  bool withdrawn = false;  // as a whole
  CodeSet<Purpose> withdrawn_purposes;
  KeyId code_key;                      // of the person's code, or zeros
  Sequence drained;                    // messages under it from here on have not yet felt the latest withdrawal
  std::vector<ConsentRowRecord> rows;  // but for empty ones
};

struct DueItem {
  Timestamp at;
  DueCode code = DueCode::none;
  Reference reference;
  std::uint16_t section = kNoSection;
};

// Reading. Absent: empty. Errors: damaged.
[[nodiscard]] Result<std::optional<Head>> read_head(const View& view);
[[nodiscard]] Result<std::optional<NetworkRecord>> read_network(const View& view);
[[nodiscard]] Result<std::optional<LossRecord>> read_loss(const View& view);
[[nodiscard]] Result<std::optional<AdministratorRecord>> read_administrator(const View& view, const KeyId& key);
[[nodiscard]] Result<std::vector<AdministratorRecord>> read_administrators(const View& view);
[[nodiscard]] Result<std::optional<Party>> read_party(const View& view, const TransportKey& key);
[[nodiscard]] Result<std::optional<KnownKey>> read_key(const View& view, const KeyId& key);
[[nodiscard]] Result<std::optional<MemberRecord>> read_member(const View& view, const MemberId& member);
[[nodiscard]] Result<std::optional<PrekeyRecord>> read_prekey(const View& view, const MemberId& member,
                                                              const KeyId& key);
[[nodiscard]] Result<std::optional<StatementId>> read_subject(const View& view, ByteView subject);
[[nodiscard]] Result<std::shared_ptr<const PolicyRecord>> read_policy(const View& view);  // null: none is in force
[[nodiscard]] Result<std::optional<AppointmentRecord>> read_auditor(const View& view, const MemberId& auditor);
[[nodiscard]] Result<std::optional<CounterRecord>> read_counter(const View& view, const MemberId& member,
                                                                Counter counter);
[[nodiscard]] Result<std::optional<MessageRecord>> read_message(const View& view, const MemberId& author,
                                                                Counter counter);
[[nodiscard]] Result<std::optional<ThreadRecord>> read_thread(const View& view, const MemberId& opener,
                                                              Counter counter);
[[nodiscard]] Result<std::optional<ConsentRecord>> read_consent(const View& view, const MemberId& author,
                                                                Counter counter);
// The same, and the id must be the one that the reference names; otherwise absent.
[[nodiscard]] Result<std::optional<MessageRecord>> find_message(const View& view, const Reference& reference);
[[nodiscard]] Result<std::optional<ThreadRecord>> find_thread(const View& view, const Reference& reference);
[[nodiscard]] Result<std::optional<ConsentRecord>> find_consent(const View& view, const Reference& reference);

// The consent that a withdrawal's reference leads to: the named one, or the one that the named message came under
// (its first section's on that basis).
[[nodiscard]] Result<std::optional<Reference>> consent_behind(const View& view, const Reference& reference);

struct QueuedMessage {
  Sequence sequence;
  Reference reference;
};
// Messages that came under a consent, with sequence >= from, oldest first.
[[nodiscard]] Result<std::vector<QueuedMessage>> read_consent_messages(const View& view, const Reference& consent,
                                                                       Sequence from, std::size_t limit);
// The consents that carry a lookup tag, oldest first.
[[nodiscard]] Result<std::vector<Reference>> read_coded(const View& view, const base::LookupTag& tag,
                                                        std::size_t limit);
// Messages queued for a member with sequence >= from, oldest first.
[[nodiscard]] Result<std::vector<QueuedMessage>> read_queue(const View& view, const MemberId& recipient, Sequence from,
                                                            std::size_t limit);
// What is due at or before `now`, in (due, code, reference, section) order.
[[nodiscard]] Result<std::vector<DueItem>> read_due(const View& view, Timestamp now, std::size_t limit);
// When the next item falls due, if any. Nothing may be due before `from`: items that are gone are not looked at again.
[[nodiscard]] Result<std::optional<Timestamp>> next_due(const View& view, Timestamp from = {});
// Head::due once the overlay's changes are in, where `before` holds without them.
[[nodiscard]] Result<std::optional<Timestamp>> due_after(const Overlay& view, std::optional<Timestamp> before);
// Messages of a thread in log order.
[[nodiscard]] Result<std::vector<Reference>> read_thread_messages(const View& view, const Reference& thread,
                                                                  Sequence from, std::size_t limit);

// Writing, onto an overlay.
void write_head(Overlay& view, const Head& head);
void write_network(Overlay& view, const NetworkRecord& record);
void write_loss(Overlay& view, const LossRecord& record);
void write_administrator(Overlay& view, const KeyId& key, const AdministratorRecord& record);
void write_party(Overlay& view, const TransportKey& key, const Party& party);
void write_key(Overlay& view, const KeyId& key, const KnownKey& record);
void write_member(Overlay& view, const MemberId& member, const MemberRecord& record);
void write_prekey(Overlay& view, const MemberId& member, const KeyId& key, const PrekeyRecord& record);
void write_subject(Overlay& view, ByteView subject, const StatementId& id);
void write_policy(Overlay& view, const PolicyRecord& record);
void write_auditor(Overlay& view, const MemberId& auditor, const AppointmentRecord& record);
void write_message(Overlay& view, const MemberId& author, Counter counter, const MessageRecord& record);
void write_thread(Overlay& view, const MemberId& opener, Counter counter, const ThreadRecord& record);
void write_thread_message(Overlay& view, const Reference& thread, Sequence sequence, const Reference& message);
void write_consent_message(Overlay& view, const Reference& consent, Sequence sequence, const Reference& message);
void write_coded(Overlay& view, const base::LookupTag& tag, Sequence sequence, const Reference& consent);
void write_consent(Overlay& view, const MemberId& author, Counter counter, const ConsentRecord& record);
// What leaves the view at the end of retention. `sequence` is the message's (MessageRecord::sequence).
void erase_message(Overlay& view, const MemberId& author, Counter counter);
void erase_thread(Overlay& view, const MemberId& opener, Counter counter);
void erase_thread_message(Overlay& view, const Reference& thread, Sequence sequence);
void erase_consent_message(Overlay& view, const Reference& consent, Sequence sequence);
void erase_consent(Overlay& view, const MemberId& author, Counter counter);
void write_queue(Overlay& view, const MemberId& recipient, Sequence sequence, const Reference& message);
void erase_queue(Overlay& view, const MemberId& recipient, Sequence sequence);
void write_due(Overlay& view, const DueItem& item);
void erase_due(Overlay& view, const DueItem& item);
// Adds a used counter and drops the lowest once more than 1,024 are kept. A counter in use stays with the statement
// that used it first.
[[nodiscard]] Status use_counter(Overlay& view, const MemberId& member, Counter counter, const CounterRecord& record);
// The lowest counter kept when the window is full; empty while it is not.
[[nodiscard]] Result<std::optional<Counter>> window_floor(const View& view, const MemberId& member);

}  // namespace besa::core
