// Every reason of the closed list, as people understand it.
#include "wire/sentences.h"

namespace besa::wire {

using core::Reason;

Why why_of(Reason reason) {
  switch (reason) {
    case Reason::none: return {};
    case Reason::unknown_sender:
      return {"the sender was no member in force: unknown, suspended or removed",
              "a membership in force: the administrators enrol or reinstate"};
    case Reason::bad_signature_key:
      return {"the key that signed it was not in force at this place of the log", "a signature with a key in force"};
    case Reason::counter_reused: return {"its number had been used for another statement", "a number of its own"};
    case Reason::counter_ahead:
      return {"its number lies more than five minutes ahead of the broker's time", "a clock that is right"};
    case Reason::created_ahead:
      return {"it was dated more than five minutes ahead of the broker's time", "a clock that is right"};
    case Reason::expired: return {"its time was over when it came", "to come before it expires"};
    case Reason::expires_too_late:
      return {"it would have waited longer than format or policy allow", "an earlier expiry"};
    case Reason::unknown_code:
      return {"it holds a code that the network has not adopted", "codes of the adopted lists"};
    case Reason::wrong_shape:
      return {"it does not have the parts that its kind needs, or has others", "the parts that belong to its kind"};
    case Reason::policy_stale:
      return {"it names another policy than the one in force", "to be sealed again under the policy in force"};
    case Reason::recipient_unavailable:
      return {"the recipient was unknown, or had no such key in force", "a recipient with a key in force"};
    case Reason::unknown_reference:
      return {"what it refers to is not in the log, or not the sender's: both get this answer",
              "a thread or message that the sender is a party to"};
    case Reason::purpose_differs: return {"its purpose is not the thread's", "the purpose of the thread"};
    case Reason::illegal_transition:
      return {"the state of what it speaks of did not allow it", "another state: the log's order alone decides"};
    case Reason::not_due: return {"it was not due, or answered already", "something that is owed"};
    case Reason::person_class_loosened:
      return {"a minor, or a person of unknown age, would have become an adult", "a reference to an age assessment"};
    case Reason::already_granted: return {"it was granted before", "nothing: it is with the recipient"};
    case Reason::break_glass_missing:
      return {"vital interest and the break-glass reason did not come together", "both of them, or neither"};
    case Reason::denied:
      return {"a rule forbids it, whoever allows it", "to leave this out: a deny rule beats all others"};
    case Reason::no_rule:
      return {"no rule allows it: what no rule allows is refused",
              "a rule for these sectors, this kind, purpose, category and basis"};
    case Reason::class_not_allowed:
      return {"the rule does not hold for a person of this age", "a rule for this class of person"};
    case Reason::priority_not_allowed: return {"the rule holds for other priorities only", "one of its priorities"};
    case Reason::reference_missing:
      return {"the basis demands a reference that is not there", "the reference, such as the legal ground"};
    case Reason::later_required: return {"this may go only after the recipient has accepted", "to grant it later"};
    case Reason::matter_not_fresh: return {"the rule wants a matter of its own", "a matter without earlier threads"};
    case Reason::not_responsible:
      return {"the sender is not responsible for the matter", "the responsible agency, or a handover to this one"};
    case Reason::link_missing: return {"the rule wants a message that this one rests on", "a link to such a message"};
    case Reason::screening_blocks:
      return {"the newest screening does not say that nothing was found", "a newer screening of that author"};
    case Reason::link_used: return {"what it rests on was used before", "a new one: it may be used once"};
    case Reason::handling_forbids:
      return {"the handling codes that came with the data forbid it", "data without that code, or nothing at all"};
    case Reason::handling_dropped:
      return {"handling codes that came with the data are missing on the copy", "all codes of what it was copied from"};
    case Reason::permission_missing:
      return {"whoever the data came from must be asked first", "a permission that names section and recipient"};
    case Reason::not_covered:
      return {"the consent does not carry it; for all causes the log gives this one answer",
              "a consent in force that allows this recipient this category for this purpose, without exclusion. The "
              "agency that took it sees more with a dry run"};
    case Reason::consent_incomplete:
      return {"the consent is not complete",
              "all informed checks that the policy wants, a giver who may give it, "
              "and at least one row that allows something"};
    case Reason::not_entitled:
      return {"whoever signed it has no right to this", "the agency that took the consent, or the person's own code"};
    case Reason::governance_stale:
      return {"another statement on the same subject was accepted meanwhile", "to name the newest one as replaced"};
    case Reason::below_threshold: return {"too few administrators signed it", "more signatures of administrators"};
    case Reason::one_organisation:
      return {"administrators of one organisation alone signed it", "a signature of another organisation"};
    case Reason::already_used: return {"a key or id in it was used before", "new keys"};
    case Reason::not_possessed:
      return {"nobody proved to hold the new keys", "the proof of possession by whoever holds them"};
  }
  return {"for a reason that this version does not know", "a newer version"};
}

}  // namespace besa::wire
