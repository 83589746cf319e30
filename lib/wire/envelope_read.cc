// The parts of an envelope to core types, and what must hold between them.
#include "core/digests.h"
#include "schemas/envelope_generated.h"
#include "wire/chunks.h"
#include "wire/statement.h"
#include "wire/statement_read.h"
#include "wire/table_view.h"

namespace besa::wire {
namespace {

using base::ByteView;
using base::ErrorKind;
using base::fail;
using base::Result;
using base::Status;
using base::Timestamp;

core::Section read(const schema::Section& table) {
  core::Section out;
  out.category = static_cast<core::Category>(table.category());
  out.form = static_cast<core::Form>(table.form());
  out.grant = static_cast<core::Grant>(table.grant());
  out.basis = static_cast<core::Basis>(table.basis());
  if (table.handling() != nullptr) {
    for (const std::uint16_t code : *table.handling()) out.handling.push_back(static_cast<core::Handling>(code));
  }
  out.commitment = fixed<base::Commitment>(table.commitment());
  out.ciphertext_root = fixed<base::Digest>(table.ciphertext_root());
  out.padded_length = table.padded_length();
  return out;
}

Status check_list(const SectionList& list) {
  if (list.sections.empty() == list.listed.empty()) {
    return fail(ErrorKind::malformed, "/sections: holds either sections or listed ones");
  }
  std::uint64_t total = 0;
  for (const core::Section& section : list.sections) {
    if (!is_padded_length(section.padded_length))
      return fail(ErrorKind::malformed, "/sections: a length is not padded");
    total += section.padded_length;
  }
  return total <= base::limits::kMessageBytes ? Status{} : fail(ErrorKind::malformed, "/sections: over 64 MiB");
}

// Kinds of a later version are well formed, but this one cannot decide them. Numbers outside the list go on to the
// core, which refuses them on record.
Status check_served(const core::Context& context, const SectionList& list) {
  using core::Kind;
  const Kind kind = context.kind;
  const bool served = kind == Kind::referral || kind == Kind::update || kind == Kind::answer || kind == Kind::cancel ||
                      kind == Kind::test;
  if (core::in_list(kind) && !served) {
    return fail(ErrorKind::unsupported,
                "messages of kind " + std::string(core::name_of(kind)) + " are not served by this version");
  }
  return list.listed.empty() ? Status{}
                             : fail(ErrorKind::unsupported, "listed sections are not served by this version");
}

}  // namespace

Result<core::Context> parse_context(ByteView bytes) {
  BESA_ASSIGN(const auto table, Checked<schema::Context>::make(Family::envelope, "Context", bytes));
  core::Context out;
  out.network = fixed<base::NetworkId>(table->network());
  out.suite = table->suite();
  out.salt = fixed<base::Salt>(table->salt());
  out.sender = fixed<base::MemberId>(table->sender());
  out.sender_key = fixed<base::KeyId>(table->sender_key());
  out.counter = base::Counter{table->counter()};
  out.created = Timestamp{table->created()};
  out.expires = Timestamp{table->expires()};
  out.recipient = fixed<base::MemberId>(table->recipient());
  out.prekey = fixed<base::KeyId>(table->prekey());
  out.kind = static_cast<core::Kind>(table->kind());
  out.purpose = static_cast<core::Purpose>(table->purpose());
  out.priority = static_cast<core::Priority>(table->priority());
  out.person_class = static_cast<core::PersonClass>(table->person_class());
  out.thread = reference_in(table->thread());
  out.reply_to = reference_in(table->reply_to());
  out.policy = fixed<base::StatementId>(table->policy());
  out.sets = static_cast<core::Sets>(table->sets());
  if (table->references() != nullptr) {
    for (const auto* reference : *table->references()) {
      out.references.push_back(
          {static_cast<core::ReferenceType>(reference->type()), fixed<base::Digest>(reference->hash())});
    }
  }
  out.break_glass = static_cast<core::BreakGlass>(table->break_glass());
  out.screening = static_cast<core::Screening>(table->screening());
  out.about = fixed<base::MemberId>(table->about());
  if (table->due() != nullptr) {
    for (const auto* window : *table->due()) out.due.push_back({Timestamp{window->from()}, Timestamp{window->until()}});
  }
  out.due_index = table->due_index();
  return out;
}

Result<SectionList> parse_section_list(ByteView bytes) {
  SectionList out;
  if (bytes.empty()) return out;
  BESA_ASSIGN(const auto table, Checked<schema::SectionList>::make(Family::envelope, "SectionList", bytes));
  if (table->sections() != nullptr) {
    for (const auto* section : *table->sections()) out.sections.push_back(read(*section));
  }
  if (table->listed() != nullptr) {
    for (const auto* item : *table->listed()) {
      out.listed.push_back({reference_in(item->message()), item->section(), static_cast<core::Basis>(item->basis())});
    }
  }
  BESA_TRY(check_list(out));
  return out;
}

Result<core::EnvelopeRow> parse_envelope_row(ByteView bytes) {
  BESA_ASSIGN(const auto table,
              Checked<schema::EnvelopeRow>::make(Family::envelope, "EnvelopeRow", bytes, {base::limits::kRowBytes}));
  core::EnvelopeRow out;
  out.role = static_cast<core::RowRole>(table->role());
  out.section = table->section();
  out.reference = reference_in(table->reference());
  out.reference_section = table->reference_section();
  out.tag = fixed<base::LookupTag>(table->tag());
  out.key = fixed<base::PublicKey>(table->key());
  if (core::in_list(out.role) && out.role != core::RowRole::consent) {
    return fail(ErrorKind::unsupported,
                "rows of role " + std::string(core::name_of(out.role)) + " are not served by this version");
  }
  return out;
}

Result<core::Envelope> read_envelope(ByteView bytes) {
  BESA_ASSIGN(const auto table, Checked<schema::Envelope>::make(Family::envelope, "Envelope", bytes));
  const ByteView context = view_of(table->context());
  const ByteView list_bytes = view_of(table->sections());
  if (table->sections() != nullptr && list_bytes.empty()) {
    return fail(ErrorKind::malformed, "/sections: an absent list has no bytes");
  }
  core::Envelope out;
  BESA_ASSIGN(out.context, parse_context(context));
  BESA_ASSIGN(SectionList list, parse_section_list(list_bytes));
  BESA_TRY(check_served(out.context, list));
  out.grant = bytes_of(table->grant());
  // Another suite may have grants of another length; the core refuses it.
  if (out.context.suite == core::kSuite1 && out.grant.size() != grant_bytes(granted_count(out.context.kind, list))) {
    return fail(ErrorKind::malformed, "/grant: has not the length that its sections ask for");
  }
  out.h0 = core::context_hash(context);
  out.h1 = core::sections_hash(out.h0, list_bytes);
  out.sections = std::move(list.sections);
  out.listed = std::move(list.listed);
  out.rows_root = fixed<base::Digest>(table->rows_root());
  return out;
}

}  // namespace besa::wire
