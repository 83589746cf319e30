// What a client keeps when its broker breaks a promise: enough for a third party to see it too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/ids.h"
#include "wire/messages.h"

namespace besa::client {

// Which promise.
enum class Breach : std::uint8_t {
  none,
  checkpoint,  // a note that the log's key did not sign, or of another log
  growth,      // a smaller tree, another root at the same size, or a consistency proof that does not hold
  inclusion,   // an entry that is not shown to be in the tree
  receipt,     // an entry about something else than what was asked for
  beside,      // a body or signatures that are not those of the entry
  clock,       // a time more than five minutes from ours
  entry,       // an entry that its log must not hold: not signed as it must be, or against the rules
};
std::string_view name_of(Breach breach);

struct Evidence {
  Breach breach = Breach::none;
  std::string what;  // one sentence
  base::Timestamp seen;
  std::string held_note;                // the newest checkpoint that was verified before; may be empty
  std::string shown_note;               // the one that came with the reply
  base::Bytes reply;                    // the whole frame
  std::optional<wire::LogEntry> entry;  // that is complained of; the log of the held note has it
};

// A text file for people and tools: sentence, time, both notes, the reply in hex.
std::string format_evidence(const Evidence& evidence);

}  // namespace besa::client
