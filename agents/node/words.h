// Plain sentences for people who have no time: why something was refused, what a state means.
#pragma once

#include <string>

#include "agents/node/records.h"
#include "core/codes.h"

namespace besa::node {

// One sentence, without a full stop: "no rule lets 'exploitation' go to jobs"; what wire::why_of says of the reason
// where neither section nor recipient belongs into it. `section` none: the message as a whole; `to` may be empty.
std::string refusal_words(core::Reason reason, core::Category section, const std::string& to);

// A state of a thread as a person would say it: "the other side accepted".
std::string_view thread_words(core::ThreadState state);
// How a message of ours stands that is not in the log as accepted.
std::string_view draft_words(DraftState state);

// Why a message could not be read.
std::string_view unreadable_words(core::Unreadable reason);

}  // namespace besa::node
