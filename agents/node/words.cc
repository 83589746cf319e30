#include "agents/node/words.h"

#include <algorithm>
#include <iterator>

#include "wire/sentences.h"

namespace besa::node {

using core::Reason;
using core::ThreadState;
using core::Unreadable;

namespace {

// What wire::why_of cannot know: which section, and who was to get it. "%s" is the section, "%r" the recipient.
struct Named {
  Reason reason;
  std::string_view words;
};
constexpr Named kNamed[] = {
    {Reason::none, "nothing was refused"},
    {Reason::unknown_code, "%s holds a code that the network does not know"},
    {Reason::wrong_shape, "%s does not have the parts that its kind needs"},
    {Reason::recipient_unavailable, "%r cannot receive messages now"},
    {Reason::already_granted, "%s was granted before"},
    {Reason::denied, "a rule forbids that %s goes to %r"},
    {Reason::no_rule, "no rule lets %s go to %r for this purpose on this basis"},
    {Reason::reference_missing, "%s needs a reference (for example the legal ground)"},
    {Reason::later_required, "%s may go only after %r has accepted"},
    {Reason::handling_forbids, "the handling codes of %s forbid it"},
    {Reason::handling_dropped, "%s lost handling codes that it came with"},
    {Reason::permission_missing, "%s needs the permission of whom it came from"},
};

std::string fill(std::string_view words, const std::string& section, const std::string& to) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] != '%') {
      out += words[i];
    } else {
      out += words[++i] == 's' ? section : to;
    }
  }
  return out;
}

}  // namespace

std::string refusal_words(Reason reason, core::Category section, const std::string& to) {
  const auto* named =
      std::find_if(std::begin(kNamed), std::end(kNamed), [&](const Named& n) { return n.reason == reason; });
  const bool nobody = named != std::end(kNamed) && to.empty() && named->words.find("%r") != std::string_view::npos;
  if (named == std::end(kNamed) || nobody) return std::string(wire::why_of(reason).why);
  const bool whole = section == core::Category::none;
  return fill(named->words, whole ? "this message" : "'" + std::string(core::name_of(section)) + "'", to);
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
