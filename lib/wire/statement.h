// From the bytes of a statement to core types.
//
// What comes out of here has been checked in everything that needs neither a key nor a view: form, sizes, counts,
// lengths, text, rows under their root, policy under its hash, the length of a grant. Code numbers outside a list pass
// through (the core refuses them, on record); a policy with one is malformed.
// Source: docs/protocol.md "Bodies", "Statements", "The envelope".
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"
#include "core/statement.h"

namespace besa::wire {

// Parses a whole statement, as a broker or an auditor gets it.
//
// Shapes: body <= 32 KiB, each row <= 2 KiB, at most 32 rows of an envelope and 16, 32 or 64 of a consent (or none),
// policy <= 256 KiB and only with a policy adoption, at most 64 signature blocks.
// Errors: malformed; unsupported for what is well formed and belongs to a later version: other statement types, other
// kinds than referral, update, answer, cancel and test, other rows than consent, listed sections. Neither ever becomes
// an entry.
// Cost: about 30 us for an ordinary envelope.
[[nodiscard]] base::Result<core::ParsedStatement> parse_statement(std::string_view media_type, base::ByteView body,
                                                                  base::ByteView blocks,
                                                                  std::span<const base::ByteView> rows,
                                                                  base::ByteView policy);

// The same for a reader who is not shown the rows (a recipient): rows_root is what the body says, the rows are empty.
[[nodiscard]] base::Result<core::ParsedStatement> parse_shown(std::string_view media_type, base::ByteView body,
                                                              base::ByteView blocks, base::ByteView policy = {});

// A policy by itself, as it lies in a file before it is adopted.
[[nodiscard]] base::Result<core::Policy> parse_policy(base::ByteView bytes);
// One row by itself, as a relay member is shown it.
[[nodiscard]] base::Result<core::ConsentRow> parse_consent_row(base::ByteView bytes);
[[nodiscard]] base::Result<core::EnvelopeRow> parse_envelope_row(base::ByteView bytes);
// The nested parts of an envelope.
[[nodiscard]] base::Result<core::Context> parse_context(base::ByteView bytes);
struct SectionList {
  std::vector<core::Section> sections;
  std::vector<core::ListedSection> listed;
};
[[nodiscard]] base::Result<SectionList> parse_section_list(base::ByteView bytes);

// --- Writing. The same values always give the same bytes, and parsing gives the values back. ---

base::Bytes encode_genesis(const core::Genesis& body);
base::Bytes encode_enrolment(const core::Enrolment& body);
base::Bytes encode_standing_change(const core::StandingChange& body);
base::Bytes encode_policy_adoption(const core::PolicyAdoption& body);
base::Bytes encode_auditor_appointment(const core::AuditorAppointment& body);
base::Bytes encode_loss_accepted(const core::LossAccepted& body);
base::Bytes encode_administrator_change(const core::AdministratorChange& body);
base::Bytes encode_prekeys(const core::Prekeys& body);
base::Bytes encode_key_rotation(const core::KeyRotation& body);
base::Bytes encode_consent(const core::Consent& body);
base::Bytes encode_acknowledgement(const core::Acknowledgement& body);
base::Bytes encode_unreadable(const core::UnreadableReport& body);
base::Bytes encode_opened(const core::Opened& body);
base::Bytes encode_withdrawal(const core::Withdrawal& body);
base::Bytes encode_person_withdrawal(const core::PersonWithdrawal& body);
base::Bytes encode_withdrawal_answer(const core::WithdrawalAnswer& body);
base::Bytes encode_hand_out(const core::HandOut& body);
base::Bytes encode_tick(const core::Tick& body);
base::Bytes encode_clock_confirmed(const core::ClockConfirmed& body);
// Any of these but the envelope, whose body rests on the exact bytes of its parts (a programmer error here).
base::Bytes encode_body(const core::Body& body);

base::Bytes encode_policy(const core::Policy& policy);
base::Bytes encode_envelope_row(const core::EnvelopeRow& row, const base::Salt& salt);
base::Bytes encode_consent_row(const core::ConsentRow& row, const base::Salt& salt);

base::Bytes encode_context(const core::Context& context);
// No bytes if both are empty.
base::Bytes encode_section_list(const SectionList& list);
base::Bytes encode_envelope(base::ByteView context, base::ByteView section_list, base::ByteView grant,
                            const base::Digest& rows_root);

// The RFC 6962 root over rows; zeros if there are none.
base::Digest rows_root(std::span<const base::Bytes> rows);

// How many keys the grant of a message holds: its `now` sections, or what it lists.
std::size_t granted_count(core::Kind kind, const SectionList& list);
// 32 + 120 + 32 n + 16.
constexpr std::size_t grant_bytes(std::size_t keys) { return 32 + base::limits::kGossipBytes + 32 * keys + 16; }

}  // namespace besa::wire
