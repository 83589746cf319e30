// Requests that only read: hello, fetch, entry, prekeys, lookup. Any thread, on a snapshot; nothing here writes.
#pragma once

#include "broker/caller.h"
#include "broker/publication.h"
#include "journal/journal.h"
#include "wire/messages.h"

namespace besa::broker {

// What a reader of the log looks at. `published` was taken before the snapshot, so the snapshot holds all of it.
struct Reading {
  const journal::Snapshot& snapshot;
  const Published& published;
  base::Timestamp now;
};

[[nodiscard]] Answered<wire::HelloReply> answer_hello(const Reading& reading, const Caller& caller);

// One chunk. Refusals: denied (not granted, not handed out, standing gone), not_found (purged, no such chunk).
[[nodiscard]] Answered<wire::FetchReply> answer_fetch(const Reading& reading, const Caller& caller,
                                                      const wire::FetchRequest& request);

// Entries that the caller may read; an appointed auditor gets as many of `count` as one frame takes, with rows; anybody
// else one, without. Refusals: denied, not_found (past the checkpoint).
[[nodiscard]] Answered<wire::EntryReply> answer_entry(const Reading& reading, const Caller& caller,
                                                      const wire::EntryRequest& request);

// The newest accepted statement of a member that has a prekey in force. Refusals: not_found.
[[nodiscard]] Answered<wire::PrekeysReply> answer_prekeys(const Reading& reading, const Caller& caller,
                                                          const wire::PrekeysRequest& request);

// The references that carry a tag, oldest first; none for a tag that nobody ever named. Nothing else of them is shown:
// who has the code needs no more, and who guesses learns no more. How often one may ask is the worker's.
[[nodiscard]] Answered<wire::LookupReply> answer_lookup(const Reading& reading, const Caller& caller,
                                                        const wire::LookupRequest& request);

}  // namespace besa::broker
