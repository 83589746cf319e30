#include "agents/admin/words.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "wire/sentences.h"

namespace besa::admin {
namespace {

using core::Reason;

// What governance can meet, with the next step of whoever made it. Of others wire::why_of has the sentence.
struct Next {
  Reason reason;
  std::string_view words;
};
constexpr Next kNext[] = {
    {Reason::created_ahead, "it was made on a computer whose clock is ahead: set the clock, prepare it again"},
    {Reason::expired, "the days in which it could take effect are over: prepare it again and sign it anew"},
    {Reason::expires_too_late, "it would wait longer than 30 days: prepare it again with fewer --valid-days"},
    {Reason::unknown_code, "it holds a code or version that this network does not know: use its programs"},
    {Reason::wrong_shape, "its parts do not fit together: look at it with besa-admin show"},
    {Reason::unknown_reference, "the log knows no such member, or has removed it: check the id"},
    {Reason::illegal_transition,
     "the member's standing does not allow it: only a member in force is suspended, only a suspended one "
     "reinstated, and a removed one stays removed"},
    {Reason::governance_stale,
     "another statement on the same subject was accepted since: prepare it again, with --keys to ask the "
     "broker what it replaces"},
    {Reason::below_threshold, "too few administrators have signed it: let another one sign it with besa-admin sign"},
    {Reason::one_organisation,
     "one organisation alone would decide: let an administrator of another organisation sign it"},
    {Reason::already_used,
     "a key in it belongs to somebody else or stands there twice, or the member was removed for good: new keys "
     "and a new request are needed"},
    {Reason::not_possessed,
     "the agency has not proved that it holds the keys: let it run besa-node possess on the file, then submit "
     "it again"},
};

}  // namespace

std::string reason_words(Reason reason) {
  const auto* next =
      std::find_if(std::begin(kNext), std::end(kNext), [&](const Next& n) { return n.reason == reason; });
  const std::string_view words = next == std::end(kNext) ? wire::why_of(reason).why : next->words;
  return std::string(words) + " [" + std::string(core::name_of(reason)) + "]";
}

}  // namespace besa::admin
