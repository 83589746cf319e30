#include "agents/admin/words.h"

namespace besa::admin {
namespace {

using core::Reason;

// Those that governance can meet; the others have their name only.
std::string_view words_of(Reason reason) {
  switch (reason) {
    case Reason::created_ahead:
      return "it was made on a computer whose clock is ahead: set the clock, prepare it again";
    case Reason::expired: return "the days in which it could take effect are over: prepare it again and sign it anew";
    case Reason::expires_too_late: return "it would wait longer than 30 days: prepare it again with fewer --valid-days";
    case Reason::unknown_code: return "it holds a code or version that this network does not know: use its programs";
    case Reason::wrong_shape: return "its parts do not fit together: look at it with besa-admin show";
    case Reason::unknown_reference: return "the log knows no such member, or has removed it: check the id";
    case Reason::illegal_transition:
      return "the member's standing does not allow it: only a member in force is suspended, only a suspended one "
             "reinstated, and a removed one stays removed";
    case Reason::governance_stale:
      return "another statement on the same subject was accepted since: prepare it again, with --keys to ask the "
             "broker what it replaces";
    case Reason::below_threshold:
      return "too few administrators have signed it: let another one sign it with besa-admin sign";
    case Reason::one_organisation:
      return "one organisation alone would decide: let an administrator of another organisation sign it";
    case Reason::already_used:
      return "a key in it belongs to somebody else or stands there twice, or the member was removed for good: new keys "
             "and a new request are needed";
    case Reason::not_possessed:
      return "the agency has not proved that it holds the keys: let it run besa-node possess on the file, then submit "
             "it again";
    case Reason::none:
    case Reason::unknown_sender:
    case Reason::bad_signature_key:
    case Reason::counter_reused:
    case Reason::counter_ahead:
    case Reason::policy_stale:
    case Reason::recipient_unavailable:
    case Reason::purpose_differs:
    case Reason::not_due:
    case Reason::person_class_loosened:
    case Reason::already_granted:
    case Reason::break_glass_missing:
    case Reason::denied:
    case Reason::no_rule:
    case Reason::class_not_allowed:
    case Reason::priority_not_allowed:
    case Reason::reference_missing:
    case Reason::later_required:
    case Reason::matter_not_fresh:
    case Reason::not_responsible:
    case Reason::link_missing:
    case Reason::screening_blocks:
    case Reason::link_used:
    case Reason::handling_forbids:
    case Reason::handling_dropped:
    case Reason::permission_missing:
    case Reason::not_covered:
    case Reason::consent_incomplete:
    case Reason::not_entitled: return {};
  }
  return {};
}

}  // namespace

std::string reason_words(Reason reason) {
  const std::string name(core::name_of(reason));
  const std::string_view words = words_of(reason);
  return words.empty() ? name : std::string(words) + " [" + name + "]";
}

}  // namespace besa::admin
