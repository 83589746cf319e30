// One decision under way. Internal to the decision files of lib/core; nothing else includes it.
#pragma once

#include "core/decide.h"

namespace besa::core {

// What a decision knows and what it has put so far. `refuse` and `accept` give the decision; effects and rows are put
// only on the way to an acceptance, and thrown away if it becomes a refusal after all.
class Step {
 public:
  Step(const View& view, const ParsedStatement& decided, std::span<const Signer> signed_by, Timestamp at,
       Sequence position)
      : overlay(view), statement(decided), signers(signed_by), now(at), ends(at), sequence(position) {}

  Overlay overlay;
  const ParsedStatement& statement;
  std::span<const Signer> signers;
  Timestamp now;
  Timestamp ends;  // with which ends of validity are compared
  Sequence sequence;
  std::size_t drained = 0;  // messages that felt a withdrawal in this tick
  bool recovering = false;  // from a loss
  bool governs = false;     // an entry that members must not miss, although it is no governance statement
  bool preview = false;     // nothing is signed yet: keys and counters have no say
  std::vector<Effect> effects;
  // Of the member enrolled, signing or pulling, before this entry.
  Sequence keys_previous;

  void effect(EffectCode code, const Reference& reference, std::uint16_t section, const MemberId& member,
              std::uint64_t value) {
    effects.push_back({code, reference, section, member, value});
  }
  Moment at() const { return {now, ends}; }
  void set_due(const DueItem& item);
  void clear_due(const DueItem& item);
};

inline Decision refuse(Reason reason, std::uint16_t rule = 0) { return {Verdict::refused, reason, rule, {}}; }
// Refused because of one section.
Decision refuse_section(Reason reason, std::uint16_t rule, std::size_t section, Basis basis);
inline Decision accept() { return {Verdict::accepted, Reason::none, 0, {}}; }

// Created and expiry against `now`; none when they hold. `life` is the longest allowed.
Reason check_times(Timestamp created, Timestamp expires, const Moment& at, Duration life);

// One a family of statements. Errors: damaged.
Result<Decision> decide_governance(Step& step);
Result<Decision> decide_administrators(Step& step, const AdministratorChange& body);
Result<Decision> decide_rotation(Step& step, const KeyRotation& body);
Result<Decision> decide_prekeys(Step& step, const Prekeys& body);
Result<Decision> decide_consent(Step& step, const Consent& body);
Result<Decision> decide_envelope(Step& step, const Envelope& body);
Result<Decision> decide_acknowledgement(Step& step, const Acknowledgement& body);
Result<Decision> decide_unreadable(Step& step, const UnreadableReport& body);
Result<Decision> decide_opened(Step& step, const Opened& body);
Result<Decision> decide_withdrawal(Step& step, const Withdrawal& body);
Result<Decision> decide_withdrawal_answer(Step& step, const WithdrawalAnswer& body);
Result<Decision> decide_person(Step& step, const PersonHeader& header);
Result<Decision> decide_hand_out(Step& step, const HandOut& body);
Result<Decision> decide_withhold(Step& step, const HandOut& body);
Result<Decision> decide_tick(Step& step);
Result<Decision> decide_confirmed(Step& step, const ClockConfirmed& body);
Result<Decision> decide_loss(Step& step, const LossAccepted& body);
// The tick that ends a recovery.
Result<Decision> end_recovery(Step& step);

// Is a threshold sound: no single organisation may reach it alone?
Reason check_threshold(const std::vector<Administrator>& administrators, std::size_t threshold);
bool administrators_shaped(const std::vector<Administrator>& administrators);
// These and their keys from here on. False: a key is in use by somebody else, or named twice.
Result<bool> put_administrators(Step& step, const std::vector<Administrator>& administrators);
// The keys that a member signs with, as far as they are others than `kept`, sign no more.
Status end_member_keys(Step& step, const MemberRecord& member, const KeyId& kept);
// Did this key, which the statement brings in, sign it?
bool has_introduced(const Step& step, const KeyId& key);
// The effect that members look for: what they must not miss has come.
void put_in_force(Step& step);

constexpr std::uint8_t kTransportRole = 0xFF;  // of a public key in use, beside the roles of signing keys
// Takes a public key into use. False: somebody else holds it, or the same holder in another role.
Result<bool> take_key(Step& step, ByteView key, std::uint8_t role, const MemberId& holder);

// What falls due after a withdrawal: the messages under a consent feel it, so many in a tick; an answer stays out.
Status drain_withdrawal(Step& step, const DueItem& item);
Status mark_debt_overdue(Step& step, const DueItem& item);
// A message leaves the view: nothing is owed for it any more.
void forget_debt(Step& step, const Reference& reference, const MessageRecord& message);

// From now on a cancellation of the thread must reach the other side.
Status note_hand_out(Step& step, const Reference& thread);

// Moves a message and, when it opened its thread, the thread with it; puts the rows and effects.
Status move_message(Step& step, const Reference& reference, MessageRecord& message, MessageState to);
// Moves a thread: state, deadlines, retention. Puts the row and effects.
Status move_thread(Step& step, const Reference& reference, ThreadRecord& thread, ThreadState to, const Policy& policy);
// Asks for the ciphertext of a message to be overwritten. `later_only`: only sections that were never granted.
void purge_message(Step& step, const Reference& reference, MessageRecord& message, bool later_only);
// Out of the recipient's queue, its expiry no longer due.
void leave_queue(Step& step, const Reference& reference, const MessageRecord& message);

}  // namespace besa::core
