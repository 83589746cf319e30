// What a node writes down: drafts of what the agency wants to say, headers of messages that came, alarms. As JSON
// inside the encrypted store.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "core/bodies.h"
#include "wire/messages.h"

namespace besa::node {

using base::Bytes;
using base::Result;
using base::Status;
using base::Timestamp;

struct SectionDraft {
  core::Category category = core::Category::none;
  core::Basis basis = core::Basis::none;
  core::Grant grant = core::Grant::now;
  std::vector<core::Handling> handling;
  std::string content;  // JSON of the category's table
  std::string rule;     // id of the rule that allowed it, as far as known
};

// A typed reference. Only the salted hash travels; salt and text stay here.
struct ReferenceDraft {
  core::ReferenceType type = core::ReferenceType::none;
  base::Salt salt;
  std::string text;
};

enum class DraftState : std::uint8_t {
  none,
  waiting,   // not sealed and signed yet
  sent,      // signed; perhaps the broker has it
  accepted,  // its entry is known
  refused,   // its entry is known
  failed,    // it never became an entry and never will
  dropped,   // taken back before it was sent
};
std::string_view name_of(DraftState state);

// Something that this member wants to state. Sealed and signed only when it is submitted.
struct Draft {
  std::uint64_t number = 0;
  core::StatementType type = core::StatementType::none;
  DraftState state = DraftState::waiting;
  Timestamp made;

  // envelope
  base::MemberId to;
  core::Kind kind = core::Kind::none;
  core::Purpose purpose = core::Purpose::none;
  core::Priority priority = core::Priority::none;
  core::PersonClass person_class = core::PersonClass::none;
  core::Sets sets = core::Sets::none;
  core::BreakGlass break_glass = core::BreakGlass::none;
  base::Reference thread;          // that somebody else opened
  std::uint64_t thread_draft = 0;  // or that this draft opened
  base::Reference reply_to;
  std::uint64_t consent_draft = 0;  // the consent that it rests on
  std::vector<SectionDraft> sections;
  std::vector<ReferenceDraft> references;

  // consent
  std::string consent;  // JSON as it was handed in
  base::Salt consent_salt;
  base::LookupTag code_tag;  // of the person's code, if one was given; the code itself is kept nowhere
  base::PublicKey code_key;

  // withdrawal, of consent_draft: what of it; neither of both is the whole
  std::vector<core::Purpose> purposes;
  std::vector<base::Digest> rows;
  // withdrawal_answer, about the first of messages
  core::DebtAnswer answer = core::DebtAnswer::none;
  core::Basis kept_on = core::Basis::none;

  // received, unreadable, opened
  std::vector<base::Reference> messages;
  core::Unreadable reason = core::Unreadable::none;
  core::ReaderRole role = core::ReaderRole::none;
  base::PersonId person;

  // how far it got
  unsigned attempts = 0;   // times that it was sealed
  bool offered = false;    // the signed bytes may have reached the broker
  std::uint64_t lost = 0;  // number of its receipt from a lost part of the log: it is offered again with it
  base::StatementId id;    // of the newest sealing
  base::Counter counter;
  std::uint64_t pair = 0;   // pair counter of the newest sealing
  base::Sequence sequence;  // of its entry
  Timestamp decided;
  core::Reason refusal = core::Reason::none;
  std::uint16_t rule = 0;
  std::string rule_id;
  core::Category refused_section = core::Category::none;
  std::string note;  // why it waits or failed, in words

  // It lay in a lost part of the log, and what becomes of it is not known yet.
  bool is_offered_again() const { return state == DraftState::sent && lost != 0; }
  bool is_open() const { return state == DraftState::waiting || state == DraftState::sent; }
};

Bytes encode_draft(const Draft& draft);
// Errors: damaged.
[[nodiscard]] Result<Draft> decode_draft(base::ByteView bytes);

// The signed statement of a draft.
Bytes encode_parts(const wire::StatementParts& parts);
[[nodiscard]] Result<wire::StatementParts> decode_parts(base::ByteView bytes);

struct InboxSection {
  std::uint16_t index = 0;
  core::Category category = core::Category::none;
  core::Form form = core::Form::none;
  core::Grant grant = core::Grant::none;
  core::Basis basis = core::Basis::none;
  std::vector<core::Handling> handling;
};

// A message that came and was verified, or could not be read.
struct InboxMessage {
  base::Sequence sequence;
  base::Reference reference;  // its author is the sender
  base::Reference thread;     // its own reference if it opened one
  base::Reference reply_to;
  Timestamp decided;
  Timestamp expires;
  core::Kind kind = core::Kind::none;
  core::Purpose purpose = core::Purpose::none;
  core::Priority priority = core::Priority::none;
  core::PersonClass person_class = core::PersonClass::none;
  core::Sets sets = core::Sets::none;
  core::BreakGlass break_glass = core::BreakGlass::none;
  core::Unreadable unreadable = core::Unreadable::none;  // none: it was opened by the node and stored
  std::string detail;                                    // why not, places and rules only
  bool opened = false;                                   // a person has opened it
  bool withdrawn = false;                                // told that a consent behind it was taken back
  core::DebtAnswer settled = core::DebtAnswer::none;     // what was answered to that, on record
  std::vector<InboxSection> sections;
};
Bytes encode_inbox(const InboxMessage& message);
[[nodiscard]] Result<InboxMessage> decode_inbox(base::ByteView bytes);

// An opened section, content as the JSON of its category (or of an attachment's name and type).
struct StoredSection {
  std::uint16_t index = 0;
  core::Category category = core::Category::none;
  std::string content;
  Bytes cek;
};
Bytes encode_content(const std::vector<StoredSection>& sections);
[[nodiscard]] Result<std::vector<StoredSection>> decode_content(base::ByteView bytes);

struct Alarm {
  std::uint64_t number = 0;
  std::string kind;   // a word: "misdelivered", "gap", "split_view", …
  std::string key;    // one alarm for each (kind, key)
  std::string words;  // for people
  std::string file;   // evidence, below the state folder; may be empty
  Timestamp raised;
  bool over = false;
};
Bytes encode_alarm(const Alarm& alarm);
[[nodiscard]] Result<Alarm> decode_alarm(base::ByteView bytes);

}  // namespace besa::node
