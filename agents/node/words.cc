#include "agents/node/words.h"

namespace besa::node {

using core::Reason;
using core::ThreadState;
using core::Unreadable;

std::string refusal_words(Reason reason, core::Category section, const std::string& to) {
  const std::string what =
      section == core::Category::none ? "this message" : "'" + std::string(core::name_of(section)) + "'";
  switch (reason) {
    case Reason::none: return "nothing was refused";
    case Reason::unknown_sender: return "this agency is not a member in force: ask the administrators";
    case Reason::bad_signature_key: return "this node's signing key is not in force: ask the administrators";
    case Reason::counter_reused: return "its number was used before";
    case Reason::counter_ahead:
    case Reason::created_ahead: return "this computer's clock is ahead: set the clock and send again";
    case Reason::expired: return "it was too old when it reached the broker";
    case Reason::expires_too_late: return "it would wait longer than the policy allows";
    case Reason::unknown_code: return what + " holds a code that the network does not know";
    case Reason::wrong_shape: return what + " does not have the parts that its kind needs";
    case Reason::policy_stale: return "the policy changed while it was on its way";
    case Reason::recipient_unavailable: return to + " cannot receive messages now";
    case Reason::unknown_reference: return "what it refers to is not known or not yours";
    case Reason::purpose_differs: return "its purpose is not that of the thread";
    case Reason::illegal_transition: return "the state of the thread does not allow this now";
    case Reason::not_due: return "it is not due";
    case Reason::person_class_loosened: return "a minor cannot become an adult without an age assessment";
    case Reason::already_granted: return what + " was granted before";
    case Reason::break_glass_missing: return "vital interest needs a break-glass reason, and only vital interest";
    case Reason::denied: return "a rule forbids that " + what + " goes to " + to;
    case Reason::no_rule: return "no rule lets " + what + " go to " + to + " for this purpose on this basis";
    case Reason::class_not_allowed: return "the rule does not allow this for a person of this age";
    case Reason::priority_not_allowed: return "the rule allows this only for other priorities";
    case Reason::reference_missing: return what + " needs a reference (for example the legal ground)";
    case Reason::later_required: return what + " may go only after " + to + " has accepted";
    case Reason::matter_not_fresh: return "the rule wants a matter of its own for this";
    case Reason::not_responsible: return "only the responsible agency may do this";
    case Reason::link_missing: return "the rule wants another message that this one rests on";
    case Reason::screening_blocks: return "the screening does not allow it";
    case Reason::link_used: return "what it rests on was used before";
    case Reason::handling_forbids: return "the handling codes of " + what + " forbid it";
    case Reason::handling_dropped: return what + " lost handling codes that it came with";
    case Reason::permission_missing: return what + " needs the permission of whom it came from";
    case Reason::not_covered: return "the consent does not carry it";
    case Reason::consent_incomplete: return "the consent is not complete";
    case Reason::not_entitled: return "this agency is not entitled to it";
    case Reason::governance_stale:
    case Reason::below_threshold:
    case Reason::one_organisation:
    case Reason::already_used:
    case Reason::not_possessed: return "the administrators' statement does not hold";
  }
  return "for a reason that this version does not know";
}

std::string_view thread_words(ThreadState state) {
  switch (state) {
    case ThreadState::none: return "not known";
    case ThreadState::queued: return "waits at the broker";
    case ThreadState::handed_out: return "was handed to the other side";
    case ThreadState::received: return "was received by the other side";
    case ThreadState::opened: return "was opened by a person";
    case ThreadState::needs_info: return "the other side asks for more";
    case ThreadState::info_sent: return "the question was answered";
    case ThreadState::accepted: return "accepted";
    case ThreadState::in_progress: return "under way";
    case ThreadState::on_hold: return "on hold";
    case ThreadState::completed: return "completed";
    case ThreadState::closed: return "closed";
    case ThreadState::declined: return "declined";
    case ThreadState::expired: return "expired before it was read";
    case ThreadState::undeliverable: return "the other side could not read it";
    case ThreadState::cancel_confirmed: return "cancelled, and the other side knows";
    case ThreadState::withdrawal_answered: return "consent withdrawn, and the other side answered";
    case ThreadState::re_referred: return "referred elsewhere";
    case ThreadState::cancelled: return "cancelled";
    case ThreadState::entered_in_error: return "sent by mistake";
    case ThreadState::consent_withdrawn: return "consent withdrawn";
  }
  return "not known";
}

std::string_view draft_words(DraftState state) {
  switch (state) {
    case DraftState::none:
    case DraftState::accepted: return "not known";
    case DraftState::waiting: return "waits on this node to be sent";
    case DraftState::sent: return "is on its way to the broker";
    case DraftState::refused: return "was refused by the broker, on record";
    case DraftState::failed: return "could not be sent";
    case DraftState::dropped: return "was taken back before it was sent";
  }
  return "not known";
}

std::string_view unreadable_words(Unreadable reason) {
  switch (reason) {
    case Unreadable::none: return "readable";
    case Unreadable::malformed: return "its form is wrong";
    case Unreadable::wrong_network: return "it belongs to another network";
    case Unreadable::bad_signature: return "its signature does not hold";
    case Unreadable::not_recipient: return "it is not for this agency";
    case Unreadable::unknown_prekey: return "it was sealed to a key that this node no longer has";
    case Unreadable::chunk_root: return "its ciphertext is not what was signed";
    case Unreadable::grant: return "its keys cannot be opened";
    case Unreadable::commitment: return "a key in it is not the one that was promised";
    case Unreadable::ciphertext: return "its ciphertext was changed";
    case Unreadable::padding: return "its padding is wrong";
    case Unreadable::content: return "its content is not well formed";
    case Unreadable::category: return "its content is of another category than it says";
    case Unreadable::missing_chunk: return "the broker did not give all of it";
  }
  return "for a reason that this version does not know";
}

}  // namespace besa::node
